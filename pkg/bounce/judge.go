package bounce

import (
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A candidate is one wording of why a message was not delivered.
type candidate struct {
	reply delivery.Reply // may be zero
	text  string         // the words around it that say anything
	whole string         // all of them, when that is more
	stage delivery.Stage // the part of the session it answers; empty when that is not said

	// bare is reply without a status that it has of the report only.
	bare delivery.Reply
}

// judgeStatus judges a recipient of a delivery status: by the diagnostic code, by
// what the human-readable part says of the recipient, by the status.
func (m *message) judgeStatus(r *Report, g statusGroup, entries []entry, groups int) {
	status := g.status()
	if status.Class == 2 && r.Kind != KindDelivered { // the action knows better
		status = delivery.EnhancedCode{}
	}
	var candidates []candidate
	for _, value := range g.all("Diagnostic-Code") {
		candidates = append(candidates, diagnosis(r.Kind, diagnosticText(value), status))
	}
	if comment := g.statusComment(); comment != "" && len(candidates) == 0 {
		candidates = append(candidates, diagnosis(r.Kind, comment, status))
	}
	own := false
	for _, e := range entries {
		if sameMailbox(e.address, r.Recipient) || !r.Original.IsZero() && sameMailbox(e.address, r.Original) || m.isMadeOf(e.address, r.Recipient) {
			candidates = append(candidates, m.entryCandidate(e, status))
			own = true
		}
	}
	if !own && groups == 1 {
		candidates = append(candidates, m.entryCandidate(entry{text: m.human}, status))
	}
	m.judge(r, candidates)
	if worthOf(r.Verdict) == 0 {
		m.judge(r, append(candidates, candidate{reply: delivery.Reply{Enhanced: status}}))
	}
	if r.Reply.Enhanced.IsZero() && (r.Reply.Code == 0 || r.Reply.Code/100 == status.Class) {
		r.Reply.Enhanced = status
	}
}

// diagnosis makes a candidate of a diagnostic code.
func diagnosis(kind Kind, text string, status delivery.EnhancedCode) candidate {
	quote := quoteIn(text)
	reply := quote.Reply
	if whole, err := delivery.ParseReply(text); kind == KindDelivered || reply.Code == 0 && err == nil && whole.Code >= 400 {
		reply = whole // "250 ok", "552 1 words"
	}
	if reply.IsZero() {
		reply = wordsOnly(text)
	}
	addStatus(&reply, status)
	return candidate{reply: reply, text: text, stage: quote.Stage}
}

// diagnosticText takes the type off a Diagnostic-Code (RFC 3464 §2.3.6).
func diagnosticText(value string) string {
	if kind, text, ok := strings.Cut(value, ";"); ok && len(kind) < 30 && !strings.Contains(strings.TrimSpace(kind), " ") {
		return strings.TrimSpace(text)
	}
	return value
}

// wordsOnly is a reply without a code; an enhanced one it may have, of a failure.
func wordsOnly(text string) delivery.Reply {
	reply, _ := delivery.ParseReply("500 " + clean(text))
	reply.Code = 0
	if reply.Enhanced.Class == 2 {
		reply.Enhanced = delivery.EnhancedCode{}
	}
	return reply
}

// addStatus gives a reply the status of the report, unless it has an enhanced
// code of its own or another severity.
func addStatus(reply *delivery.Reply, status delivery.EnhancedCode) {
	if reply.Enhanced.IsZero() && (reply.Code == 0 || reply.Code/100 == status.Class) {
		reply.Enhanced = status
	}
}

// entryCandidate makes a candidate of what the text says about a recipient.
func (m *message) entryCandidate(e entry, status delivery.EnhancedCode) candidate {
	said := m.withoutPhrases(e.text)
	quote := quoteIn(said)
	reply := quote.Reply
	if reply.IsZero() {
		reply = wordsOnly(said)
	}
	bare := reply
	addStatus(&reply, status)
	if strings.TrimSpace(said) == "" {
		said = e.text
	}
	return candidate{reply: reply, text: said, whole: e.text, stage: quote.Stage, bare: bare}
}

// judge fills a report from the candidate that says most.
func (m *message) judge(r *Report, candidates []candidate) {
	best := -1.0
	stage := stageOf(candidates)
	for i, c := range candidates {
		if c.stage == "" {
			c.stage = stage
		}
		v := m.verdict(r, c)
		worth := worthOf(v)
		if worth <= best {
			continue
		}
		if i > 0 && (keepsFirst(r.Verdict, v) || best > 0 && m.saysStatus(r, c)) {
			continue
		}
		best = worth
		r.Verdict, r.Reply = v, c.reply
		r.Diagnostic = m.wording(c, candidates, v.Reason)
	}
	if r.Kind == KindDelay && r.Verdict.Bounce == delivery.BounceHard { // whoever still tries has not given up
		r.Verdict.Bounce, r.Verdict.Action = delivery.BounceSoft, delivery.ActionRetryLater
	}
	if r.Verdict.Provider == "" {
		r.Verdict.Provider = delivery.Provider(r.Recipient.Domain)
	}
}

// saysStatus reports whether a later candidate has nothing to say but the status of the
// report, which an earlier one with words of its own was judged by, too.
func (m *message) saysStatus(r *Report, c candidate) bool {
	if c.bare.Code != 0 || c.bare.Enhanced == c.reply.Enhanced {
		return false
	}
	c.reply = c.bare
	return worthOf(m.verdict(r, c)) == 0
}

// stageOf returns the part of the session that the first candidate which names one
// does: all of them speak of the same refusal.
func stageOf(candidates []candidate) delivery.Stage {
	for _, c := range candidates {
		if c.stage != "" {
			return c.stage
		}
	}
	return ""
}

// keepsFirst reports whether an earlier candidate, which stands nearer to the
// server's own words, is right about the recipient's fate whatever a later one
// says.
func keepsFirst(first, later delivery.Verdict) bool {
	return first.Class == delivery.ClassTemporary && later.Class == delivery.ClassPermanent && first.Reason != delivery.ReasonUnknown &&
		later.Reason != delivery.ReasonExpired
}

// worthOf says how much a verdict tells.
func worthOf(v delivery.Verdict) float64 {
	switch v.Reason {
	case delivery.ReasonUnknown:
		return 0
	case delivery.ReasonProtocolError, delivery.ReasonPolicy, delivery.ReasonServerError:
		return v.Confidence / 4
	case delivery.ReasonExpired: // of what, something else may say
		return v.Confidence / 3
	case delivery.ReasonNetworkError, delivery.ReasonRouting, delivery.ReasonMailerError:
		return v.Confidence / 2
	}
	return v.Confidence
}

// How sure the phrases of data/marks.json are.
const surePhrase = 0.8

// verdict judges one candidate. A failure that names no code is a lasting one,
// and a delay is none, since a report exists to say which of the two it is.
func (m *message) verdict(r *Report, c candidate) delivery.Verdict {
	if r.Kind == KindDelivered {
		return delivery.Classify(delivery.Reply{Code: 250, Enhanced: c.reply.Enhanced}, "")
	}
	implied := c.reply
	if implied.Code == 0 && isVague(implied.Enhanced) { // 4.0.0 in a failure is a default, as 5.0.0 is
		implied.Enhanced = delivery.EnhancedCode{Class: 5}
		if r.Kind == KindDelay {
			implied.Enhanced.Class = 4
		}
	}
	v := r.classify(implied, c.stage)
	reason, ok := m.marks.reason(words(c.text))
	if !ok && worthOf(v) == 0 && toProgram(c.whole) {
		return override(v, delivery.ReasonMailerError)
	}
	if !ok || reason == v.Reason || !namesRecipient(c.stage) && reason.Info().Bounce == delivery.BounceHard {
		return v
	}
	if c.reply.Code == 0 && isMailboxStatus(c.reply.Enhanced) && reason != delivery.ReasonPolicy {
		return override(v, reason)
	}
	if v.Reason == delivery.ReasonExpired && c.reply.Enhanced.Detail != 7 && worthOf(delivery.Verdict{Reason: reason, Confidence: 1}) >= 0.5 {
		return override(v, reason) // what kept it from being delivered in time
	}
	vague := delivery.Verdict{Reason: reason, Confidence: surePhrase}
	spoken := c.reply.Code == 0 && isVague(c.reply.Enhanced)
	beaten := reason == delivery.ReasonPolicy && worthOf(v) > worthOf(vague) // "actively refused" is a connection
	if beaten || !spoken && worthOf(v) >= worthOf(vague)*0.75 || spoken && v.Confidence > surePhrase+0.06 {
		return v
	}
	return override(v, reason)
}

// namesRecipient reports whether a reply at a stage can speak of the recipient: one
// to an earlier command came before the recipient was named (RFC 5321 §3.3).
func namesRecipient(at delivery.Stage) bool {
	switch at {
	case delivery.StageConnect, delivery.StageGreeting, delivery.StageHello, delivery.StageTLS, delivery.StageAuth, delivery.StageMail:
		return false
	}
	return true
}

// classify judges a reply as one of the server that refused, by whose name the
// provider is known; else by the recipient's domain.
func (r *Report) classify(reply delivery.Reply, at delivery.Stage) delivery.Verdict {
	if r.RemoteMTA != "" {
		host, _, _ := strings.Cut(r.RemoteMTA, " ")
		if v := delivery.ClassifyFrom(reply, at, host); v.Provider != "" {
			return v
		}
	}
	return delivery.ClassifyFrom(reply, at, r.Recipient.Domain)
}

// isVague reports whether an enhanced code says nothing but its class.
func isVague(c delivery.EnhancedCode) bool { return c.Subject == 0 && c.Detail == 0 }

// isMailboxStatus reports whether an enhanced code says that it is something about the
// mailbox, and not what (RFC 3463 §3.3).
func isMailboxStatus(c delivery.EnhancedCode) bool { return c.Subject == 2 && c.Detail == 0 }

// override gives a verdict another reason, and what follows from it.
func override(v delivery.Verdict, reason delivery.Reason) delivery.Verdict {
	info := reason.Info()
	v.Reason, v.Bounce, v.Scope, v.Action = reason, info.Bounce, info.Scope, info.Action
	v.Meaning, v.Advice = info.Meaning, info.Advice
	v.Ref, v.Confidence = "text", surePhrase
	if v.Class != delivery.ClassPermanent {
		v.Bounce = delivery.BounceSoft
		if v.Action == delivery.ActionSuppress {
			v.Action = delivery.ActionRetryLater
		}
	}
	return v
}
