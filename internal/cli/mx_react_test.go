package cli

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// TestSendLeavesAReceiverAlone shows what a provider's complaint leads to: mail to
// it waits, the event says why and until when, and everyone else is served.
func TestSendLeavesAReceiverAlone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, zone, reply string
		event             string // in the ledger
		text              string // on the screen
		outcome           string // of those who wait
	}{
		{
			"TSS04", "y MX 1 mta5.am0.yahoodns.net.", "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred",
			`"event":"waiting","destination":"yahoo"`, "yahoo: nothing is sent there for 2 h 00 min (TSS04): 421 4.7.0 [TSS04]", "pending",
		},
		{
			"block", "y MX 1 mx.y", "550 5.7.1 Client host blocked using Spamhaus",
			`"event":"fewer","destination":"mx.y.lab"`, "mx.y.lab: at most 1 connection and 1/min (blocked): 550 5.7.1", "pending",
		},
		{
			"4.7.0", "y MX 1 mx.y", "421 4.7.0 Try again later, closing connection",
			`"event":"slower","destination":"mx.y.lab"`, "mx.y.lab: slowed down to", "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newMXWorld(t)
			s := &strict{w: w, name: "y", judge: func(_ time.Time, accepted []time.Time) string {
				if len(accepted) >= 20 && w.refusals["y"] < 6 {
					return tt.reply
				}
				return ""
			}}
			s.start("1")
			w.receiver("x", "2", "", nil)
			w.names(map[string]string{
				"lab.":          tt.zone + "\nmx.y A BASE1\nx MX 10 mx.x\nmx.x A BASE2\n",
				"yahoodns.net.": "mta5.am0 A BASE1\n",
			})
			w.list(40, "y.lab", "x.lab")
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			time.AfterFunc(4*time.Second, func() { cancel(errors.Join(context.Canceled)) })
			code, _, stderr := w.sendUntil(ctx, "--skip-preflight")
			t.Logf("exit code %d\n%s", code, stderr)
			if !strings.Contains(stderr, tt.text) {
				t.Errorf("nothing says %q", tt.text)
			}
			if len(w.times["x"]) != 40 {
				t.Errorf("%d messages to the other receiver, want 40", len(w.times["x"]))
			}
			waits := 0
			for _, one := range w.export() {
				if one.Outcome == tt.outcome {
					waits++
				}
				if copies := w.accepted[one.Email]; copies > 1 || (one.Outcome == "delivered") != (copies == 1) {
					t.Errorf("%+v with %d copies", one, copies)
				}
			}
			if tt.outcome != "" && waits < 10 {
				t.Errorf("%d wait, want the rest", waits)
			}
			if shown := w.run("campaign", "show", "test", "--format", "json"); !strings.Contains(shown, tt.event) {
				t.Errorf("the ledger has no %s\n%s", tt.event, shown)
			}
		})
	}
}

// TestSendRates shows that a limit for a provider holds for all domains it hosts,
// one for a domain for that domain, and both across a restart.
func TestSendRates(t *testing.T) {
	t.Parallel()
	w := newMXWorld(t)
	w.receiver("google", "1", "", nil)
	w.receiver("other", "2", "", nil)
	w.names(map[string]string{
		"lab.": "g1 MX 1 aspmx.l.google.com.\ng2 MX 1 aspmx.l.google.com.\na MX 1 mx.o\nb MX 1 mx.o\nmx.o A BASE2\n" +
			"s MX 1 mx.s\ns MX 1 mx2.s\nmx.s A BASE2\nmx2.s A BASE2\n",
		"google.com.": "aspmx.l A BASE1\n",
	})
	w.list(20, "g1.lab", "g2.lab", "a.lab", "b.lab", "s.lab")
	rates := []string{"--skip-preflight", "--rate-for", "gmail=8/d", "--rate-for", "a.lab=5/d", "--rate-for", "mx.s.lab+1=6/d"}
	for range 2 {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(2*time.Second, cancel)
		if code, _, stderr := w.sendUntil(ctx, rates...); code != exitInterrupted {
			t.Fatalf("exit code %d\n%s", code, stderr)
		}
		cancel()
	}
	counts := map[string]int{}
	for email := range w.accepted {
		_, domain, _ := strings.Cut(email, "@")
		counts[domain]++
	}
	if counts["g1.lab"]+counts["g2.lab"] != 8 || counts["a.lab"] != 5 || counts["b.lab"] != 20 || counts["s.lab"] != 6 {
		t.Errorf("delivered %v, want 8 to Google, 5 to a.lab, 6 to s.lab and all to b.lab", counts)
	}
}

