package check

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/bimi"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/https"
	"github.com/mailctl/mailctl/pkg/dmarc"
)

// judgeBIMI judges the brand indicator. A domain without one is as good as one
// with it: nothing is said then.
func judgeBIMI(c *collector, f *facts) any {
	b := f.bimi
	if b == nil {
		return BIMIRecords{Status: bimi.StatusUnknown}
	}
	step := b.step()
	name := "default._bimi." + f.domain
	switch b.Status {
	case bimi.StatusUnknown:
		c.add(note{id: "bimi-unknown", subject: name, what: whyUnknown(firstUnknown(b.Author.Answer, b.Organization.Answer))})
	case bimi.StatusSeveral:
		fix := bimiFix(step.Answer.Target(), step.Records[0])
		if record := kept(step.Records, (*bimi.Record).Valid); record != nil {
			fix = txtLine(step.Answer.Target(), record.String())
		}
		c.add(note{id: "bimi-several-records", subject: name, record: raw(step.Answer), fix: fix})
	case bimi.StatusInvalid:
		problem := b.Record.Problems[0]
		c.add(note{id: "bimi-invalid-record", subject: name, what: fmt.Sprintf("the BIMI record has a mistake (%s)", slip(problem.Kind, problem.Value, problem.Pos)), record: b.Record.Raw, fix: bimiFix(step.Answer.Target(), b.Record)})
	case bimi.StatusNone:
		for _, other := range b.Author.Other {
			if strings.Contains(strings.ToLower(other.Raw), "bimi") {
				c.add(note{id: "bimi-not-a-record", subject: name, record: other.Raw, fix: bimiFix(b.Author.Answer.Target(), other)})
			}
		}
	case bimi.StatusFound:
		judgeIndicator(c, f)
	case bimi.StatusDeclined:
	}
	r := BIMIRecords{Status: b.Status, Domain: b.Domain, Records: step.Answer.Texts()}
	if b.Record != nil {
		r.Location, r.Authority = b.Record.Location, b.Record.Authority
	}
	return r
}

// step is where the record is, or would be looked for first.
func (b *bimiFacts) step() bimi.Step {
	if b.Domain != "" && b.Domain != b.Author.Domain {
		return b.Organization
	}
	return b.Author
}

// What of a record only the reader knows.
const (
	logoHole        = "https://<host>/logo.svg"
	certificateHole = "https://<host>/certificate.pem"
)

// bimiFix is a record with what can be used of another one.
func bimiFix(name string, record *bimi.Record) string {
	tags := strings.ReplaceAll(record.Tags.Without("v").String(), "http://", "https://")
	usable, _ := bimi.Parse("v=BIMI1; " + tags)
	for _, p := range usable.Problems {
		if p.Tag == "l" {
			usable.Location = ""
		}
	}
	mended := "v=BIMI1; l=" + cmp.Or(usable.Location, logoHole)
	if _, ok := record.Tags.Get("a"); ok {
		mended += "; a=" + cmp.Or(usable.Authority, certificateHole)
	}
	return "serve the documents over HTTPS, and name them:\n" + txtLine(name, mended)
}

func tinyPS(url string) string {
	return "convert it to SVG Tiny PS (version 1.2, baseProfile tiny-ps, a title, nothing that moves, runs or comes from elsewhere), and serve it at " + url
}

func judgeIndicator(c *collector, f *facts) {
	b := f.bimi
	step := b.step()
	add := func(id, what, fix string) {
		c.add(note{id: id, subject: "default._bimi." + b.Domain, what: what, record: b.Record.Raw, fix: fix})
	}
	if weak := weakForBIMI(f.dmarc); weak != "" {
		add("bimi-dmarc-policy", "the DMARC policy is too weak for BIMI ("+weak+")", strongDMARC(f.dmarc))
	}
	if b.logo != nil {
		judgeLogo(b.logo, add)
	}
	switch {
	case b.Record.Authority == "":
		add("bimi-no-certificate", "", "get a mark certificate (VMC or CMC) from an authority for marks, and name it:\n"+
			txtLine(step.Answer.Target(), b.Record.Tags.With("a", certificateHole).String()))
	case b.mark != nil:
		judgeMark(f, b, add)
	}
}

