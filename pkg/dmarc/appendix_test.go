package dmarc

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
)

func evaluate(t *testing.T, r *zonetest.Resolver, author, spf string, dkim ...string) *Evaluation {
	t.Helper()
	in := Input{Author: author}
	if spf != "" {
		in.SPF = Identifier{spf, AuthPass}
	}
	for _, d := range dkim {
		in.DKIM = append(in.DKIM, Identifier{d, AuthPass})
	}
	e, err := Evaluate(t.Context(), r, in)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Identifier alignment, Appendix B.1.1 (SPF) and B.1.2 (DKIM). The examples name
// each relation, which fixes the outcome in both modes.
func TestAppendixB1(t *testing.T) {
	tests := []struct {
		name, author, identifier string
		relaxed, strict          Alignment
	}{
		{"B.1.1 and B.1.2 example 1", "example.com", "example.com", AlignedStrict, AlignedStrict},
		{"B.1.1 example 2", "example.com", "child.example.com", AlignedRelaxed, NotAligned},
		{"B.1.2 example 2", "child.example.com", "example.com", AlignedRelaxed, NotAligned},
		{"B.1.1 and B.1.2 example 3", "child.example.com", "example.net", NotAligned, NotAligned},
	}
	zones := map[string]string{
		"r": `_dmarc.example.com TXT "v=DMARC1; p=reject"`,
		"s": `_dmarc.example.com TXT "v=DMARC1; p=reject; adkim=s; aspf=s"`,
	}
	for _, test := range tests {
		for mode, want := range map[string]Alignment{"r": test.relaxed, "s": test.strict} {
			result := ResultFail
			if want.Aligned() {
				result = ResultPass
			}
			e := evaluate(t, zonetest.New(t, zones[mode]), test.author, test.identifier)
			if e.SPF.Alignment != want || e.SPFAligned != want.Aligned() || e.Result != result {
				t.Errorf("%s, SPF, %s: %s, %s", test.name, mode, e.SPF.Alignment, e.Result)
			}
			e = evaluate(t, zonetest.New(t, zones[mode]), test.author, "", test.identifier)
			if e.DKIM[0].Alignment != want || e.DKIMAligned != want.Aligned() || e.Result != result {
				t.Errorf("%s, DKIM, %s: %s, %s", test.name, mode, e.DKIM[0].Alignment, e.Result)
			}
		}
	}
}

// The records of a domain owner, Appendix B.2.1 to B.2.5.
func TestAppendixB2(t *testing.T) {
	const feedback = "mailto:dmarc-feedback@example.com"
	tests := []struct {
		name, zone, domain string
		policy             Policy
		rua, ruf           []string
	}{
		{
			"B.2.1", `_dmarc.example.com TXT ( "v=DMARC1; p=none; " "rua=mailto:dmarc-feedback@example.com" )`, "example.com",
			PolicyNone,
			[]string{feedback},
			nil,
		},
		{
			"B.2.2", `_dmarc.example.com TXT ( "v=DMARC1; p=none; " "rua=mailto:dmarc-feedback@example.com; " "ruf=mailto:auth-reports@example.com" )`, "example.com",
			PolicyNone,
			[]string{feedback},
			[]string{"mailto:auth-reports@example.com"},
		},
		{
			"B.2.3", `_dmarc.example.com TXT ( "v=DMARC1; p=none; " "rua=mailto:dmarc-feedback@example.com; " "ruf=mailto:auth-reports@thirdparty.example.net" )`, "example.com",
			PolicyNone,
			[]string{feedback},
			[]string{"mailto:auth-reports@thirdparty.example.net"},
		},
		{
			"B.2.5 testing", `_dmarc.test.example.com TXT ( "v=DMARC1; p=quarantine; " "rua=mailto:dmarc-feedback@example.com," "mailto:tld-test@thirdparty.example.net; " "t=y" )`, "test.example.com",
			PolicyNone,
			[]string{feedback, "mailto:tld-test@thirdparty.example.net"},
			nil,
		},
		{
			"B.2.5 afterwards", `_dmarc.test.example.com TXT ( "v=DMARC1; p=reject; " "rua=mailto:dmarc-feedback@example.com," "mailto:tld-test@thirdparty.example.net" )`, "test.example.com",
			PolicyReject,
			[]string{feedback, "mailto:tld-test@thirdparty.example.net"},
			nil,
		},
	}
	for _, test := range tests {
		d := discover(t, zonetest.New(t, test.zone), test.domain)
		if d.Status != StatusFound || d.Policy != test.policy || len(d.Record.Problems) > 0 {
			t.Errorf("%s: %s, %q, %+v", test.name, d.Status, d.Policy, d.Record.Problems)
		}
		if diff := cmp.Diff([][]string{test.rua, test.ruf}, [][]string{raws(d.Record.Aggregate), raws(d.Record.Failure)}); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.name, diff)
		}
	}
}

func raws(uris []URI) []string {
	var raw []string
	for _, u := range uris {
		raw = append(raw, u.Raw)
	}
	return raw
}

