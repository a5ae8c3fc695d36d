package delivery

import (
	"cmp"
	"slices"
)

// Classify says what a reply means and what to do about it. at is the part of
// the session the reply came from; leave it empty when that is not known, as in
// a log or a bounce.
//
// It is a pure function over the tables in data. The enhanced status code speaks
// first where it says something definite, then the text, then the codes that only
// say "something about the mailbox" or "no". A zero Reply is a server that said
// nothing.
//
// Unsure means temporary and soft: an address is called dead ([BounceHard]) only
// by a lasting refusal of the address itself, and never by a reply whose two
// codes contradict each other or that came before the address was named.
func Classify(r Reply, at Stage) Verdict { return ClassifyFrom(r, at, "") }

// ClassifyFrom is [Classify] for a reply that a known server gave: host is its name,
// or the recipient's domain, by which the provider is known where the words do not
// give it away. It may be empty.
func ClassifyFrom(r Reply, at Stage, host string) Verdict {
	if r.IsZero() {
		return silence(at)
	}
	class := classOf(r)
	if class == ClassSuccess || class == ClassIntermediate {
		return succeeded(r, class, at)
	}
	f := findReason(r, class, at, host)
	if manyRecipients(r, f.reason, at) {
		class = ClassTemporary
		f.ref = "RFC 5321 §4.5.3.1.10"
	}
	return judge(f, r, class, at)
}

// A finding is a reason and how it was found.
type finding struct {
	reason     Reason
	ref        string
	confidence float64
	rule       *providerRule // the rule that says so, nil when it was another table
	provider   string
}

// How sure each way of finding a reason is. What a later rule says is worth less
// than what an earlier one does; unseen mail decides the numbers' order, not
// their second digit.
const (
	sureRule     = 0.97 // the provider documents it
	sureEnhanced = 0.95 // a code that means one thing
	sureText     = 0.85 // the words of the reply
	sureWords    = 0.7  // words without any code
	sureWeak     = 0.6  // a code that means many things
	sureBasic    = 0.5  // three digits
	sureNothing  = 0.2  // a code nobody defined
	contradicted = 0.6  // factor when the two codes differ in severity
)

// findReason asks the tables in their order: the provider's own rules, the enhanced
// code where it says something definite, the words, and then the codes that only
// say "something about the mailbox" or "no".
func findReason(r Reply, class Class, at Stage, host string) finding {
	t := classifyTables()
	var buffers [2][512]byte
	all, spoken := spokenWords(r.Text(), buffers[0][:0], buffers[1][:0])
	answer := t.providers.match(r, all, class, host)
	f := finding{rule: answer.rule, provider: answer.provider}
	if f.rule != nil {
		f.reason, f.ref, f.confidence = f.rule.Reason, f.rule.Source, sureRule
		return f
	}
	said, spoke := t.text.match(r, spoken, class, at)
	f.reason, f.ref, f.confidence = t.byCodes(r, class, at, said)
	if spoke && f.confidence < sureText {
		f.reason, f.ref, f.confidence = said, "text", sureText
		if class == ClassUnknown {
			f.confidence = sureWords
		}
	}
	return f
}

// byCodes finds what the codes of a reply say, unless its words, whose reason is
// said, are known to be more reliable.
func (t *tables) byCodes(r Reply, class Class, at Stage, said Reason) (Reason, string, float64) {
	enhanced, known := t.enhanced[EnhancedCode{Subject: r.Enhanced.Subject, Detail: r.Enhanced.Detail}]
	known = known && !r.Enhanced.IsZero()
	if known {
		reason := enhanced.reason(class, at)
		weak := enhanced.Weak || slices.Contains(enhanced.Yields, said) || storageInDisguise(r)
		switch {
		case reason == "":
		case weak:
			return reason, enhanced.Ref, sureWeak
		default:
			return reason, enhanced.Ref, sureEnhanced
		}
	}
	if basic, ok := t.basic[r.Code]; ok {
		return basic.reason(class, at), basic.Ref, sureBasic
	}
	if r.Code == 0 && r.Enhanced.IsZero() {
		return ReasonProtocolError, "RFC 5321 §4.2", sureWeak
	}
	return ReasonUnknown, "RFC 5321 §4.2.1", sureNothing
}

// storageInDisguise reports whether a reply says X.1.1, bad mailbox address, with
// a basic code that only speaks of storage. Servers that do so mean a full mailbox
// or too much mail at a time, so that their words decide.
func storageInDisguise(r Reply) bool {
	return (r.Code == 452 || r.Code == 552) && r.Enhanced.Subject == 1 && r.Enhanced.Detail == 1
}

