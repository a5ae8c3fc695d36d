package warmup

import (
	"maps"
	"slices"
)

// MaxTotal bounds every number of messages.
const MaxTotal = 1_000_000_000

// hoursOfDay is how many hours a day has here; those that summer time takes or
// gives do not count.
const hoursOfDay = 24

// A Plan says how much may be sent on which day. Make one with [New] or [Parse].
type Plan struct {
	Schedule     string `json:"schedule,omitempty"` // its name; empty when it grows from start to target
	Source       string `json:"source,omitempty"`   // where the numbers of the schedule come from
	Target       int    `json:"target"`             // messages a day in the end, over all addresses
	IPs          int    `json:"ips"`                // addresses that share the work
	SkipWeekends bool   `json:"skip_weekends,omitempty"`
	Hours        Hours  `json:"hours,omitzero"` // in which mail is sent
	Days         []Day  `json:"days"`           // in order, each later than the one before
}

// A Day is what may be sent on one day, over all addresses.
type Day struct {
	Day   int  `json:"day"` // from 1
	Date  Date `json:"date"`
	Total int  `json:"total"`
	// PerIP is the most that one of several addresses sends.
	PerIP int `json:"per_ip,omitempty"`
	// Hourly has what may be sent in each hour from 0 to 23; it adds up to Total.
	Hourly []int `json:"hourly"`
	// Providers adds up to Total, too.
	Providers map[string]int `json:"providers"`
}

// Providers returns the names of all providers of the plan, in order.
func (p *Plan) Providers() []string {
	names := map[string]bool{}
	for _, d := range p.Days {
		for name := range d.Providers {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Total returns how much the plan sends from its first day to its last.
func (p *Plan) Total() int {
	sum := 0
	for _, d := range p.Days {
		sum += d.Total
	}
	return sum
}

// InHour returns what may be sent to each provider within an hour of the day.
// The hours of a provider add up to its day, and the providers of an hour to the
// hour.
func (d *Day) InHour(hour int) map[string]int {
	names := slices.Sorted(maps.Keys(d.Providers))
	weights := make([]int, len(names))
	for i, name := range names {
		weights[i] = d.Providers[name]
	}
	before := 0
	for _, n := range d.Hourly[:hour] {
		before += n
	}
	// Both are parts of a growing whole, and apportion is monotone.
	earlier, later := apportion(before, weights), apportion(before+d.Hourly[hour], weights)
	in := make(map[string]int, len(names))
	for i, name := range names {
		in[name] = later[i] - earlier[i]
	}
	return in
}

// newDay returns a day whose parts add up.
func newDay(number int, date Date, providers map[string]int, ips int, hours Hours) Day {
	d := Day{Day: number, Date: date, Providers: providers}
	for _, n := range providers {
		d.Total += n
	}
	if ips > 1 {
		d.PerIP = (d.Total + ips - 1) / ips
	}
	d.Hourly = hours.split(d.Total)
	return d
}