// weakForBIMI says what of a DMARC record is too weak, or "" (BIMI draft §8.1).
func weakForBIMI(d *dmarc.Discovery) string {
	switch {
	case d.Status == dmarc.StatusUnknown:
		return "" // it is said already
	case d.Record == nil:
		return "there is no record"
	case d.Policy == dmarc.PolicyNone || d.Policy == "":
		return "it is none"
	}
	if sub, _ := d.Record.PolicyFor(dmarc.ForSubdomain); sub == dmarc.PolicyNone {
		return "sp=none"
	}
	return ""
}

// strongDMARC is the record with a policy that is strong enough.
func strongDMARC(d *dmarc.Discovery) string {
	if d.Record == nil {
		return txtLine("_dmarc."+d.Domain, newDMARC(string(dmarc.PolicyQuarantine), d.Domain))
	}
	tags := d.Record.Tags.Without("sp", "np", "t")
	if d.Record.Policy != dmarc.PolicyReject {
		tags = withPolicySecond(tags.With("p", string(dmarc.PolicyQuarantine)))
	}
	return txtLine(dmarcPlace(d), tags.String())
}

func judgeLogo(logo *bimi.FetchedSVG, add func(id, what, fix string)) {
	switch {
	case logo.Status.Unknown():
		add("bimi-fetch-unknown", "the indicator could not be fetched: "+documentError(&logo.Document), "")
	case logo.Status != https.Fetched:
		add("bimi-logo-fetch", "the indicator cannot be fetched: "+documentError(&logo.Document), "serve the indicator at "+logo.URL)
	case logo.SVGErr != nil:
		add("bimi-logo-invalid", "the indicator is not an SVG document", tinyPS(logo.URL))
	case !logo.SVG.Valid():
		p := logo.SVG.Problems[0]
		add("bimi-logo-invalid", fmt.Sprintf("the indicator is not SVG Tiny PS (%s, line %d)", p.Kind, p.Line), tinyPS(logo.URL))
	}
}

func documentError(d *https.Document) string {
	if d.Err == nil {
		return string(d.Status)
	}
	return d.Err.Error()
}

func judgeMark(f *facts, b *bimiFacts, add func(id, what, fix string)) {
	const soon = 30 * 24 * time.Hour
	m := b.mark
	renewed := "have an authority for marks issue another mark certificate for " + b.Domain + ", and serve it, and those of its issuers behind it, at " + m.URL
	switch {
	case m.Status.Unknown():
		add("bimi-fetch-unknown", "the mark certificate could not be fetched: "+documentError(&m.Document), "")
		return
	case m.Status != https.Fetched:
		add("bimi-certificate-fetch", "the mark certificate cannot be fetched: "+documentError(&m.Document), "serve the mark certificate at "+m.URL)
		return
	case m.MarkErr != nil:
		add("bimi-certificate-invalid", "there is no certificate at "+m.URL, renewed)
		return
	}
	mark, date := m.Mark, m.Mark.NotAfter.UTC().Format(time.DateOnly)
	switch {
	case mark.Has(bimi.MarkExpired) || mark.Has(bimi.MarkNotYet):
		add("bimi-certificate-expired", "the mark certificate is not valid now (until "+date+")", renewed)
	case mark.NotAfter.Before(f.now.Add(soon)):
		add("bimi-certificate-expires", "the mark certificate expires on "+date, renewed)
	}
	if !mark.Covers(bimi.DefaultSelector, f.domain) && !mark.Covers(bimi.DefaultSelector, b.Domain) {
		add("bimi-certificate-domain", fmt.Sprintf("the mark certificate is for %q, not for %s", short(strings.Join(mark.Domains, ", ")), f.domain), renewed)
	}
	for _, p := range mark.Problems {
		if p.Kind != bimi.MarkExpired && p.Kind != bimi.MarkNotYet && p.Kind != bimi.MarkNoCRL {
			add("bimi-certificate-invalid", fmt.Sprintf("the mark certificate has a mistake (%s)", p.Kind), renewed)
			return
		}
	}
	if mark.Trust == bimi.Untrusted && !mark.Has(bimi.MarkExpired) && !mark.Has(bimi.MarkNotYet) {
		add("bimi-certificate-invalid", "nobody who is trusted issued the mark certificate", renewed)
	}
}

// takesMail reports whether it is known that the domain takes mail, or not known
// that it does not.
func (f *facts) takesMail() bool {
	return f.mx == nil || f.mx.Kind == delivery.MXExplicit || f.mx.Kind == delivery.MXImplicit && !f.parked()
}
