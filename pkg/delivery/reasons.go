package delivery

import "slices"

// A Reason says what happened to a message, in one word of a closed list. See
// [Reasons] for what each means.
type Reason string

// The reasons, from the recipient outwards.
const (
	ReasonAccepted              Reason = "accepted"               // taken
	ReasonContinue              Reason = "continue"               // the server waits for more
	ReasonMailboxUnknown        Reason = "mailbox-unknown"        // no such mailbox
	ReasonMailboxDisabled       Reason = "mailbox-disabled"       // there, but closed
	ReasonMailboxMoved          Reason = "mailbox-moved"          // elsewhere now
	ReasonMailboxUnavailable    Reason = "mailbox-unavailable"    // there, but not now
	ReasonMailboxFull           Reason = "mailbox-full"           // over its quota
	ReasonRecipientRestricted   Reason = "recipient-restricted"   // only certain senders may write to it
	ReasonSuppressed            Reason = "suppressed"             // a relay no longer writes to it
	ReasonAddressSyntax         Reason = "address-syntax"         // not an address
	ReasonSMTPUTF8Required      Reason = "smtputf8-required"      // an address in a script the server cannot handle
	ReasonDomainUnknown         Reason = "domain-unknown"         // no such domain
	ReasonDomainNoMail          Reason = "domain-no-mail"         // the domain takes no mail
	ReasonRouting               Reason = "routing"                // the way to the mailbox is broken
	ReasonMailLoop              Reason = "mail-loop"              // the way to the mailbox goes in circles
	ReasonRelayDenied           Reason = "relay-denied"           // not this server's business
	ReasonSpam                  Reason = "spam"                   // looked unwanted
	ReasonVirus                 Reason = "virus"                  // carried something harmful
	ReasonContentRejected       Reason = "content-rejected"       // what it says or carries
	ReasonMessageMalformed      Reason = "message-malformed"      // how it is built
	ReasonMessageTooLarge       Reason = "message-too-large"      // its size
	ReasonSenderRejected        Reason = "sender-rejected"        // the sender's address
	ReasonSenderUnauthenticated Reason = "sender-unauthenticated" // SPF, DKIM, DMARC
	ReasonReverseDNS            Reason = "reverse-dns"            // the sending IP's name
	ReasonBlocklisted           Reason = "blocklisted"            // on a list
	ReasonReputation            Reason = "reputation"             // a bad name
	ReasonPolicy                Reason = "policy"                 // a rule of the receiver's
	ReasonGreylisted            Reason = "greylisted"             // come back in a while
	ReasonRateLimited           Reason = "rate-limited"           // too much in too short a time
	ReasonTooManyConnections    Reason = "too-many-connections"   // too much at once
	ReasonTooManyRecipients     Reason = "too-many-recipients"    // too many in one message
	ReasonServerBusy            Reason = "server-busy"            // not now
	ReasonServerFull            Reason = "server-full"            // its disk
	ReasonServerError           Reason = "server-error"           // its own trouble
	ReasonMailerError           Reason = "mailer-error"           // the program that files the mail
	ReasonNetworkError          Reason = "network-error"          // the connection
	ReasonTLSRequired           Reason = "tls-required"           // not without encryption
	ReasonTLSFailed             Reason = "tls-failed"             // encryption did not come about
	ReasonAuthRequired          Reason = "auth-required"          // not without logging in
	ReasonAuthFailed            Reason = "auth-failed"            // logging in did not work
	ReasonProtocolError         Reason = "protocol-error"         // a misunderstanding in SMTP
	ReasonExpired               Reason = "expired"                // tried for too long
	ReasonUnknown               Reason = "unknown"                // it does not say
)

// A ReasonInfo describes a [Reason]: what it means, what to do, and how far a
// lasting refusal for this reason reaches. A temporary refusal is never hard.
type ReasonInfo struct {
	Reason  Reason
	Meaning string // one sentence
	Advice  string // one sentence
	Bounce  Bounce
	Scope   Scope
	Action  Action
}

// Info returns the description of r, or that of [ReasonUnknown] for a reason
// outside the list.
func (r Reason) Info() ReasonInfo {
	i := slices.IndexFunc(reasons, func(info ReasonInfo) bool { return info.Reason == r })
	if i < 0 {
		return reasons[len(reasons)-1]
	}
	return reasons[i]
}

// Reasons returns the closed list of reasons with their descriptions.
func Reasons() []ReasonInfo { return slices.Clone(reasons) }
