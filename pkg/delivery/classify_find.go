package delivery

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
	sureVague    = 0.55 // words that hint at a reason
	sureBasic    = 0.5  // three digits
	sureNothing  = 0.2  // a code nobody defined
	contradicted = 0.6  // factor when the two codes differ in severity
)

// refWords is the source of a reason that no code says.
const refWords = "the words of the reply"

// findReason asks the tables in their order: the provider's own rules, the enhanced
// code where it says something definite, the words, and then the codes that only
// say "something about the mailbox" or "no".
func findReason(r Reply, class Class, at Stage, host string) finding {
	t := classifyTables()
	page, ok := t.pages.Get().(*page)
	if !ok {
		page = newPage()
	}
	defer t.pages.Put(page)
	page.read(r.Text(), t.phrases.vocabulary)
	rows := page.rows(page.all, t.phrases)
	answer := t.providers.match(r, rows, class, host, page.fits[:0])
	f := finding{rule: answer.rule, provider: answer.provider}
	if f.rule != nil {
		f.reason, f.ref, f.confidence = f.rule.Reason, f.rule.Source, sureRule
		return f
	}
	if len(page.spoken) < len(page.all) {
		rows = page.rows(page.spoken, t.phrases)
	}
	said := t.text.match(r, rows, class, at)
	f.reason, f.ref, f.confidence = t.byCodes(r, class, at, said)
	if said != nil && f.confidence < sureText && !(said.Vague && aboutMailbox(r.Enhanced)) {
		f.reason, f.ref, f.confidence = said.Reason, refWords, said.sure(class)
	}
	return f
}

// aboutMailbox reports whether an enhanced code speaks of an address or a mailbox
// (RFC 3463 §3.2, §3.3).
func aboutMailbox(c EnhancedCode) bool { return c.Subject == 1 || c.Subject == 2 }

// byCodes finds what the codes of a reply say, with little confidence where its
// words, if they said anything, are known to be more reliable.
func (t *tables) byCodes(r Reply, class Class, at Stage, said *textRow) (Reason, string, float64) {
	enhanced, known := t.enhanced[EnhancedCode{Subject: r.Enhanced.Subject, Detail: r.Enhanced.Detail}]
	known = known && !r.Enhanced.IsZero()
	if known {
		reason := enhanced.reason(class, at)
		weak := enhanced.Weak || said != nil && !said.Vague && enhanced.yields(said.Reason) || storageInDisguise(r)
		switch {
		case reason == "":
		case weak && t.basic[r.Code].Firm:
			basic := t.basic[r.Code]
			return basic.reason(class, at), basic.Ref, sureWeak
		case weak:
			return reason, enhanced.Ref, sureWeak
		default:
			return reason, enhanced.Ref, sureEnhanced
		}
	}
	if basic, ok := t.basic[r.Code]; ok {
		return basic.reason(class, at), basic.Ref, sureBasic
	}
	if r.Code == 0 && r.Enhanced.IsZero() && at != "" {
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