// Reports to a third party, Appendix B.2.3 and B.2.4.
func TestAppendixB2ThirdParty(t *testing.T) {
	const record = `_dmarc.example.com TXT "v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com; ruf=mailto:auth-reports@thirdparty.example.net"
`
	const name = "example.com._report._dmarc.thirdparty.example.net"
	tests := []struct {
		name, zone string
		want       Authorization
		override   []string
	}{
		{"B.2.3 without the record", "", NotAuthorized, nil},
		{"B.2.3", name + ` TXT "v=DMARC1;"`, Authorized, nil},
		{
			"B.2.4", name + ` TXT ( "v=DMARC1; " "rua=mailto:aggregate-reports@thirdparty.example.net; " "ruf=mailto:failure-reports@thirdparty.example.net" )`,
			Authorized,
			[]string{"mailto:failure-reports@thirdparty.example.net"},
		},
	}
	for _, test := range tests {
		r := zonetest.New(t, record+test.zone)
		got := Destinations(t.Context(), r, discover(t, r, "example.com"))
		if len(got) != 2 || got[0].Authorization != NotNeeded || got[0].Relation != SameOrganization {
			t.Fatalf("%s: %+v", test.name, got)
		}
		ruf := got[1]
		if ruf.Tag != "ruf" || ruf.Name != name || ruf.Relation != External || ruf.Authorization != test.want || ruf.Foreign {
			t.Errorf("%s: %+v", test.name, ruf)
		}
		if diff := cmp.Diff(test.override, raws(ruf.Override)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.name, diff)
		}
	}
}

// The message of the SMTP session example, Appendix B.3.1.
func TestAppendixB3(t *testing.T) {
	r := zonetest.New(t, `_dmarc.example.com TXT "v=DMARC1; p=reject; aspf=r; rua=mailto:dmarc-feedback@example.com"`)
	e := evaluate(t, r, "example.com", "mail.example.com", "example.com")
	if e.Result != ResultPass || e.SPF.Alignment != AlignedRelaxed || e.DKIM[0].Alignment != AlignedStrict || e.Discovery.Policy != PolicyReject {
		t.Errorf("%+v", e)
	}
}

// The tree walks, Appendix B.4.1 to B.4.3, and the names they ask for.
func TestAppendixB4(t *testing.T) {
	const simple = `
_dmarc.example.com TXT "v=DMARC1; p=reject"
_dmarc.signing.example.com TXT "v=DMARC1; p=none"
`
	const psd = `
_dmarc.bank.example TXT "v=DMARC1; p=reject; psd=y"
_dmarc.giant.bank.example TXT "v=DMARC1; p=quarantine"
`
	tests := []struct {
		name, zone, author, spf, dkim string
		steps                         []string // of the author's walk
		org, record                   string
		spfOrg, dkimOrg               string
		spfAlign, dkimAlign           Alignment
		policy                        Policy
	}{
		{
			name: "B.4.1", zone: simple, author: "example.com", spf: "example.com", dkim: "signing.example.com",
			steps: []string{"example.com", "com"}, org: "example.com", record: "example.com",
			dkimOrg: "example.com", spfAlign: AlignedStrict, dkimAlign: AlignedRelaxed, policy: PolicyReject,
		},
		{
			name: "B.4.2", zone: simple, author: "a.b.c.d.e.f.g.h.i.j.k.example.com", spf: "example.com", dkim: "signing.example.com",
			steps: []string{
				"a.b.c.d.e.f.g.h.i.j.k.example.com", "g.h.i.j.k.example.com", "h.i.j.k.example.com", "i.j.k.example.com",
				"j.k.example.com", "k.example.com", "example.com", "com",
			},
			org: "example.com", record: "example.com", spfOrg: "example.com", dkimOrg: "example.com",
			spfAlign: AlignedRelaxed, dkimAlign: AlignedRelaxed, policy: PolicyReject,
		},
		{
			name: "B.4.3", zone: psd, author: "giant.bank.example", spf: "mail.giant.bank.example", dkim: "mail.mega.bank.example",
			steps: []string{"giant.bank.example", "bank.example"}, org: "giant.bank.example", record: "giant.bank.example",
			spfOrg: "giant.bank.example", spfAlign: AlignedRelaxed, dkimAlign: NotAligned, policy: PolicyQuarantine,
		},
	}
	for _, test := range tests {
		r := zonetest.New(t, test.zone)
		e := evaluate(t, r, test.author, test.spf, test.dkim)
		var steps []string
		for _, s := range e.Discovery.Walk.Steps {
			steps = append(steps, s.Domain)
		}
		if diff := cmp.Diff(test.steps, steps); diff != "" {
			t.Errorf("%s: the walk (-want +got)\n%s", test.name, diff)
		}
		got := []string{
			e.Discovery.OrganizationalDomain(), e.Discovery.RecordDomain, e.SPF.OrganizationalDomain, e.DKIM[0].OrganizationalDomain,
			string(e.SPF.Alignment), string(e.DKIM[0].Alignment), string(e.Discovery.Policy), string(e.Result),
		}
		want := []string{
			test.org, test.record, test.spfOrg, test.dkimOrg,
			string(test.spfAlign), string(test.dkimAlign), string(test.policy), string(ResultPass),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.name, diff)
		}
		if asked := r.Names(); len(asked) != len(slices.Compact(slices.Sorted(slices.Values(asked)))) {
			t.Errorf("%s: a name was asked for twice: %v", test.name, asked)
		}
	}
	// The third walk of B.4.3, which Evaluate leaves out because mail.mega.bank.example
	// is outside of giant.bank.example.
	w, err := WalkTree(t.Context(), zonetest.New(t, psd), "mail.mega.bank.example")
	if err != nil || w.OrganizationalDomain != "mega.bank.example" || w.PublicSuffix != "bank.example" || len(w.Steps) != 3 {
		t.Errorf("B.4.3, the DKIM domain: %+v, %v", w, err)
	}
}
