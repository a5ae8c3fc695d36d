package dmarc

import (
	"errors"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/delivery"
)

func TestEvaluate(t *testing.T) {
	const zone = `
_dmarc.example.com TXT "v=DMARC1; p=reject; np=none"
_dmarc.strict.example TXT "v=DMARC1; p=reject; adkim=s; aspf=s"
_dmarc.unusable.example TXT "v=DMARC1; sp=reject"
_dmarc.inner.example.com TXT "v=DMARC1; p=none; psd=n"
www.example.com A 192.0.2.1
`
	pass := func(domains ...string) []Identifier {
		var ids []Identifier
		for _, d := range domains {
			ids = append(ids, Identifier{d, AuthPass})
		}
		return ids
	}
	tests := []struct {
		name   string
		in     Input
		fail   []string
		result Result
		spf    bool
		dkim   bool
	}{
		{"nothing", Input{Author: "example.com"}, nil, ResultFail, false, false},
		{"no record", Input{Author: "example.net", SPF: pass("example.net")[0]}, nil, ResultNone, false, false},
		{"an unusable record", Input{Author: "unusable.example", DKIM: pass("unusable.example")}, nil, ResultPermError, false, false},
		{"SPF in the same domain", Input{Author: "EXAMPLE.com", SPF: pass("Example.COM.")[0]}, nil, ResultPass, true, false},
		{"SPF without pass", Input{Author: "example.com", SPF: Identifier{"example.com", "softfail"}}, nil, ResultFail, false, false},
		{"the second signature", Input{Author: "example.com", DKIM: pass("example.net", "mail.example.com")}, nil, ResultPass, false, true},
		{"both", Input{Author: "example.com", SPF: pass("b.example.com")[0], DKIM: pass("example.com")}, nil, ResultPass, true, true},
		{"strict", Input{Author: "strict.example", SPF: pass("a.strict.example")[0], DKIM: pass("b.strict.example")}, nil, ResultFail, false, false},
		{"another organization below (psd=n)", Input{Author: "example.com", DKIM: pass("inner.example.com")}, nil, ResultFail, false, false},
		{"an identifier that is no domain", Input{Author: "example.com", DKIM: pass("a..b", "")}, nil, ResultFail, false, false},

		// RFC 9989 §5.3.6: a failed look-up that decides is neither pass nor fail.
		{"the record is unknown", Input{Author: "example.com", SPF: pass("example.com")[0]}, []string{"_dmarc.example.com"}, ResultTempError, false, false},
		{"the walk above fails, a strict identifier", Input{Author: "example.com", SPF: pass("example.com")[0]}, []string{"_dmarc.com"}, ResultPass, true, false},
		{"the walk above fails, a relaxed identifier", Input{Author: "example.com", SPF: pass("mail.example.com")[0]}, []string{"_dmarc.com"}, ResultTempError, false, false},
		{"the identifier's walk fails", Input{Author: "example.com", DKIM: pass("mail.example.com")}, []string{"_dmarc.mail.example.com"}, ResultTempError, false, false},
		{"it fails, but another passes", Input{Author: "example.com", DKIM: pass("mail.example.com", "example.com")}, []string{"_dmarc.mail.example.com"}, ResultPass, false, true},
		{"it fails under strict alignment", Input{Author: "strict.example", DKIM: pass("mail.strict.example")}, []string{"_dmarc.mail.strict.example"}, ResultFail, false, false},
		{"SPF temperror, aligned", Input{Author: "example.com", SPF: Identifier{"example.com", AuthTempError}}, nil, ResultTempError, false, false},
		{"SPF temperror, not aligned", Input{Author: "example.com", SPF: Identifier{"example.net", AuthTempError}}, nil, ResultFail, false, false},
		{"DKIM temperror, SPF pass", Input{Author: "example.com", SPF: pass("example.com")[0], DKIM: []Identifier{{"example.com", AuthTempError}}}, nil, ResultPass, true, false},
		{"existence unknown", Input{Author: "www.example.com"}, []string{"www.example.com"}, ResultTempError, false, false},
		{"existence unknown, but it passes", Input{Author: "www.example.com", DKIM: pass("example.com")}, []string{"www.example.com"}, ResultPass, false, true},
	}
	for _, test := range tests {
		r := zonetest.New(t, zone).Fail(delivery.CauseServFail, test.fail...)
		e, err := Evaluate(t.Context(), r, test.in)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if e.Result != test.result || e.SPFAligned != test.spf || e.DKIMAligned != test.dkim {
			t.Errorf("%s: %s, SPF %v, DKIM %v", test.name, e.Result, e.SPFAligned, e.DKIMAligned)
		}
	}
	if _, err := Evaluate(t.Context(), zonetest.New(t, zone), Input{}); !errors.Is(err, delivery.ErrInvalidName) {
		t.Errorf("no author domain: %v", err)
	}
}
