package probe

import "slices"

// A Rule is what a finding can be about. The set is closed: every finding has the
// id of one, and what the rule says holds for all findings of that id.
type Rule struct {
	ID       string   `json:"id"`
	Standard Standard `json:"standard"`
	// Severity is that of the findings, unless the case is graver or more harmless
	// than usual.
	Severity Severity `json:"severity"`
	Title    string   `json:"title"`         // what is wrong
	Why      string   `json:"why"`           // what comes of it
	Fix      string   `json:"fix"`           // what to do, where that is always the same
	Ref      string   `json:"ref,omitempty"` // such as "RFC 8314 §4.1"
}

// Rules returns all rules, in the order of the standards.
func Rules() []Rule { return slices.Concat(ruleTables()...) }

// RuleOf returns the rule of an id.
func RuleOf(id string) (Rule, bool) {
	for _, table := range ruleTables() {
		for _, rule := range table {
			if rule.ID == id {
				return rule, true
			}
		}
	}
	return Rule{}, false
}

func ruleTables() [][]Rule {
	return [][]Rule{
		networkRules[:], greetingRules[:], smtpRules[:], tlsRules[:], certificateRules[:],
		daneRules[:], mtastsRules[:], authRules[:],
	}
}

// networkRules are about whether a server is there at all.
var networkRules = [...]Rule{
	{"net-no-such-name", StandardNetwork, SeverityError, "the name does not exist", "nobody can connect to it", "mend the name, or publish its address", "RFC 5321 §5.1"},
	{"net-no-address", StandardNetwork, SeverityError, "the name has no address", "nobody can connect to it", "publish an A or AAAA record for it", "RFC 5321 §5.1"},
	{"net-dns-unknown", StandardNetwork, SeverityUnknown, "the DNS could not be asked", "nothing is known until it answers", "", "RFC 5321 §5.1"},
	{"net-invalid-name", StandardNetwork, SeverityError, "an MX record does not name a host", "senders cannot use it", "name a host that has an address", "RFC 5321 §5.1"},
	{"net-null-mx", StandardNetwork, SeverityNotice, "the domain takes no mail", "its null MX record says so", "", "RFC 7505 §3"},
	{"net-refused", StandardNetwork, SeverityError, "the connection is refused", "the host answers, and nobody listens at that port", "start the server, or open the port in its firewall", "RFC 5321 §4.5.4.1"},
	{"net-timeout", StandardNetwork, SeverityUnknown, "nothing answers", "the host is down, a firewall drops what comes, or the way there is broken", "", "RFC 5321 §4.5.4.1"},
	{"net-reset", StandardNetwork, SeverityError, "the connection is reset before a word is said", "a firewall or the server throws clients out", "look into the server's log and its firewall for the address that you come from", "RFC 5321 §3.8"},
	{"net-egress-blocked", StandardNetwork, SeverityUnknown, "port 25 is blocked on the way out of here", "this says nothing about the server: all connections to port 25 time out, and the same hosts answer otherwise", "ask your provider to open port 25, or probe from another machine", ""},
	{"net-no-route", StandardNetwork, SeverityUnknown, "there is no way from here to that address", "this says nothing about the server: this machine has no network that leads there", "probe from a machine that has one, such as IPv6", ""},
}

// greetingRules are about the first line.
var greetingRules = [...]Rule{
	{"smtp-greeting-refused", StandardSMTP, SeverityError, "the server greets with a refusal", "it takes no mail from this address, or from nobody", "look up the address that you come from in the server's log and on blocklists", "RFC 5321 §3.1"},
	{"smtp-greeting-busy", StandardSMTP, SeverityUnknown, "the server greets with a refusal for now", "it is busy, or limits the address that you come from: try again later", "", "RFC 5321 §3.8"},
	{"smtp-greeting-slow", StandardSMTP, SeverityWarning, "the greeting takes long", "impatient senders give up, and deliver late or never", "look for slow look-ups of client addresses, or for a tarpit", "RFC 5321 §4.5.3.2.1"},
	{"smtp-greeting-timeout", StandardSMTP, SeverityError, "the port is open and no greeting comes", "senders wait in vain", "look whether the server behind the port still works", "RFC 5321 §4.5.3.2.1"},
	{"smtp-greeting-endless", StandardSMTP, SeverityError, "the greeting does not end", "no sender reads on forever", "shorten the greeting to one line", "RFC 5321 §4.5.3.1.5"},
	{"smtp-greeting-closed", StandardSMTP, SeverityError, "the server closes the connection without a greeting", "senders learn nothing, and try again in vain", "look into the server's log; access lists of TCP wrappers do this", "RFC 5321 §3.1"},
	{"smtp-greeting-control", StandardSMTP, SeverityWarning, "the greeting holds control characters", "shown on a terminal as they are, they can change what is seen", "take them out of the greeting", "RFC 5321 §4.2"},
	{"smtp-speaks-http", StandardSMTP, SeverityError, "a web server answers, not a mail server", "no mail can be handed over there", "mend the port, or the proxy in front", ""},
	{"smtp-speaks-tls", StandardSMTP, SeverityError, "the server wants TLS at once where clients wait for a greeting", "neither side begins", "turn implicit TLS off at this port and offer STARTTLS; port 465 is for the other", "RFC 8314 §7.3"},
	{"smtp-not-smtp", StandardSMTP, SeverityError, "what answers does not speak SMTP", "no mail can be handed over there", "look what listens at the port", "RFC 5321 §4.2"},
}

