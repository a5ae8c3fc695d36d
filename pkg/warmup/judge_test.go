package warmup

import (
	"strings"
	"testing"
)

func thresholds(t testing.TB) Thresholds {
	t.Helper()
	all, err := DefaultThresholds()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestJudge(t *testing.T) {
	rules := thresholds(t)
	for _, tc := range []struct {
		name    string
		planned int
		v       Volume
		want    Decision
		reason  string
	}{
		{"all well", 1000, Volume{Sent: 1000, Delivered: 995, Bounced: 5}, Advance, "99.5% delivered, 5 dead addresses, 0 complaints"},
		{"nothing", 1000, Volume{}, Hold, "nothing was sent"},
		{"nothing planned", 0, Volume{}, Advance, "nothing was planned"},
		{"level not filled", 1000, Volume{Sent: 899, Delivered: 899}, Hold, "899 of 1,000 planned were sent; a level counts from 90%"},
		{"level just filled", 1000, Volume{Sent: 900, Delivered: 900}, Advance, ""},
		{"bounces at 2 %", 1000, Volume{Sent: 1000, Delivered: 980, Bounced: 20}, Hold, "20 dead addresses: 2% of what was sent, the limit is 2%"},
		{"bounces below 2 %", 1000, Volume{Sent: 1000, Delivered: 981, Bounced: 19}, Advance, ""},
		{"bounces at 5 %", 1000, Volume{Sent: 1000, Delivered: 950, Bounced: 50}, BackOff, "5% of what was sent"},
		{"two bounces on a small day", 20, Volume{Sent: 20, Delivered: 18, Bounced: 2}, Advance, "2 dead addresses"},
		{"three bounces on a small day", 20, Volume{Sent: 20, Delivered: 17, Bounced: 3}, BackOff, "15% of what was sent"},
		{"complaints at 0.1 %", 2000, Volume{Sent: 2000, Delivered: 2000, Complaints: 2}, Hold, "2 complained about: 0.1% of what was delivered, the limit is 0.1%"},
		{"complaints below 0.1 %", 2001, Volume{Sent: 2001, Delivered: 2001, Complaints: 2}, Advance, "2 complaints"},
		{"complaints at 0.3 %", 1000, Volume{Sent: 1000, Delivered: 1000, Complaints: 3}, BackOff, "the limit is 0.3%"},
		{"one complaint on a small day", 50, Volume{Sent: 50, Delivered: 50, Complaints: 1}, Advance, "1 complaint"},
		{"89.9 % delivered", 1000, Volume{Sent: 1000, Delivered: 899, Deferred: 101}, Hold, "89.9% delivered, below 90%: 101 deferred, 0 blocked"},
		{"half delivered", 1000, Volume{Sent: 1000, Delivered: 500, Deferred: 500}, Hold, "50% delivered"},
		{"less than half", 1000, Volume{Sent: 1000, Delivered: 499, Blocked: 501}, BackOff, "49.9% delivered, below 50%: 0 deferred, 501 blocked"},
		{"a tenth too much", 1000, Volume{Sent: 1100, Delivered: 1100}, Hold, "1,100 were sent, more than the 1,000 planned"},
		{"a little too much", 1000, Volume{Sent: 1099, Delivered: 1099}, Advance, ""},
		{"none was planned", 0, Volume{Sent: 5, Delivered: 5}, Hold, "5 were sent, more than the 0 planned"},
		{"the worst decides", 1000, Volume{Sent: 1000, Delivered: 890, Bounced: 60, Deferred: 50}, BackOff, "60 dead addresses"},
		{"a crash of ours", 20, Volume{Sent: 20, Delivered: 9, Deferred: 1}, Advance, "90% delivered"},
		{"nothing but a crash", 20, Volume{Sent: 20}, Hold, "no answer is known"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := rules.Judge(tc.planned, tc.v)
			if got.Decision != tc.want || !strings.Contains(got.Reason, tc.reason) {
				t.Errorf("%s: %s", got.Decision, got.Reason)
			}
		})
	}
}

// TestThresholdSources wants a source for each number.
func TestThresholdSources(t *testing.T) {
	rules := thresholds(t)
	for _, limit := range []Threshold{
		rules.DeliveredHold, rules.DeliveredBackOff, rules.BouncesHold, rules.BouncesBackOff,
		rules.ComplaintsHold, rules.ComplaintsBackOff, rules.Excess, rules.LeastBounces, rules.LeastComplaints,
	} {
		if limit.Source == "" || (limit.Share == 0) == (limit.Count == 0) {
			t.Errorf("%+v", limit)
		}
	}
	all, err := Schedules()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Source == "" || s.About == "" || (s.Per != perIP && s.Per != perSender) {
			t.Errorf("%+v", s)
		}
	}
}
