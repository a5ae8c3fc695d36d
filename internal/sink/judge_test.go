package sink

import (
	"fmt"
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// answers asks for every recipient once, in the order given, and returns what
// rule decided about each.
func answers(p *Personality, seed uint64, stage delivery.Stage, order []int) map[int]string {
	j := newJudge(p, seed, time.Now, defaultRemember)
	got := make(map[int]string)
	for _, n := range order {
		d := j.decide(moment{stage: stage, from: "news@acme.example", to: []string{fmt.Sprintf("user%d@example.org", n)}})
		if d.rule != nil {
			got[n] = d.rule.name
		}
	}
	return got
}

// shuffled returns the numbers below n in an order that depends on a step that
// has no divisor in common with n.
func shuffled(n, step int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = (i + 1) * step % n
	}
	return order
}

func TestRealisticShares(t *testing.T) {
	const n = 50_000
	p := personality(t, "realistic")
	count := make(map[string]int)
	for _, stage := range []delivery.Stage{delivery.StageRcpt, delivery.StageMessage} {
		for _, name := range answers(p, 1, stage, shuffled(n, 7919)) {
			count[name]++
		}
	}
	near := func(what string, got int, share float64) {
		t.Helper()
		// Five standard deviations of a binomial distribution.
		if want := share * n; math.Abs(float64(got)-want) > 5*math.Sqrt(want) {
			t.Errorf("%s: %d of %d, want about %.0f", what, got, n, want)
		}
	}
	near("dead", count["user-unknown"]+count["user-unknown-lines"]+count["mailbox-disabled"], 0.02)
	near("full", count["mailbox-full"]+count["mailbox-full-for-now"], 0.005)
	near("deferred", count["try-again"]+count["too-fast"], 0.03)
}

// TestOrder shows that neither the order of recipients nor other recipients
// change what is said to one, and that a seed does.
func TestOrder(t *testing.T) {
	const n = 5_000
	for _, name := range []string{"realistic", "flaky"} {
		p := personality(t, name)
		for _, stage := range []delivery.Stage{delivery.StageRcpt, delivery.StageData, delivery.StageMessage} {
			first := answers(p, 7, stage, shuffled(n, 7919))
			if diff := cmp.Diff(first, answers(p, 7, stage, shuffled(n, 3))); diff != "" {
				t.Errorf("%s at %s: another order, another answer\n%s", name, stage, diff)
			}
			other := answers(p, 8, stage, shuffled(n, 1))
			if len(first) > 0 && cmp.Equal(first, other) {
				t.Errorf("%s at %s: another seed, the same answers", name, stage)
			}
		}
	}
}

// TestHash pins the hash: a seed must mean the same in every release.
func TestHash(t *testing.T) {
	for _, tc := range []struct {
		seed  uint64
		parts []string
		want  uint64
	}{
		{0, nil, 0xf52a15e9a9b5e89b},
		{1, []string{"user-unknown", "ann@example.org"}, 0xcc7eb22b12b48265},
		{2, []string{"user-unknown", "ann@example.org"}, 0x483ab7fca50e353c},
		{1, []string{"user-unknownann@", "example.org"}, 0xf86a84176f45695e},
	} {
		if got := hash(tc.seed, tc.parts...); got != tc.want {
			t.Errorf("hash(%d, %q) = %#x, want %#x", tc.seed, tc.parts, got, tc.want)
		}
	}
}

func TestDelay(t *testing.T) {
	j := newJudge(rules(t, "rules: [{at: rcpt, delay: 200ms..2s}, {at: rcpt, delay: 1s}]"), 1, time.Now, 10)
	var least, most time.Duration = time.Hour, 0
	for n := range 1000 {
		d := j.decide(moment{stage: delivery.StageRcpt, to: []string{strconv.Itoa(n)}})
		if d.rule != nil {
			t.Fatal("a delay decides nothing")
		}
		least, most = min(least, d.delay), max(most, d.delay)
	}
	if least < 1200*time.Millisecond || least > 1300*time.Millisecond || most > 3*time.Second || most < 2900*time.Millisecond {
		t.Errorf("delays from %v to %v", least, most)
	}
}

