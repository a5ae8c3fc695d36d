package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/internal/sink"
	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/warmup"
)

// warmupHome is a folder with a ledger, and a clock that a test moves.
type warmupHome struct {
	t      *testing.T
	folder string
	now    time.Time
	server *sink.Server
}

func newWarmupHome(t *testing.T) *warmupHome {
	personality, err := sink.ParsePersonality("rules.yaml", func(string) ([]byte, error) {
		return []byte("rules: [{at: rcpt, to: 'dead*@*', reply: '550 5.1.1 no such user'}, {at: rcpt, to: 'later*@*', reply: '451 4.7.1 not now'}]"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	server, err := sink.Start(t.Context(), sink.Options{Personality: personality})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close(context.Background()) })
	return &warmupHome{t, t.TempDir(), time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC), server}
}

// run runs a command on the day that it is, and returns what it printed.
func (h *warmupHome) run(want int, args ...string) string {
	h.t.Helper()
	var stdout, stderr bytes.Buffer
	env := testEnvironment(map[string]string{"HOME": h.folder})
	env.Stdout, env.Stderr = &stdout, &stderr
	start := time.Now()
	env.Now = func() time.Time { return h.now.Add(time.Since(start)) }
	if code := Run(h.t.Context(), env, args); code != want {
		h.t.Fatalf("%v\nexit code %d, want %d\n%s%s", args, code, want, stdout.String(), stderr.String())
	}
	checkOutput(h.t, stdout.String())
	return stdout.String()
}

// send sends to so many recipients at Gmail and elsewhere, some of whom are dead
// or put off.
func (h *warmupHome) send(want int, name string, gmail, others, dead, later int) {
	h.t.Helper()
	var list strings.Builder
	list.WriteString("email\n")
	for i := range gmail {
		fmt.Fprintf(&list, "u%d@gmail.com\n", i)
	}
	for i := range others {
		fmt.Fprintf(&list, "u%d@acme.example\n", i)
	}
	for i := range dead {
		fmt.Fprintf(&list, "dead%d@gmail.com\n", i)
	}
	for i := range later {
		fmt.Fprintf(&list, "later%d@acme.example\n", i)
	}
	path := filepath.Join(h.folder, name+".csv")
	if err := os.WriteFile(path, []byte(list.String()), 0o600); err != nil {
		h.t.Fatal(err)
	}
	h.run(want, "send", "--list", path, "--subject", "s", "--text", "t", "--from", "a@acme.example", "--campaign", name,
		"--via", "smtp://"+h.server.Addr()+"?tls=none", "--skip-preflight", "--no-wait", "--max-bounce-rate", "0", "--yes")
}

// status returns what status says about a plan.
func (h *warmupHome) status(want int, args ...string) ui.WarmupStatus {
	h.t.Helper()
	var s ui.WarmupStatus
	text := h.run(want, append([]string{"warmup", "status", filepath.Join(h.folder, "plan.json"), "--format", "json"}, args...)...)
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		h.t.Fatal(err)
	}
	return s
}

// TestWarmupStatus follows a plan for some days: one that goes well, one with dead
// addresses, one with mail that waits, and idle ones.
func TestWarmupStatus(t *testing.T) {
	h := newWarmupHome(t)
	plan := filepath.Join(h.folder, "plan.json")
	h.run(0, "warmup", "plan", "--target", "1600", "--start", "100", "--days", "5", "--mix", "gmail=50%", "--format", "json", "--out", plan)

	s := h.status(0)
	if s.Day != 1 || s.Planned != 100 || s.Sent != 0 || s.Decision != warmup.Hold || s.Providers["gmail"].Left != 50 {
		t.Errorf("before the first message: %+v", s)
	}
	h.send(0, "first", 50, 30, 0, 0)
	s = h.status(0)
	if s.Sent != 80 || s.Decision != warmup.Advance || s.Providers["gmail"].Left != 0 || s.Providers["other"].Left != 20 {
		t.Errorf("on the first day: %+v", s)
	}

	h.now = h.now.AddDate(0, 0, 1)
	s = h.status(0)
	if s.Day != 2 || s.Planned != 200 || s.Sent != 0 {
		t.Errorf("in the morning after: %+v", s)
	}
	if g, o := s.Providers["gmail"], s.Providers["other"]; g.Decision != warmup.Advance || o.Decision != warmup.Hold ||
		o.Reason != "30 of 50 planned were sent; a level counts from 90%" {
		t.Errorf("what is said of the day before: %+v %+v", g, o)
	}
	// Who follows the plan closely has less for the provider that holds.
	if s = h.status(0, "--adapt"); s.Planned != 150 || s.Providers["other"].Today != 50 {
		t.Errorf("followed closely: %+v", s)
	}

	h.send(3, "second", 92, 60, 8, 40) // some are left over
	s = h.status(1)
	if g := s.Providers["gmail"]; s.Decision != warmup.BackOff || g.Decision != warmup.BackOff || g.Bounced != 8 || g.Left != 8 {
		t.Errorf("with dead addresses: %+v", s)
	}
	if o := s.Providers["other"]; o.Decision != warmup.Hold || o.Deferred != 40 || o.Delivered != 60 {
		t.Errorf("with mail that waits: %+v", o)
	}
	if s = h.status(0, "--campaign", "first"); s.Sent != 0 || len(s.History) != 1 {
		t.Errorf("one campaign alone: %+v", s)
	}

	// A complaint counts on the day on which it came in.
	h.run(0, "suppress", "add", "u1@gmail.com", "u2@gmail.com", "--reason", "complaint")
	if s = h.status(1); s.Providers["gmail"].Complaints != 2 || !strings.Contains(s.Providers["gmail"].Reason, "complained") {
		t.Errorf("with complaints: %+v", s.Providers["gmail"])
	}

	// Three days without mail do not count.
	h.now = h.now.AddDate(0, 0, 4)
	if s = h.status(1); s.Day != 6 || s.Planned != 400 || s.Days != 8 {
		t.Errorf("after idle days: day %d of %d, %d planned", s.Day, s.Days, s.Planned)
	}
	text := h.run(1, "warmup", "status", plan)
	for _, want := range []string{"Day 6 of 8: 0 of 400 sent today", "back off", "complained about", "2026-12-02      200"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if len([]rune(line)) > 81 {
			t.Errorf("too long: %s", line)
		}
	}

	// The plan as it is now can be written down.
	moved := h.run(0, "warmup", "show", plan, "--adapt", "--format", "csv")
	if !strings.Contains(moved, "\n3,2026-12-03,100,100,5,50,50\n") {
		t.Errorf("moved:\n%s", moved)
	}
	if h.run(2, "warmup", "status", plan, "--campaign", "nothing"); t.Failed() {
		return
	}
}