// judge makes a verdict of a failure and its reason.
func judge(f finding, r Reply, class Class, at Stage) Verdict {
	if beforeRecipient(at) {
		f.reason = aboutUs(f.reason, at)
	}
	info := f.reason.Info()
	v := Verdict{
		Class: class, Reason: f.reason, Bounce: info.Bounce, Scope: info.Scope,
		Action: info.Action, Ref: f.ref, Confidence: f.confidence, Meaning: info.Meaning, Advice: info.Advice,
		Provider: f.provider,
	}
	if f.rule != nil && f.reason == f.rule.Reason {
		v.Meaning, v.Advice = cmp.Or(f.rule.Meaning, v.Meaning), cmp.Or(f.rule.Advice, v.Advice)
	}
	differ := severitiesDiffer(r)
	if differ {
		v.Confidence *= contradicted
	}
	if !lasting(class, at) || differ {
		v.Bounce = BounceSoft
		if v.Action == ActionSuppress {
			v.Action = ActionRetryLater
		}
	}
	if inOpening(at) {
		openingVerdict(&v)
	}
	return v
}

// lasting reports whether a refusal is for good. Words without any code are what a
// bounce or a log says of a failure that is final; a server whose live answer has no
// code said nothing that counts.
func lasting(class Class, at Stage) bool {
	return class == ClassPermanent || class == ClassUnknown && at == ""
}

// openingVerdict narrows the verdict on a refusal that came before any message:
// it is about this connection and everything that would be sent over it.
func openingVerdict(v *Verdict) {
	if v.Scope == ScopeMessage || v.Scope == ScopeRecipient {
		v.Scope = ScopeConnection
	}
	if v.Class == ClassPermanent && v.Action != ActionFixSender {
		v.Action = ActionStop
	}
}

// aboutUs turns a reason that speaks of a recipient into what it can mean before
// one was named.
func aboutUs(reason Reason, at Stage) Reason {
	if reason.Info().Scope != ScopeRecipient || reason == ReasonSMTPUTF8Required {
		return reason
	}
	if at == StageMail {
		return ReasonSenderRejected
	}
	return ReasonPolicy
}

// silence is the verdict when the server said nothing.
func silence(at Stage) Verdict {
	reason := ReasonNetworkError
	if at == StageTLS {
		reason = ReasonTLSFailed
	}
	info := reason.Info()
	return Verdict{
		Class: ClassUnknown, Reason: reason, Bounce: BounceSoft, Scope: info.Scope,
		Action: ActionRetry, Ref: "RFC 5321 §4.5.4.1", Confidence: sureWeak, Meaning: info.Meaning, Advice: info.Advice,
	}
}

// succeeded is the verdict on 2yz and 3yz, whatever else the reply says.
func succeeded(r Reply, class Class, at Stage) Verdict {
	reason := ReasonAccepted
	if class == ClassIntermediate {
		reason = ReasonContinue
	}
	f := finding{reason: reason, ref: "RFC 5321 §4.2.1", confidence: sureEnhanced}
	if row, ok := classifyTables().basic[r.Code]; ok {
		f.ref = row.Ref
	}
	info := reason.Info()
	v := Verdict{
		Class: class, Reason: reason, Bounce: BounceNone, Scope: info.Scope,
		Action: ActionNone, Ref: f.ref, Confidence: f.confidence, Meaning: info.Meaning, Advice: info.Advice,
	}
	if beforeRecipient(at) {
		v.Scope = ScopeConnection
	}
	return v
}

// classOf reads the first digit: the basic code's, which alone decides what an
// SMTP client does (RFC 5321 §4.2.1), or the enhanced code's when it stands alone.
func classOf(r Reply) Class {
	digit := r.Code / 100
	if r.Code == 0 {
		digit = r.Enhanced.Class
	}
	switch digit {
	case 2:
		return ClassSuccess
	case 3:
		return ClassIntermediate
	case 4:
		return ClassTemporary
	case 5:
		return ClassPermanent
	}
	return ClassUnknown
}

// severitiesDiffer reports whether the enhanced code contradicts the basic one,
// which RFC 2034 §4 forbids and servers do.
func severitiesDiffer(r Reply) bool {
	return r.Code != 0 && !r.Enhanced.IsZero() && r.Code/100 != r.Enhanced.Class
}

// manyRecipients reports whether a 552 means that the recipients so far are
// enough for one message, which RFC 5321 §4.5.3.1.10 makes temporary for the rest.
func manyRecipients(r Reply, reason Reason, at Stage) bool {
	return r.Code == 552 && reason == ReasonTooManyRecipients && (at == StageRcpt || at == "")
}

// beforeRecipient reports whether a reply came before a recipient was named.
func beforeRecipient(at Stage) bool { return at == StageMail || inOpening(at) }

// inOpening reports whether a reply came before the first message.
func inOpening(at Stage) bool {
	switch at {
	case StageDNS, StageConnect, StageGreeting, StageHello, StageTLS, StageAuth:
		return true
	case StageMail, StageRcpt, StageData, StageMessage, StageReset, StageQuit:
	}
	return false
}
