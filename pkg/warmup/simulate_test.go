package warmup

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// counting is a receiver that counts tries by day and by hour, and says what it is
// told.
type counting struct {
	answer      func(now time.Time, recipient int) Answer
	days, hours map[string]int
}

func newCounting(answer func(time.Time, int) Answer) *counting {
	return &counting{answer, map[string]int{}, map[string]int{}}
}

func (c *counting) Try(now time.Time, recipient int) (Answer, bool) {
	c.days[now.Format(time.DateOnly)]++
	c.hours[now.Format("2006-01-02 15")]++
	return c.answer(now, recipient), recipient%500 == 0
}

// TestPlayKeepsCaps counts at receivers of every temper.
func TestPlayKeepsCaps(t *testing.T) {
	for name, answer := range map[string]func(time.Time, int) Answer{
		"everything": func(time.Time, int) Answer { return Taken },
		"every third is put off": func(now time.Time, n int) Answer {
			if n%3 == 0 && now.Minute() < 30 {
				return PutOff
			}
			return Taken
		},
		"slow in the morning": func(now time.Time, _ int) Answer {
			if now.Hour() < 12 {
				return SlowDown
			}
			return Taken
		},
		"nothing at all": func(time.Time, int) Answer { return Refused },
	} {
		t.Run(name, func(t *testing.T) {
			p := planOf(t, Options{Target: 2_000, Days: 14, Mix: Mix{"gmail": 2, "yahoo": 1}})
			for _, adapt := range []bool{false, true} {
				receivers := map[string]Receiver{"gmail": newCounting(answer), "yahoo": newCounting(answer)}
				s := Simulation{Receivers: receivers, Thresholds: thresholds(t), Adapt: adapt, RetryFor: 72 * time.Hour}
				moved := p
				for _, played := range s.Play(p) {
					decisions := map[string]Decision{}
					for provider, of := range played.Providers {
						c, _ := receivers[provider].(*counting)
						day := moved.on(played.Date)
						if of.Planned != day.Providers[provider] || c.days[played.Date.String()] > of.Planned || of.Attempts > of.Planned {
							t.Errorf("%s on %s: %d tries of %d planned", provider, played.Date, c.days[played.Date.String()], of.Planned)
						}
						for hour := range hoursOfDay {
							tries := c.hours[played.Date.At(hour, time.UTC).Format("2006-01-02 15")]
							if limit := day.InHour(hour)[provider]; tries > limit {
								t.Errorf("%s on %s, hour %d: %d tries of %d", provider, played.Date, hour, tries, limit)
							}
						}
						if of.Sent != of.Delivered+of.Deferred+of.Bounced+of.Blocked {
							t.Errorf("%s on %s does not add up: %+v", provider, played.Date, of)
						}
						decisions[provider] = of.Decision
					}
					if adapt {
						moved = moved.Adapt(played.Date, decisions)
					}
				}
			}
		})
	}
}

// TestPlayGivesUp has messages that nobody ever takes.
func TestPlayGivesUp(t *testing.T) {
	p := planOf(t, Options{Target: 100, Start: 100, Days: 4})
	s := Simulation{
		Receivers:  map[string]Receiver{Other: newCounting(func(time.Time, int) Answer { return PutOff })},
		Thresholds: thresholds(t), RetryFor: 24 * time.Hour,
	}
	sum := Sum(s.Play(p))
	if sum.Delivered != 0 || sum.Expired == 0 || sum.DeliveredShare != 0 {
		t.Errorf("%+v", sum)
	}
}

func TestPlayWithoutReceivers(t *testing.T) {
	p := planOf(t, Options{Target: 300, Days: 5, Mix: Mix{"gmail": 1, "yahoo": 2}})
	s := Simulation{Thresholds: thresholds(t), Adapt: true, RetryFor: time.Hour}
	days := s.Play(p)
	if sum := Sum(days); sum.Delivered != p.Total() || sum.DeliveredShare != 1 {
		t.Errorf("%+v", sum)
	}
	if diff := cmp.Diff(days, s.Play(p)); diff != "" {
		t.Error(diff)
	}
	if of := SumOf(days, "gmail"); of.Planned != of.Delivered || of.Planned == 0 {
		t.Errorf("%+v", of)
	}
}
