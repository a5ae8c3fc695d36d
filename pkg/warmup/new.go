package warmup

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Causes of a plan that cannot be made.
var (
	ErrNumber      = errors.New("number out of range")
	ErrUnreachable = errors.New("the schedule does not reach the target")
)

// What a plan has where [Options] leave it open.
const (
	DefaultStart = 50
	DefaultDays  = 30

	maxDays = 1000
	maxIPs  = 1000
)

// Options say what a plan is to be like. All numbers of messages are for all
// addresses together.
type Options struct {
	Target int // messages a day in the end; needed but for a schedule from a file
	// Start is what the first day has; 0 is [DefaultStart]. A schedule begins with
	// its first day that has as much; 0 is from its beginning.
	Start int
	// Days is how many there are from Start to Target; 0 is [DefaultDays]. A schedule
	// has to get there in as many at the latest, else the error is [ErrUnreachable];
	// 0 is as many as it takes.
	Days         int
	Schedule     *Schedule // nil grows from Start to Target by the same factor every day
	Mix          Mix
	IPs          int // 0 is 1
	From         Date
	SkipWeekends bool // no mail on Saturday and Sunday; only sending days count
	Hours        Hours
}

// New makes a plan.
//
// Without a schedule, day d of n has start·(target/start)^((d-1)/(n-1)), rounded:
// the first day has the start, the last one the target. With one, each day has
// what the schedule has for an address of that age, until the target is reached.
func New(o Options) (*Plan, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	p := &Plan{Target: o.Target, IPs: o.IPs, SkipWeekends: o.SkipWeekends, Hours: o.Hours}
	days, err := o.growth()
	if err != nil {
		return nil, err
	}
	if o.Schedule != nil {
		p.Schedule, p.Source = o.Schedule.Name, o.Schedule.Source
	}
	date := o.From
	for i, providers := range days {
		if i > 0 {
			date = date.Add(1)
		}
		date = p.sendingDay(date)
		p.Days = append(p.Days, newDay(i+1, date, providers, o.IPs, o.Hours))
	}
	return p, nil
}

// sendingDay returns a day, or the first one after it on which mail is sent.
func (p *Plan) sendingDay(d Date) Date {
	for p.SkipWeekends && d.Weekend() {
		d = d.Add(1)
	}
	return d
}

// complete fills in what is left open and refuses what makes no sense.
func (o *Options) complete() error {
	if o.Schedule != nil && o.Target == 0 {
		o.Target = o.Schedule.end()
	}
	if o.Schedule == nil && o.Days == 0 {
		o.Days = DefaultDays
	}
	if o.Schedule == nil && o.Start == 0 {
		o.Start = min(DefaultStart, o.Target)
	}
	if o.IPs == 0 {
		o.IPs = 1
	}
	for _, n := range []struct {
		name             string
		value, low, high int
	}{
		{"target", o.Target, 1, MaxTotal},
		{"start", o.Start, 0, o.Target},
		{"days", o.Days, 0, maxDays},
		{"ips", o.IPs, 1, maxIPs},
	} {
		if n.value < n.low || n.value > n.high {
			return delivery.Hint(fmt.Errorf("%w: %s %d", ErrNumber, n.name, n.value),
				fmt.Sprintf("%s is a number from %d to %d here", n.name, n.low, n.high))
		}
	}
	if o.From.IsZero() {
		return fmt.Errorf("%w: no first day", ErrNumber)
	}
	return errors.Join(o.Mix.check(), o.Hours.check())
}

// end returns the largest day of a schedule that ends by itself, else 0.
func (s *Schedule) end() int {
	if len(s.days) > 0 {
		return sumOf(s.days[len(s.days)-1])
	}
	if len(s.Stages) > 0 && s.Then == 0 && s.Unit == unitDay && s.Per == perSender {
		return s.Stages[len(s.Stages)-1]
	}
	return 0
}

