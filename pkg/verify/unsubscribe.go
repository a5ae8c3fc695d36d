package verify

import (
	"net/url"
	"strings"
)

// oneClick is what List-Unsubscribe-Post says (RFC 8058 §3.1).
const oneClick = "List-Unsubscribe=One-Click"

// unsubscribeFindings judges the fields by which people leave a list: what bulk
// senders must offer, with one click and under a signature that passes (RFC 8058
// §4).
func unsubscribeFindings(m *message, signatures []*Signature) []Finding {
	finding := Finding{Severity: SeverityWarning, Standard: StandardUnsubscribe, Subject: "List-Unsubscribe", Ref: "RFC 8058 §3.1"}
	one := func(id, text, fix string) []Finding {
		finding.ID, finding.Message, finding.Fix = id, text, fix
		return []Finding{finding}
	}
	list, post := m.all("List-Unsubscribe"), m.all("List-Unsubscribe-Post")
	if len(list) == 0 {
		finding.Severity = SeverityNotice
		if len(post) > 0 {
			finding.Severity = SeverityWarning
		}
		return one("unsubscribe-missing", "the message has no List-Unsubscribe field, which mail to many people needs",
			"add List-Unsubscribe with an https address, and List-Unsubscribe-Post: "+oneClick)
	}
	finding.Record = "List-Unsubscribe: " + list[0].text()
	web, usable := unsubscribeURIs(list[0].text())
	switch {
	case !usable:
		return one("unsubscribe-bad-uri", "List-Unsubscribe has no https or mailto address in angle brackets", "write List-Unsubscribe: <https://…>")
	case !web:
		return one("unsubscribe-no-https", "List-Unsubscribe has no https address, so that nobody can unsubscribe with one click", "add <https://…> to it")
	case len(post) == 0:
		return one("unsubscribe-no-post", "List-Unsubscribe-Post is missing: without it there is no one-click unsubscription, which large receivers ask of bulk senders",
			"add List-Unsubscribe-Post: "+oneClick)
	case !strings.EqualFold(unspaced(post[0].text()), oneClick):
		finding.Subject, finding.Record = "List-Unsubscribe-Post", "List-Unsubscribe-Post: "+post[0].text()
		return one("unsubscribe-bad-post", "List-Unsubscribe-Post does not say what RFC 8058 wants", "write List-Unsubscribe-Post: "+oneClick)
	}
	finding.Ref = "RFC 8058 §4"
	fix, undecided := "name both fields in h= of the signature", false
	for _, s := range signatures {
		if !s.covers("List-Unsubscribe", len(list)) || !s.covers("List-Unsubscribe-Post", len(post)) {
			continue
		}
		if s.Result == DKIMPass {
			return nil
		}
		undecided = undecided || s.Result == DKIMTempError
		fix = "both are signed: mend why the signature does not pass"
	}
	if undecided {
		finding.Severity = SeverityUnknown
		return one("unsubscribe-not-signed", "whether List-Unsubscribe and List-Unsubscribe-Post are under a DKIM signature that passes could not be judged", "")
	}
	return one("unsubscribe-not-signed", "List-Unsubscribe and List-Unsubscribe-Post are not both under a DKIM signature that passes, so that receivers offer no one-click unsubscription", fix)
}

// unsubscribeURIs reports whether one of the addresses is of the web, and whether
// any can be used (RFC 2369 §2).
func unsubscribeURIs(text string) (web, usable bool) {
	for _, part := range strings.Split(text, "<")[1:] {
		uri, _, closed := strings.Cut(part, ">")
		u, err := url.Parse(unspaced(uri))
		if !closed || err != nil {
			continue
		}
		switch {
		case u.Scheme == "https" && u.Host != "":
			web, usable = true, true
		case u.Scheme == "mailto" && u.Opaque != "", u.Scheme == "http" && u.Host != "":
			usable = true
		}
	}
	return web, usable
}
