package delivery

import "cmp"

// Classify says what a reply means and what to do about it. at is the part of
// the session the reply came from; leave it empty when that is not known, as in
// a log or a bounce.
//
// It is a pure function over the tables in data. What a provider documents of its
// own replies speaks first, then the enhanced status code where it says something
// definite, then the words, then the codes that only say "something about the
// mailbox" or "no". A zero Reply is a server that said nothing.
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

// judge makes a verdict of a failure and its reason.
func judge(f finding, r Reply, class Class, at Stage) Verdict {
	switch {
	case beforeRecipient(at):
		f.reason = aboutUs(f.reason, at)
	case at == StageMessage && f.reason == ReasonAddressSyntax:
		f.reason = ReasonMessageMalformed // the address was taken; one in the header is meant
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
	if !lasting(class) || differ {
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
// bounce or a log says of a failure that is final.
func lasting(class Class) bool { return class == ClassPermanent || class == ClassUnknown }

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

// aboutUs turns a reason that speaks of a recipient, or of nothing in particular, into
// what it can mean before one was named.
func aboutUs(reason Reason, at Stage) Reason {
	if at == StageAuth && reason == ReasonPolicy {
		return ReasonAuthFailed
	}
	if reason.Info().Scope != ScopeRecipient || reason == ReasonSMTPUTF8Required {
		return reason
	}
	switch at {
	case StageMail:
		return ReasonSenderRejected
	case StageAuth:
		return ReasonAuthFailed
	default:
		return ReasonPolicy
	}
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