// smtpRules are about the dialogue behind the greeting.
var smtpRules = [...]Rule{
	{"smtp-ehlo-refused", StandardSMTP, SeverityError, "the server refuses EHLO and HELO", "it does not accept the name of this machine, or no client", "give a name that leads to your address with --helo, or look into the server's log", "RFC 5321 §4.1.4"},
	{"smtp-ehlo-busy", StandardSMTP, SeverityUnknown, "the server refuses EHLO for now", "it is busy, or limits the address that you come from: try again later", "", "RFC 5321 §3.8"},
	{"smtp-no-ehlo", StandardSMTP, SeverityWarning, "the server knows HELO only", "there is no TLS, no size limit and no 8-bit mail; a firewall that inspects SMTP does this too", "turn the inspection of SMTP off, or update the server", "RFC 5321 §2.2.1"},
	{"smtp-reply-too-long", StandardSMTP, SeverityError, "a reply does not end", "no client reads on forever", "look what the server says there", "RFC 5321 §4.5.3.1.5"},
	{"smtp-reply-malformed", StandardSMTP, SeverityError, "a reply is none of SMTP", "clients cannot go on", "look for a proxy or firewall between", "RFC 5321 §4.2"},
	{"smtp-timeout", StandardSMTP, SeverityError, "the server stops answering", "clients wait in vain", "look into the server's log", "RFC 5321 §4.5.3.2"},
	{"smtp-closed", StandardSMTP, SeverityError, "the server closes the connection in the middle", "clients cannot go on", "look into the server's log", "RFC 5321 §3.8"},
	{"smtp-reset", StandardSMTP, SeverityError, "the connection is reset in the middle", "clients cannot go on", "look into the server's log, and at firewalls between", "RFC 5321 §3.8"},
	{"smtp-limit", StandardSMTP, SeverityUnknown, "the session took too long altogether", "what comes behind that was not seen", "", ""},
	{"smtp-ptr-missing", StandardSMTP, SeverityNotice, "the server's address has no name that leads back to it", "mail that is sent from this address is refused by large receivers", "have the owner of the address publish a PTR record", "RFC 1912 §2.1"},
	{"smtp-ptr-name", StandardSMTP, SeverityNotice, "the server calls itself otherwise than its address is called", "mail that it sends under that name looks less trustworthy", "give the server the name that the PTR record has, or the other way round", "RFC 5321 §4.1.4"},
	{"smtp-starttls-injection", StandardSMTP, SeverityError, "the server obeys commands that came before TLS as if they came within", "an attacker can put commands into the encrypted session", "update the server, or turn pipelining behind STARTTLS off", "RFC 3207 §6, CVE-2011-0411"},
	{"smtp-starttls-injection-none", StandardSMTP, SeverityOK, "commands that came before TLS are forgotten", "nobody can put commands into the encrypted session", "", "RFC 3207 §4.2"},
	{"smtp-starttls-injection-unknown", StandardSMTP, SeverityUnknown, "whether commands in front of TLS are obeyed could not be found out", "the session did not come that far", "", "RFC 3207 §6"},
	{"smtp-open-relay", StandardSMTP, SeverityWarning, "the server may be an open relay", "it accepts a recipient of a foreign domain; whether it would take and pass on a message was not tried", "allow relaying to clients that have logged in only; from an address that may relay this is as it should be", "RFC 5321 §3.6.2"},
	{"smtp-open-relay-none", StandardSMTP, SeverityOK, "the server refuses recipients of foreign domains", "it is no relay for the address that you come from", "", "RFC 5321 §3.6.2"},
	{"smtp-open-relay-unknown", StandardSMTP, SeverityUnknown, "whether the server relays could not be asked", "it did not come to the question, or put it off", "", "RFC 5321 §3.6.2"},
}

// authRules are about AUTH.
var authRules = [...]Rule{
	{"auth-without-tls", StandardAuth, SeverityError, "the server takes passwords without TLS", "whoever sits between reads them", "offer AUTH under TLS only", "RFC 8314 §4.1"},
	{"auth-missing", StandardAuth, SeverityNotice, "the server offers no login", "people cannot send their mail there", "offer AUTH under TLS", "RFC 6409 §4.3"},
	{"auth-login", StandardAuth, SeverityOK, "the login is accepted", "no mail was sent to prove it", "", "RFC 4954 §4"},
	{"auth-login-failed", StandardAuth, SeverityError, "the login is not accepted", "mail cannot be sent with it", "look at user name, password and mechanism", "RFC 4954 §4"},
	{"auth-login-unsafe", StandardAuth, SeverityError, "the login was not tried", "the server does not prove its name, and the password would go to a stranger", "mend the certificate, or name its authority with --ca-file", "RFC 8314 §4.1"},
	{"auth-login-unknown", StandardAuth, SeverityUnknown, "whether the login is accepted could not be found out", "the session did not come that far", "", "RFC 4954 §4"},
}
