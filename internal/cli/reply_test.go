package cli

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// TestReasonsPage holds docs/reasons.md against the reasons; -update writes it.
func TestReasonsPage(t *testing.T) {
	const path = "../../docs/reasons.md"
	var page bytes.Buffer
	if err := ui.WriteReasonsPage(&page, delivery.Reasons()); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, page.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(page.String(), string(got)); diff != "" {
		t.Errorf("docs/reasons.md is out of date; go test ./internal/cli -run ReasonsPage -update writes it (-want +got):\n%s", diff)
	}
}
