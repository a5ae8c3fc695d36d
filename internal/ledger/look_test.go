package ledger

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// TestLook proves that looking finds campaigns, also while they are worked on,
// and leaves nothing behind where there is no ledger.
func TestLook(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	if err := Look(t.Context(), dir, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a ledger: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it left something behind: %v", err)
	}
	openCampaign(t, dir, nil)
	var found []string
	check(t, Look(t.Context(), dir, func(info Info) error {
		found = append(found, info.Name+" "+string(info.Status))
		return nil
	}))
	if want := []string{"welcome " + string(StatusReady)}; !slices.Equal(found, want) {
		t.Errorf("found %q, want %q", found, want)
	}
}

// TestNearestCampaign holds what is said about a name that no campaign has.
func TestNearestCampaign(t *testing.T) {
	l, _ := openCampaign(t, t.TempDir(), nil)
	for name, want := range map[string]string{
		"welcom":   `did you mean "welcome"?`,
		"Wellcome": `did you mean "welcome"?`,
		"invoices": "see which there are with: mailctl campaign list",
	} {
		_, _, err := l.Show(t.Context(), name)
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %v", name, err)
		}
		if hints := delivery.Hints(err); !slices.Equal(hints, []string{want}) {
			t.Errorf("%q: hints %q, want %q", name, hints, want)
		}
	}
}
