package send

import "time"

// A growth is the search for the number of connections that helps most.
type growth struct {
	wanted bool      // one more would have been opened
	since  time.Time // when the present number was allowed
	count  int       // deliveries since then
	before float64   // deliveries a second with the number before
	from   int       // the number before; 0 at first
}

// The constants of the growth.
const (
	growEvery = time.Second
	growAfter = 20  // deliveries
	growGain  = 1.1 // times what the number before brought
	growAgain = time.Minute
)

// want says that one connection more would be opened if it were allowed.
func (s *shaper) want() { s.growth.wanted = true }

// grow allows more connections when those it has are not enough, as long as
// the last ones brought something. It returns the number when it has grown.
func (s *shaper) grow(now time.Time) (n int, grown bool) {
	g := &s.growth
	if s.conns == 0 {
		return 0, false
	}
	if g.since.IsZero() {
		g.since = now
	}
	g.count++
	if now.Before(s.heldConns) {
		g.since, g.count, g.from = now, 0, 0
		return 0, false
	}
	took := now.Sub(g.since)
	if took < growEvery || g.count < growAfter {
		return 0, false
	}
	brought := float64(g.count) / took.Seconds()
	defer func() { g.since, g.count, g.wanted = now, 0, false }()
	if g.from > 0 && brought < growGain*g.before {
		s.conns, g.from = g.from, 0 // it did not help
		s.heldConns = now.Add(growAgain)
		return 0, false
	}
	if !g.wanted || s.conns >= s.most || s.rate > 0 {
		g.from = 0
		return 0, false
	}
	g.from, g.before = s.conns, brought
	s.conns = min(2*s.conns, s.most)
	return s.conns, true
}

// A meter counts what was accepted over the last seconds.
type meter struct {
	first  time.Time
	second int64 // that the newest bucket is about
	counts [6]int
}

// meterSpan is over how long a meter looks.
const meterSpan = 5 * time.Second

func (m *meter) add(now time.Time) {
	if m.first.IsZero() {
		m.first = now
	}
	m.turn(now)
	m.counts[m.second%int64(len(m.counts))]++
}

// turn empties the buckets of the seconds in between.
func (m *meter) turn(now time.Time) {
	second := now.Unix()
	if second-m.second >= int64(len(m.counts)) {
		m.counts = [6]int{}
		m.second = second
	}
	for m.second < second {
		m.second++
		m.counts[m.second%int64(len(m.counts))] = 0
	}
}

// rate returns what was accepted a second, over at least one second.
func (m *meter) rate(now time.Time) float64 {
	if m.first.IsZero() {
		return 0
	}
	m.turn(now)
	n := 0
	for _, count := range m.counts {
		n += count
	}
	// The newest bucket is not full yet.
	span := meterSpan + time.Duration(now.Nanosecond())
	span = min(span, max(now.Sub(m.first), time.Second))
	return float64(n) / span.Seconds()
}
