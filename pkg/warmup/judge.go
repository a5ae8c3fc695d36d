package warmup

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

//go:embed data/thresholds.json
var thresholdsFile []byte

// A Threshold is a number that decides, and who says so.
type Threshold struct {
	Share  float64 `json:"share,omitempty"` // from 0 to 1
	Count  int     `json:"count,omitempty"`
	Source string  `json:"source"`
}

// Thresholds are where mail counts as welcome no longer. [DefaultThresholds]
// returns the published ones.
type Thresholds struct {
	DeliveredHold     Threshold `json:"delivered_hold"`      // below that share of what was tried, or of the day's cap
	DeliveredBackOff  Threshold `json:"delivered_back_off"`  // below that share of what was tried
	BouncesHold       Threshold `json:"bounces_hold"`        // from that share of dead addresses
	BouncesBackOff    Threshold `json:"bounces_back_off"`    //
	ComplaintsHold    Threshold `json:"complaints_hold"`     // from that share of what was delivered
	ComplaintsBackOff Threshold `json:"complaints_back_off"` //
	Excess            Threshold `json:"excess_hold"`         // from so much more than was planned
	LeastBounces      Threshold `json:"least_bounces"`       // fewer never decide
	LeastComplaints   Threshold `json:"least_complaints"`    //
}

// DefaultThresholds returns the thresholds that were published, with their
// sources.
func DefaultThresholds() (Thresholds, error) {
	var t Thresholds
	if err := json.Unmarshal(thresholdsFile, &t); err != nil {
		return t, fmt.Errorf("thresholds: %w", err)
	}
	return t, nil
}

// A Decision is what becomes of a provider's volume on the next sending day.
type Decision string

// The decisions.
const (
	Advance Decision = "advance"  // as much as the plan says
	Hold    Decision = "hold"     // as much as today
	BackOff Decision = "back off" // at most half of today
)

// Volume is what came of the recipients that were tried on a day, each counted
// once with what it ended the day with.
type Volume struct {
	Sent       int `json:"sent"` // all of them
	Delivered  int `json:"delivered"`
	Deferred   int `json:"deferred"` // put off, and waiting at the end of the day
	Bounced    int `json:"bounced"`  // dead addresses
	Blocked    int `json:"blocked"`  // refused for good because of the sender or the message
	Complaints int `json:"complaints"`
}

// Add adds another volume.
func (v *Volume) Add(w Volume) {
	v.Sent += w.Sent
	v.Delivered += w.Delivered
	v.Deferred += w.Deferred
	v.Bounced += w.Bounced
	v.Blocked += w.Blocked
	v.Complaints += w.Complaints
}

// answered is how many the receiver answered for. What is left of those who were sent to
// has an outcome that a crash of ours left unknown, and says nothing about the receiver.
func (v *Volume) answered() int { return v.Delivered + v.Deferred + v.Bounced + v.Blocked }

// A Verdict is a decision and its reason.
type Verdict struct {
	Decision Decision `json:"decision"`
	Reason   string   `json:"reason"` // in words
}

// Judge decides about a provider's next sending day from what came of a day on
// which the plan allowed so many messages. What speaks for less comes before what
// speaks for the same.
func (t Thresholds) Judge(planned int, v Volume) Verdict {
	switch {
	case planned == 0 && v.Sent == 0:
		return Verdict{Advance, "nothing was planned"}
	case v.Sent == 0:
		return Verdict{Hold, "nothing was sent"}
	case v.answered() == 0:
		return Verdict{Hold, "no answer is known"}
	}
	for _, rule := range []struct {
		applies bool
		Verdict
	}{
		{over(v.Complaints, v.Delivered, t.ComplaintsBackOff, t.LeastComplaints), Verdict{BackOff, complaintText(v, t.ComplaintsBackOff)}},
		{over(v.Bounced, v.Sent, t.BouncesBackOff, t.LeastBounces), Verdict{BackOff, bounceText(v, t.BouncesBackOff)}},
		{below(v.Delivered, v.answered(), t.DeliveredBackOff), Verdict{BackOff, deliveredText(v, t.DeliveredBackOff)}},
		{over(v.Complaints, v.Delivered, t.ComplaintsHold, t.LeastComplaints), Verdict{Hold, complaintText(v, t.ComplaintsHold)}},
		{over(v.Bounced, v.Sent, t.BouncesHold, t.LeastBounces), Verdict{Hold, bounceText(v, t.BouncesHold)}},
		{below(v.Delivered, v.answered(), t.DeliveredHold), Verdict{Hold, deliveredText(v, t.DeliveredHold)}},
		{below(v.Sent, planned, t.DeliveredHold), Verdict{Hold, fmt.Sprintf("%s of %s planned were sent; a level counts from %s",
			digits(v.Sent), digits(planned), percent(t.DeliveredHold.Share))}},
		{over(v.Sent-planned, planned, t.Excess, Threshold{}), Verdict{Hold, fmt.Sprintf("%s were sent, more than the %s planned",
			digits(v.Sent), digits(planned))}},
	} {
		if rule.applies {
			return rule.Verdict
		}
	}
	return Verdict{Advance, fmt.Sprintf("%s delivered, %s, %s",
		percent(ratio(v.Delivered, v.answered())), counted(v.Bounced, "dead address", "dead addresses"), counted(v.Complaints, "complaint", "complaints"))}
}

// over reports whether a share has reached a threshold, and is no chance.
func over(part, whole int, limit, least Threshold) bool {
	return part >= least.Count && part > 0 && ratio(part, whole) >= limit.Share
}

// below reports whether a share stays below a threshold.
func below(part, whole int, limit Threshold) bool {
	return whole > 0 && ratio(part, whole) < limit.Share
}

// ratio returns part/whole; of nothing, everything is 1.
func ratio(part, whole int) float64 {
	if whole <= 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

func complaintText(v Volume, limit Threshold) string {
	return fmt.Sprintf("%s complained about: %s of what was delivered, the limit is %s",
		digits(v.Complaints), percent(ratio(v.Complaints, v.Delivered)), percent(limit.Share))
}

func bounceText(v Volume, limit Threshold) string {
	return fmt.Sprintf("%s: %s of what was sent, the limit is %s",
		counted(v.Bounced, "dead address", "dead addresses"), percent(ratio(v.Bounced, v.Sent)), percent(limit.Share))
}

func deliveredText(v Volume, limit Threshold) string {
	return fmt.Sprintf("%s delivered, below %s: %s deferred, %s blocked",
		percent(ratio(v.Delivered, v.answered())), percent(limit.Share), digits(v.Deferred), digits(v.Blocked))
}

// counted writes a number and its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return digits(n) + " " + many
}

// percent writes a share with as many digits as it takes to tell it from the
// limits.
func percent(share float64) string {
	number := strconv.FormatFloat(share*100, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(number, "0"), ".") + "%"
}

// digits writes a number with its thousands apart.
func digits(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
