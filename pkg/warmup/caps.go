package warmup

import (
	"slices"
	"time"
)

// Caps are what a plan allows at some time.
type Caps struct {
	Date Date
	Day  int // of the plan; 0 when nothing is sent on that date
	// Today and Hour are what may be sent to each provider on the date and within
	// the hour of the time. A provider that is not there has the cap of [Other], and
	// none without that.
	Today, Hour map[string]int
	// Next is the date on which it goes on.
	Next Date
}

// CapsOn returns what may be sent on the date and in the hour that t says in its
// own time zone. Before the first day, and on days that the plan leaves out,
// nothing may be sent. After its last day, the last day goes on.
func (p *Plan) CapsOn(t time.Time) Caps {
	date := DateOf(t)
	caps := Caps{Date: date, Today: map[string]int{}, Hour: map[string]int{}, Next: p.sendingDay(date.Add(1))}
	for _, d := range p.Days {
		if date.Before(d.Date) {
			caps.Next = d.Date
			break
		}
	}
	day := p.on(date)
	if day == nil {
		return caps
	}
	caps.Day, caps.Today, caps.Hour = day.Day, day.Providers, day.InHour(t.Hour())
	return caps
}

// on returns the day of the plan that a date has, or nil.
func (p *Plan) on(date Date) *Day {
	i := slices.IndexFunc(p.Days, func(d Day) bool { return !d.Date.Before(date) })
	switch {
	case i >= 0 && p.Days[i].Date == date:
		return &p.Days[i]
	case i < 0 && !(p.SkipWeekends && date.Weekend()):
		return &p.Days[len(p.Days)-1]
	default:
		return nil
	}
}

// Key returns the name under which a plan counts a provider: its own, or
// [Other] for one that no day of the plan names.
func (p *Plan) Key(provider string) string {
	if provider != "" && slices.Contains(p.Providers(), provider) {
		return provider
	}
	return Other
}
