package check

import (
	"slices"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dkim"
	"github.com/mailctl/mailctl/pkg/dmarc"
	"github.com/mailctl/mailctl/pkg/spf"
)

// nullMX reports whether the domain says that it takes no mail.
func (f *facts) nullMX() bool { return f.mx != nil && f.mx.Kind == delivery.MXNull }

// sendsNothing reports whether SPF says that nobody sends for the domain.
func (f *facts) sendsNothing() bool {
	if f.spf == nil || spfStatus(f.spf) != SPFFound || f.spf.Default != spf.Fail {
		return false
	}
	for i := range f.spf.Branches {
		switch b := &f.spf.Branches[i]; b.Term.Kind {
		case spf.KindA, spf.KindMX, spf.KindPTR, spf.KindExists:
			return false // a sender is meant, even when there is none at present
		default:
		}
	}
	networks, exact := f.spf.Networks(spf.Pass)
	return len(networks) == 0 && exact
}

// parked reports whether the domain takes no mail and sends none, as far as it
// says: by the null MX, or because SPF allows nobody and there is no MX record.
func (f *facts) parked() bool {
	withoutMX := f.mx != nil && (f.mx.Kind == delivery.MXNone || f.mx.Kind == delivery.MXImplicit)
	return f.nullMX() || withoutMX && f.sendsNothing()
}

// judgeParked judges whether a domain that is not used for mail says so
// everywhere. What is unknown is judged elsewhere.
func judgeParked(c *collector, f *facts, opt *Options) {
	if !opt.Wants(StandardMX) || !f.parked() {
		return
	}
	if !f.nullMX() {
		c.add(note{id: "parked-no-null-mx", record: raw(f.mx.Answer), fix: nullMXLine(f.domain)})
	}
	if opt.Wants(StandardSPF) {
		judgeParkedSPF(c, f)
	}
	if opt.Wants(StandardDMARC) {
		judgeParkedDMARC(c, f)
	}
	if opt.Wants(StandardDKIM) {
		judgeParkedDKIM(c, f)
	}
}

func judgeParkedSPF(c *collector, f *facts) {
	fix := txtLine(f.domain, spf.Version+" -all")
	networks, _ := f.spf.Networks(spf.Pass)
	if slices.ContainsFunc(f.spf.Record.Terms, isSender) {
		fix = "give the domain an MX record, so that its mail can be answered; or, when nothing sends for it, publish v=spf1 -all in place of its SPF record"
	}
	switch {
	case spfStatus(f.spf) == SPFNone && !c.has("spf-not-a-record"):
		c.add(note{id: "parked-spf", fix: fix})
	case spfStatus(f.spf) != SPFFound || f.sendsNothing():
	case len(networks) > 0:
		c.add(note{id: "parked-null-mx-with-senders", record: f.spf.Record.Text, fix: fix})
	default:
		c.add(note{id: "parked-spf", record: f.spf.Record.Text, fix: fix})
	}
}

func judgeParkedDMARC(c *collector, f *facts) {
	d := f.dmarc
	name := "_dmarc." + f.domain
	switch {
	case d.Status == dmarc.StatusUnknown || d.Policy == dmarc.PolicyReject || c.has("dmarc-several-records") || c.has("dmarc-not-a-record"):
	case d.Record == nil || d.RecordDomain != f.domain:
		c.add(note{id: "parked-dmarc", subject: name, fix: txtLine(name, "v=DMARC1; p=reject")})
	default:
		fixed := withPolicySecond(d.Record.Tags.With("p", string(dmarc.PolicyReject)).Without("t", "sp", "np"))
		c.add(note{id: "parked-dmarc", subject: name, record: d.Record.Raw, fix: txtLine(dmarcPlace(d), fixed.String())})
	}
}

// revokedKey is the record of a key that is no longer valid (RFC 6376 §3.6.1).
const revokedKey = "v=DKIM1; p="

func judgeParkedDKIM(c *collector, f *facts) {
	d := f.dkim
	var revocations []string
	for _, key := range d.Own() {
		if key.Status == dkim.KeyFound {
			revocations = append(revocations, txtLine(key.Answer.Target(), revokedKey))
		}
	}
	wildcard := "*._domainkey." + f.domain
	switch {
	case revocations != nil:
		c.add(note{id: "parked-null-mx-with-keys", subject: "_domainkey." + f.domain, fix: lines(revocations...)})
	case d.AllRevoked() || d.Control.Status == dkim.KeyUnknown:
	default:
		c.add(note{id: "parked-dkim", subject: wildcard, fix: txtLine(wildcard, revokedKey)})
	}
}
