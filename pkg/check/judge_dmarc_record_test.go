package check

import (
	"testing"

	"github.com/mailctl/mailctl/pkg/dmarc"
)

// TestFixesHaveKnownPolicies shows that a record which mends something else has no
// misspelt policy left, so that any of the records shown may be published.
func TestFixesHaveKnownPolicies(t *testing.T) {
	record, err := dmarc.Parse("v=DMARC1; pct=100; p=rejct; sp=Quarantin; rua=mailto:d@example.com")
	if err != nil {
		t.Fatal(err)
	}
	const want = "v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@example.com"
	if got := withKnownPolicies(record, record.Tags.Without("pct")).String(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := withKnownPolicies(record, record.Tags.Without("pct", "p", "sp")).String(); got != "v=DMARC1; rua=mailto:d@example.com" {
		t.Errorf("a policy is there that was left out: %q", got)
	}
}