// TestSimulationPromise is what simulated time is for: against the models of the
// large providers no cap is broken by one message, and a run that follows what
// comes of its days delivers more of what it plans.
func TestSimulationPromise(t *testing.T) {
	mix, err := warmup.ParseMix("gmail=45%,outlook=25%,yahoo=20%,other=10%")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := warmup.New(warmup.Options{Target: 50_000, Days: 14, Mix: mix, From: warmup.Date{Year: 2026, Month: 12, Day: 1}})
	if err != nil {
		t.Fatal(err)
	}
	personalities, err := choosePersonalities(plan.Providers(), nil)
	if err != nil {
		t.Fatal(err)
	}
	thresholds, err := warmup.DefaultThresholds()
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(2) {
		var shares []float64
		for _, adapt := range []bool{false, true} {
			receivers := newReceivers(personalities, seed)
			watched := map[string]warmup.Receiver{}
			tries := map[string]int{}
			for name, r := range receivers {
				watched[name] = tryCounter{r, func(now time.Time) { tries[name+now.Format(" 2006-01-02 15")]++ }}
			}
			s := warmup.Simulation{Receivers: watched, Thresholds: thresholds, Adapt: adapt, RetryFor: 72 * time.Hour}
			days := s.Play(plan)
			checkCaps(t, plan, days, tries, adapt)
			sum := warmup.Sum(days)
			shares = append(shares, sum.DeliveredShare)
			t.Logf("seed %d, adaptive %t: planned %d, sent %d, delivered %d, share %.1f %%", seed, adapt, sum.Planned, sum.Sent, sum.Delivered, 100*sum.DeliveredShare)
		}
		if shares[1] <= shares[0] {
			t.Errorf("seed %d: the adaptive run delivered %.3f of its plan, the blind one %.3f", seed, shares[1], shares[0])
		}
	}
}

// checkCaps holds the tries of every hour and day against the plan as it was on
// that day.
func checkCaps(t *testing.T, plan *warmup.Plan, days []warmup.PlayedDay, tries map[string]int, adapt bool) {
	t.Helper()
	for _, day := range days {
		decisions := map[string]warmup.Decision{}
		for name, of := range day.Providers {
			sum := 0
			for hour := range 24 {
				at := day.Date.At(hour, time.UTC)
				n := tries[name+at.Format(" 2006-01-02 15")]
				if limit := plan.CapsOn(at).Hour[name]; n > limit {
					t.Errorf("%s: %d tries at %s, %d are allowed", name, n, at, limit)
				}
				sum += n
			}
			if limit := plan.CapsOn(day.Date.At(0, time.UTC)).Today[name]; sum > limit || sum != of.Attempts {
				t.Errorf("%s: %d tries on %s, %d are allowed, %d were reported", name, sum, day.Date, limit, of.Attempts)
			}
			decisions[name] = of.Decision
		}
		if adapt {
			plan = plan.Adapt(day.Date, decisions)
		}
	}
}

// tryCounter tells of every try.
type tryCounter struct {
	warmup.Receiver
	count func(time.Time)
}

// Try is part of [warmup.Receiver].
func (c tryCounter) Try(now time.Time, recipient int) (warmup.Answer, bool) {
	c.count(now)
	return c.Receiver.Try(now, recipient)
}

// TestOwnBudget leaves today what was not handed over yet.
func TestOwnBudget(t *testing.T) {
	h := newWarmupHome(t)
	plan := filepath.Join(h.folder, "plan.json")
	h.run(0, "warmup", "plan", "--target", "240", "--start", "240", "--days", "2", "--mix", "gmail=50%", "--format", "json", "--out", plan)
	h.send(0, "first", 4, 0, 0, 0)
	s := settings{}
	s.State = filepath.Join(h.folder, ".local", "state", "mailctl")
	env := testEnvironment(nil)
	env.Now = func() time.Time { return h.now }
	l, err := openLedger(t.Context(), env, s)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	p, err := openPlan(plan)
	if err != nil {
		t.Fatal(err)
	}
	f, err := followPlan(t.Context(), l, p, h.now, ledger.DailyQuery{}, false)
	if err != nil {
		t.Fatal(err)
	}
	budget := f.budget
	if left := budget.Left(h.now); left["gmail"] != 116 || left["other"] != 120 {
		t.Errorf("left today: %v", left)
	}
	if _, ok := budget.Take(warmupKey(p, "gmail.com", ""), h.now); !ok {
		t.Error("no room for the fifth of five in an hour")
	}
	if again, ok := budget.Take(warmupKey(p, "corp.example", "aspmx.l.google.com"), h.now); ok || !again.Equal(h.now.Add(time.Hour)) {
		t.Errorf("a sixth one: %v, again at %s", ok, again)
	}
}
