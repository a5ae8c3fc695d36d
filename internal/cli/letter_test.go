package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestMessageIDs gives two mailings of one name different Message-IDs where nothing
// is remembered of the first, and the same mailing the same ones.
func TestMessageIDs(t *testing.T) {
	t.Parallel()
	const rows = "email,name\nanna@one.example,Anna\n"
	server := newReceiver(t)
	id := func(rows string, args ...string) string {
		t.Helper()
		list := filepath.Join(t.TempDir(), "list.csv")
		if err := os.WriteFile(list, []byte(rows), 0o600); err != nil {
			t.Fatal(err)
		}
		out := mailctlIn(t, t.TempDir(), exitOK, append([]string{
			"send", "--campaign", "nightly", "--list", list, "--subject", "s", "--from", "news@acme.example",
			"--via", "smtp://" + server.addr + "?tls=none", "--yes", "--skip-preflight", "--format", "jsonl",
		}, args...)...)
		var sent struct {
			MessageID string `json:"message_id"`
		}
		if err := json.Unmarshal([]byte(out), &sent); err != nil || sent.MessageID == "" {
			t.Fatalf("%v in %s", err, out)
		}
		return sent.MessageID
	}
	file := filepath.Join(t.TempDir(), "report.txt")
	if err := os.WriteFile(file, []byte("all well"), 0o600); err != nil {
		t.Fatal(err)
	}
	first := id(rows, "--text", "one")
	if again := id(rows, "--text", "one"); again != first {
		t.Errorf("the same mailing has the Message-IDs %s and %s", first, again)
	}
	for what, other := range map[string]string{
		"another text": id(rows, "--text", "two"),
		"another list": id(rows+"bo@one.example,Bo\n", "--text", "one", "--where", "name == 'Anna'"),
		"another file": id(rows, "--text", "one", "--attach", file),
	} {
		if other == first {
			t.Errorf("%s has the same Message-ID %s", what, other)
		}
	}
}