// TestSendKeepsItsAddress shows that recipients are shared between addresses by
// weight, each always written to from the same one.
func TestSendKeepsItsAddress(t *testing.T) {
	t.Parallel()
	w := newMXWorld(t)
	w.receiver("x", "1", "rules:\n  - at: rcpt\n    first: 1\n    reply: 451 4.7.1 greylisted, try again in 1 seconds\n", nil)
	w.names(map[string]string{"lab.": "x MX 10 mx.x\nmx.x A BASE1\n"})
	w.list(200, "x.lab")
	code, stdout, stderr := w.send("--skip-preflight", "--retry-after", "100ms", "--format", "jsonl",
		"--from-ip", w.base+"200=3", "--from-ip", w.base+"201")
	if code != exitOK {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	from := map[string]map[string]bool{}
	for to, hosts := range w.from {
		for host := range hosts {
			if from[host] == nil {
				from[host] = map[string]bool{}
			}
			from[host][to] = true
		}
		if len(hosts) != 1 {
			t.Errorf("%s was written to from %v", to, hosts)
		}
	}
	if most, fewest := len(from[w.base+"200"]), len(from[w.base+"201"]); most < 120 || most > 180 || most+fewest != 200 {
		t.Errorf("%d and %d recipients, want about 150 and 50", most, fewest)
	}
}

// TestSendChecksTheSender shows what is looked at before anything is sent.
func TestSendChecksTheSender(t *testing.T) {
	t.Parallel()
	w := newMXWorld(t)
	w.receiver("x", "1", "", nil)
	w.names(map[string]string{
		"lab.":          "x MX 10 mx.x\nmx.x A BASE1\n",
		"acme.example.": "@ TXT \"v=spf1 include:nowhere.acme.example -all\"\n",
		"bare.example.": "@ TXT \"v=spf1 ip4:192.0.2.1 -all\"\n",
		"good.example.": "@ TXT \"v=spf1 ip4:192.0.2.1 -all\"\n_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@good.example\"\n",
	})
	w.list(1, "x.lab")
	code, _, stderr := w.send()
	if code != exitUsage || !strings.Contains(stderr, "receivers would refuse this mail") || !strings.Contains(stderr, "--skip-preflight") || len(w.accepted) != 0 {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	_, _, stderr = w.send("--from", "news@bare.example")
	for _, want := range []string{"\n  _dmarc.bare.example: ", "hint: mailctl check bare.example says how to mend it\n"} {
		if strings.Count(stderr, want) != 1 {
			t.Errorf("no %q in\n%s", want, stderr)
		}
	}
	code, _, stderr = w.send("--from", "news@good.example")
	if code != exitOK || strings.Contains(stderr, "receivers would refuse") || !strings.Contains(stderr, "not signed") || len(w.accepted) != 1 {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

// TestWarnOfNames shows what is said about the addresses mail comes from.
func TestWarnOfNames(t *testing.T) {
	t.Parallel()
	resolver := zonetest.New(t, `
1.2.0.192.in-addr.arpa. PTR mail.acme.example.
mail.acme.example. A 192.0.2.1
2.2.0.192.in-addr.arpa. PTR other.acme.example.
other.acme.example. A 192.0.2.9
`).Fail(delivery.CauseServFail, "4.2.0.192.in-addr.arpa")
	for addr, want := range map[string]string{
		"192.0.2.1": "",
		"192.0.2.2": "192.0.2.2 has no name that leads back to it (PTR)",
		"192.0.2.3": "192.0.2.3 has no name that leads back to it (PTR)",
		"192.0.2.4": "the name of 192.0.2.4 could not be looked up",
	} {
		var stderr bytes.Buffer
		env := testEnvironment(nil)
		env.Stderr = &stderr
		m := &mailing{env: env}
		x := &mxRouter{resolver: resolver, options: delivery.Options{LocalName: "MAIL.acme.example"}, sources: sources{{netip.MustParseAddr(addr), 1}}}
		m.warnOfNames(t.Context(), newConsole(env, settings{}), x)
		if got := stderr.String(); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", addr, got, want)
		}
		x.options.LocalName = "elsewhere.example"
		m.warnOfNames(t.Context(), newConsole(env, settings{}), x)
		if want == "" && !strings.Contains(stderr.String(), "greets with elsewhere.example: give --helo mail.acme.example") {
			t.Errorf("%s: %q", addr, stderr.String())
		}
	}
}

// TestSendKeepsPolicies shows that a policy that was seen once is kept, and holds
// when its record is gone.
func TestSendKeepsPolicies(t *testing.T) {
	t.Parallel()
	w := newMXWorld(t)
	w.receiver("x", "1", "", nil)
	w.names(map[string]string{"lab.": "x MX 10 mx.x\nmx.x A BASE1\n"})
	folder := filepath.Join(w.folder, "state", "mta-sts")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	w.write("state/mta-sts/x.lab.json", `{"id":"1","expires":"2999-01-01T00:00:00Z","policy":"version: STSv1\nmode: enforce\nmx: other.lab\nmax_age: 86400\n"}`)
	w.list(2, "x.lab")
	code, _, stderr := w.send("--skip-preflight", "--no-wait")
	got := w.export()
	if code != exitUnfinished || len(w.accepted) != 0 || got[0].Reason != "tls-failed" || !strings.Contains(got[0].Text, "MTA-STS: the policy does not name this host") {
		t.Errorf("exit code %d, %+v\n%s", code, got, stderr)
	}
}