// growth returns what each day has for each provider.
func (o *Options) growth() ([]map[string]int, error) {
	if o.Schedule == nil {
		return o.geometric(), nil
	}
	var days []map[string]int
	for age := 1; ; age++ {
		providers, ended := o.scheduled(age)
		switch {
		case providers == nil || age > maxDays:
			return nil, o.unreachable()
		case sumOf(providers) >= o.Start:
			days = append(days, providers)
		}
		switch {
		case !ended && sumOf(providers) != o.Target:
		case o.Days > 0 && len(days) > o.Days:
			return nil, o.late(days)
		default:
			return days, nil
		}
	}
}

// geometric grows by the same factor every day.
func (o *Options) geometric() []map[string]int {
	days := make([]map[string]int, o.Days)
	for i := range days {
		total := o.Target
		if i < o.Days-1 {
			part := float64(i) / float64(o.Days-1)
			total = int(math.Round(float64(o.Start) * math.Pow(float64(o.Target)/float64(o.Start), part)))
		}
		days[i] = o.Mix.split(total)
	}
	return days
}

// scheduled returns what the schedule has for a day, no more than the target,
// and whether it is the last one. It returns nil when there is no such day.
func (o *Options) scheduled(age int) (providers map[string]int, ended bool) {
	s, ips := o.Schedule, 1
	if s.Per == perIP {
		ips = o.IPs
	}
	switch {
	case len(s.days) > 0:
		if age > len(s.days) {
			return nil, true
		}
		day := Mix(s.days[age-1])
		return day.split(min(sumOf(day), o.Target)), false
	case s.Providers != nil || s.Shares != nil:
		return o.byProvider(age, ips)
	}
	total, ok := s.total(age, o.Hours.count())
	if !ok {
		return nil, true
	}
	return o.Mix.split(min(total*ips, o.Target)), false
}

// byProvider returns what a schedule with a curve for each provider has for a
// day. A provider without one follows the slowest.
func (o *Options) byProvider(age, ips int) (providers map[string]int, ended bool) {
	ended = len(o.Schedule.Shares) > 0
	caps := map[string]int{}
	full := o.Mix.split(o.Target)
	slowest, least := MaxTotal, 100.0
	for name, curve := range o.Schedule.Providers {
		caps[name] = min(segmentAt(curve, age, o.Hours.count())*ips, MaxTotal)
		slowest = min(slowest, caps[name])
	}
	percent := map[string]float64{}
	for name, curve := range o.Schedule.Shares {
		percent[name], _ = shareAt(curve, age)
		least = min(least, percent[name])
		ended = ended && age >= curve[len(curve)-1].Day
	}
	for name, n := range full {
		if o.Schedule.Shares != nil {
			part, ok := percent[name]
			if !ok {
				part = least
			}
			full[name] = int(math.Round(float64(n) * part / 100))
			continue
		}
		limit, ok := caps[name]
		if !ok {
			limit = slowest
		}
		full[name] = min(n, limit)
	}
	return full, ended
}

// unreachable says how far a schedule goes.
func (o *Options) unreachable() error {
	most := 0
	for age := 1; age <= maxDays; age++ {
		providers, _ := o.scheduled(age)
		if providers == nil {
			break
		}
		most = max(most, sumOf(providers))
	}
	err := fmt.Errorf("%w: %s ends at %d a day, and the target is %d", ErrUnreachable, o.Schedule.Name, most, o.Target)
	if o.Schedule.Per == perIP {
		need := (o.Target + most/o.IPs - 1) / max(most/o.IPs, 1)
		return delivery.Hint(err, fmt.Sprintf("the numbers are for each address: give --ips %d, or a lower --target", need))
	}
	return delivery.Hint(err, "give a lower --target, or another --schedule")
}

// late says how long a schedule takes.
func (o *Options) late(days []map[string]int) error {
	err := fmt.Errorf("%w in %d of its %d days: %s has %d a day by then, and the target is %d",
		ErrUnreachable, o.Days, len(days), o.Schedule.Name, sumOf(days[o.Days-1]), o.Target)
	return delivery.Hint(err, fmt.Sprintf("give --days %d, or none, or a lower --target", len(days)))
}

// sumOf returns what all providers have together.
func sumOf(providers map[string]int) int {
	sum := 0
	for _, name := range slices.Sorted(maps.Keys(providers)) {
		sum += providers[name]
	}
	return sum
}
