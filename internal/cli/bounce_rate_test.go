package cli

import (
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/sink"
)

// TestTooManyDeadAddresses pauses a mailing, which writes to nobody else until more
// is allowed.
func TestTooManyDeadAddresses(t *testing.T) {
	dead, err := sink.ParsePersonality("dead.yaml", func(string) ([]byte, error) {
		return []byte("about: dead\nrules:\n  - {name: dead, at: rcpt, reply: 550 5.1.1 user unknown}\n"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r, folder := newReceiverThat(t, dead), writeList(t, 300)
	bounced := 0
	for _, run := range []string{"first", "second"} {
		p := start(t, folder, sendArgs(r)...)
		if code := p.end(); code != exitUnfinished {
			t.Fatalf("%s run: exit code %d, want %d\n%s", run, code, exitUnfinished, p.stderr.String())
		}
		s := summaryOf(t, p)
		if run == "second" && s.Bounced != bounced {
			t.Errorf("%d more were written to", s.Bounced-bounced)
		}
		bounced = s.Bounced
		for _, want := range []string{"error: paused: 100.0 % of the recipients", "hint: then go on with the same command and --max-bounce-rate 100%"} {
			if !strings.Contains(p.stderr.String(), want) {
				t.Errorf("%s run: no %q in\n%s", run, want, p.stderr.String())
			}
		}
	}
	p := start(t, folder, sendArgs(r, "--max-bounce-rate", "100%")...)
	if code := p.end(); code != exitWrong || summaryOf(t, p).Bounced != 300 {
		t.Errorf("exit code %d, want %d, and all of 300 to be tried\n%s", code, exitWrong, p.stdout.String())
	}
}