// TestAnyRecipient shows that a rule at message looks at all recipients.
func TestAnyRecipient(t *testing.T) {
	j := newJudge(rules(t, `rules: [{at: message, to: b@example.org, reply: "550 no"}]`), 1, time.Now, 10)
	d := j.decide(moment{stage: delivery.StageMessage, to: []string{"a@example.org", "B@Example.org"}})
	if d.rule == nil || d.to != "B@Example.org" {
		t.Errorf("got %+v", d)
	}
}

func TestWait(t *testing.T) {
	now := time.Unix(0, 0)
	j := newJudge(personality(t, "greylist"), 1, func() time.Time { return now }, 10)
	for _, tc := range []struct {
		at      time.Duration
		rcpt    string
		refused bool
	}{
		{0, "a", true},
		{3 * time.Second, "b", true},
		{4999 * time.Millisecond, "a", true},
		{5 * time.Second, "a", false},
		{6 * time.Second, "a", false},
		{7 * time.Second, "b", true},
		{8 * time.Second, "b", false},
	} {
		now = time.Unix(0, 0).Add(tc.at)
		d := j.decide(moment{stage: delivery.StageRcpt, to: []string{tc.rcpt}})
		if refused := d.rule != nil; refused != tc.refused {
			t.Errorf("%s after %v: refused %t", tc.rcpt, tc.at, refused)
		}
	}
}

func TestAttemptsAreBounded(t *testing.T) {
	a := newAttempts(2)
	now := time.Unix(0, 0)
	once := func(number int, _ time.Duration) bool { return number <= 1 }
	for i, tc := range []struct {
		wait time.Duration
		key  uint64
		want bool
	}{
		{0, 1, true},
		{0, 2, true},
		{0, 3, false}, // no room: passes
		{0, 1, false}, // passed: may be forgotten
		{0, 3, true},  // in the place of 1
		{0, 4, false}, // 2 is the oldest now, and still waits
		{forgetAfter, 4, true},
		{0, 2, true},  // in the place of 3, which was last seen an hour ago too
		{0, 3, false}, // no room
		{0, 2, false}, // its second attempt
	} {
		now = now.Add(tc.wait)
		if got := a.visit(tc.key, now, once); got != tc.want {
			t.Errorf("visit %d, key %d: %t", i, tc.key, got)
		}
	}
	if len(a.slots) > 2 || len(a.index) > 2 {
		t.Errorf("%d slots, %d keys", len(a.slots), len(a.index))
	}
}

func TestRecentIsBounded(t *testing.T) {
	r := newRecent(2)
	for i, tc := range []struct {
		key  uint64
		want bool
	}{{1, false}, {1, true}, {2, false}, {3, false}, {1, false}, {3, true}, {2, false}} {
		if got := r.add(tc.key); got != tc.want {
			t.Errorf("step %d, key %d: %t", i, tc.key, got)
		}
	}
	if len(r.keys) > 2 || len(r.ring) > 2 {
		t.Errorf("%d keys in %d places", len(r.keys), len(r.ring))
	}
}

func TestPatterns(t *testing.T) {
	for _, tc := range []struct {
		pattern, address string
		want             bool
	}{
		{"example.org", "a@example.org", true},
		{"example.org", "a@EXAMPLE.ORG", true},
		{"example.org", "a@sub.example.org", false},
		{"*.example.org", "a@sub.example.org", true},
		{"*.example.org", "a@exampleXorg", false},
		{"*@example.org", "a/b@example.org", true},
		{"ann?@*", "ann1@x", true},
		{"ann?@*", "ann12@x", false},
		{"[a]@x", "a@x", false},
		{"/^a+@/", "aaa@x", true},
		{"/^a+@/", "AAA@x", true},
		{"/^a+@/", "b@x", false},
		{"", "", true},
		{"", "a@x", false},
		{"*", "", true},
		{`"a@b"@x`, `"a@b"@x`, true},
		{"x", `"a@b"@x`, true},
	} {
		p, err := parsePattern(tc.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.matches(tc.address); got != tc.want {
			t.Errorf("%q matches %q: %t", tc.pattern, tc.address, got)
		}
	}
}
