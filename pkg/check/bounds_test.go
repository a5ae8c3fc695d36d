package check_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/check"
)

// Records as large as the DNS can hold cost neither much time nor memory, and
// the report stays one that can be read.
func TestLargeRecords(t *testing.T) {
	numbered := func(n int, form string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, form, i)
		}
		return b.String()
	}
	var mx strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&mx, "example.com. MX %d m%d.example.com.\nm0.example.com. A 10.0.%d.%d\n", i, i, i/250, i%250)
	}
	tests := []struct{ name, zone string }{
		{"wrong terms", txt("example.com.", "v=spf1 "+numbered(9000, "x%d "))},
		{"networks", txt("example.com.", "v=spf1 "+numbered(200, "ip4:192.0.2.%d ")+numbered(3000, "ip4:10.%d.0.0/8 "))},
		{"list of terms", txt("example.com.", "v=spf1 "+numbered(5000, "a%d.b,"))},
		{"terms to mend", txt("example.com.", "v=spf1 "+numbered(5000, "mx, x%d=1 "))},
		{"terms to leave out", txt("example.com.", "v=spf1 mx "+numbered(6000, "x%d=1 "))},
		{"terms behind all", txt("example.com.", "v=spf1 mx -all "+strings.Repeat("mx ", 20000))},
		{"includes", txt("example.com.", "v=spf1 "+numbered(2000, "include:i%d.example.com "))},
		{"unknown tags", txt("_dmarc.example.com.", "v=DMARC1; p=none; "+numbered(7000, "x%d=1; "))},
		{"report addresses", txt("_dmarc.example.com.", "v=DMARC1; p=none; rua="+numbered(2000, "mailto:a@h%d.example,"))},
		{"tags of a key", txt("s1._domainkey.example.com.", "v=DKIM1; p=; "+numbered(7000, "x%d=1; "))},
		{"mail servers", mx.String()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			began := time.Now()
			d := check.Check(t.Context(), "example.com", check.Options{Resolver: zonetest.New(t, test.zone), Selectors: []string{"s1"}, Now: clock})
			if took := time.Since(began); took > 10*time.Second || len(d.Findings) > 200 {
				t.Errorf("%d findings after %s", len(d.Findings), took)
			} else {
				t.Logf("%d findings after %s", len(d.Findings), took)
			}
			encoded, err := json.Marshal(d)
			if err != nil || len(encoded) > 16<<20 {
				t.Errorf("%d octets of JSON, %v", len(encoded), err)
			}
		})
	}
}
