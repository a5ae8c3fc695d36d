package delivery

import "time"

// An Outcome is the state a recipient is left in.
type Outcome string

// The outcomes. A recipient that was never tried has none.
const (
	OutcomeDelivered  Outcome = "delivered"  // the server took responsibility (2yz after the final dot)
	OutcomeDeferred   Outcome = "deferred"   // a temporary failure; worth trying again
	OutcomeBounced    Outcome = "bounced"    // a permanent failure, or temporary ones for too long
	OutcomeSuppressed Outcome = "suppressed" // on the suppression list; never tried
	OutcomeSkipped    Outcome = "skipped"    // the row was set aside as bad; never tried
	OutcomeUnknown    Outcome = "unknown"    // handed over, but the answer was lost; may or may not have arrived
)

// A Stage is the part of an SMTP session a reply belongs to.
type Stage string

// The stages, in the order of a session.
const (
	StageDNS      Stage = "dns"      // finding the server
	StageConnect  Stage = "connect"  // opening the TCP connection, and TLS where it comes first
	StageGreeting Stage = "greeting" // the server's first line
	StageHello    Stage = "ehlo"     // EHLO or HELO
	StageTLS      Stage = "starttls" // STARTTLS and the handshake
	StageAuth     Stage = "auth"     // AUTH and its exchange
	StageMail     Stage = "mail"     // MAIL FROM
	StageRcpt     Stage = "rcpt"     // RCPT TO
	StageData     Stage = "data"     // DATA, up to 354
	StageMessage  Stage = "message"  // the message and the reply to its final dot
	StageReset    Stage = "rset"     // RSET
	StageQuit     Stage = "quit"     // QUIT
)

// An Attempt is one try to hand one message to one server for one recipient,
// and what came of it. It is what the ledger keeps, what progress counts and
// what the JSON lines show.
type Attempt struct {
	Time        time.Time     // when the attempt ended
	Recipient   Address       // whom it was for
	Number      int           // 1 for the first attempt
	Destination string        // the key its limits hang on
	Host        string        // the server's name; empty when none was reached
	IP          string        // the server's address; empty when none was reached
	Stage       Stage         // how far the conversation came
	Reply       Reply         // the deciding reply; zero when the server said nothing
	Err         string        // why there is no reply (a network or TLS error); empty otherwise
	Outcome     Outcome       // the state the recipient is in now
	Verdict     Verdict       // what the reply means
	MessageID   string        // with angle brackets
	TLS         string        // "TLSv1.3 TLS_AES_128_GCM_SHA256"; empty on a plain connection
	Size        int64         // octets of the message
	Duration    time.Duration // from the first command of this message to the deciding reply
}
