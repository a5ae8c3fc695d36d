package bounce

import (
	"bytes"
	"slices"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// TestServers has real mail servers refuse, delay and give up mail, and reads what
// they write.
func TestServers(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for queues of several seconds")
	}
	t.Parallel()
	for name, tt := range map[string]struct {
		start func(testing.TB) *testkit.Bouncer
		gone  delivery.Reason // when the time is over
	}{
		"Postfix":   {testkit.PostfixBouncer, delivery.ReasonMailboxFull},
		"Exim":      {testkit.EximBouncer, delivery.ReasonMailboxFull},
		"OpenSMTPD": {testkit.OpenSMTPDBouncer, delivery.ReasonExpired}, // it does not say why
		"Sendmail":  {testkit.SendmailBouncer, delivery.ReasonMailboxFull},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := tt.start(t)
			server.Send("unknown")
			server.Send("full")
			readServerReports(t, server, tt.gone)
		})
	}
}

// readServerReports waits for a refusal, a warning and the end of trying.
func readServerReports(t *testing.T, server *testkit.Bouncer, gone delivery.Reason) {
	t.Helper()
	want := map[string]delivery.Verdict{
		"unknown bounce": {Reason: delivery.ReasonMailboxUnknown, Bounce: delivery.BounceHard},
		"full delay":     {Reason: delivery.ReasonMailboxFull, Bounce: delivery.BounceSoft},
		"full bounce":    {Reason: gone, Bounce: delivery.BounceSoft},
	}
	for n := 1; len(want) > 0; n++ { // warnings may be repeated
		m := server.Reports(n)[n-1]
		r := readServerReport(t, m)
		key := r.Recipient.Local + " " + string(r.Kind)
		if w, ok := want[key]; ok && (r.Verdict.Reason != w.Reason || r.Verdict.Bounce != w.Bounce) || n > 20 {
			t.Errorf("%s: %s %s, want %s %s\n%s", key, r.Verdict.Reason, r.Verdict.Bounce, w.Reason, w.Bounce, m.Data)
			return
		}
		delete(want, key)
	}
}

// readServerReport reads one report and checks what they have in common.
func readServerReport(t *testing.T, m testkit.Received) Report {
	t.Helper()
	reports, err := Parse(bytes.NewReader(m.Data), Options{})
	if err != nil || len(reports) != 1 {
		t.Fatalf("%d reports, %v in\n%s", len(reports), err, m.Data)
	}
	r := reports[0]
	if m.From != "" || !slices.Equal(m.To, []string{"bounces@acme.example"}) || r.ReportingMTA != "relay.example" ||
		r.MessageID != "<"+r.Recipient.Local+"@acme.example>" {
		t.Errorf("from %q to %q by %q about %q\n%s", m.From, m.To, r.ReportingMTA, r.MessageID, m.Data)
	}
	t.Logf("%s %s: %d %s %s %s: %s", r.Recipient, r.Kind, r.Reply.Code, r.Reply.Enhanced, r.Verdict.Reason, r.Verdict.Bounce, r.Diagnostic)
	return r
}
