package warmup

import "maps"

// Adapt moves the rest of a plan by what was decided about the day on a date.
// Each provider moves for itself: it goes on as planned, has the same again and
// everything after it a day later, or goes back to the last level with at most
// half as much and climbs again from there. A provider without a decision goes on.
// The plan becomes as long as the slowest provider needs; a date that it does not
// have changes nothing. The plan itself stays what it is.
func (p *Plan) Adapt(on Date, decisions map[string]Decision) *Plan {
	moved := *p
	moved.Days = append([]Day{}, p.Days...)
	i := p.indexOf(on)
	if i < 0 {
		return &moved
	}
	columns, longest := map[string][]int{}, len(p.Days)
	for _, name := range p.Providers() {
		columns[name] = moveColumn(p.column(name), i, decisions[name])
		longest = max(longest, len(columns[name]))
	}
	longest = min(longest, maxPlanDays)
	for n := i + 1; n < longest; n++ {
		providers := map[string]int{}
		for name, column := range columns {
			providers[name] = column[min(n, len(column)-1)]
		}
		if n < len(p.Days) {
			if maps.Equal(providers, p.Days[n].Providers) {
				continue // also its hours stay what they are
			}
			moved.Days[n] = newDay(n+1, p.Days[n].Date, providers, p.IPs, p.Hours)
			continue
		}
		date := p.sendingDay(moved.Days[n-1].Date.Add(1))
		moved.Days = append(moved.Days, newDay(n+1, date, providers, p.IPs, p.Hours))
	}
	return &moved
}

// column returns what a provider has on each day.
func (p *Plan) column(name string) []int {
	column := make([]int, len(p.Days))
	for i, d := range p.Days {
		column[i] = d.Providers[name]
	}
	return column
}

// moveColumn returns a column that is moved from the day after i on.
func moveColumn(column []int, i int, decision Decision) []int {
	from := i + 1
	switch decision {
	case Advance, "":
		return column
	case Hold:
		from = i
	case BackOff:
		for from = i; from > 0 && column[from] > column[i]/2; {
			from--
		}
	}
	// Of the past, each level below today's is climbed once.
	moved := append([]int{}, column[:i+1]...)
	last := -1
	for n, level := range column[from:] {
		if past := from+n < i; past && (level <= last || level >= column[i]) {
			continue
		}
		moved, last = append(moved, level), level
	}
	return moved
}

// indexOf returns the index of the day with a date, or -1.
func (p *Plan) indexOf(on Date) int {
	for i, d := range p.Days {
		if d.Date == on {
			return i
		}
	}
	return -1
}

// History is what came of the days so far, by date and provider. The names are
// those of the plan; see [Plan.Key].
type History map[Date]map[string]Volume

// On returns what came of a date.
func (h History) On(d Date) Volume {
	var sum Volume
	for _, v := range h[d] {
		sum.Add(v)
	}
	return sum
}

// Verdicts judges each provider of a plan by what came of a date.
func (p *Plan) Verdicts(on Date, h History, t Thresholds) map[string]Verdict {
	verdicts := map[string]Verdict{}
	planned := map[string]int{}
	if d := p.on(on); d != nil {
		planned = d.Providers
	}
	for _, name := range p.Providers() {
		verdicts[name] = t.Judge(planned[name], h[on][name])
	}
	return verdicts
}

// Follow returns the plan as it is today after everything that came of the days
// before. A day on which nothing was sent is not lived through: everything moves
// by a day. When adapt is set, each day that was is judged, and moves the plan as
// [Plan.Adapt] says.
func (p *Plan) Follow(h History, today Date, t Thresholds, adapt bool) *Plan {
	followed := p
	for i := 0; i < len(followed.Days) && followed.Days[i].Date.Before(today); i++ {
		date := followed.Days[i].Date
		decisions := map[string]Decision{}
		for name, v := range followed.Verdicts(date, h, t) {
			if adapt {
				decisions[name] = v.Decision
			}
			if h.On(date).Sent == 0 {
				decisions[name] = Hold
			}
		}
		followed = followed.Adapt(date, decisions)
	}
	return followed
}
