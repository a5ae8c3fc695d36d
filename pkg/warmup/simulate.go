package warmup

import (
	"container/heap"
	"time"
)

// An Answer is what a receiver says to one try.
type Answer string

// The answers.
const (
	Taken     Answer = "taken"     // delivered
	PutOff    Answer = "put off"   // try that recipient again
	SlowDown  Answer = "slow down" // try everybody again: it is about the sender
	NoMailbox Answer = "no mailbox"
	Refused   Answer = "refused" // for good, and not because of the recipient
)

// A Receiver stands for a provider in a simulation.
type Receiver interface {
	// Try hands a message over for a recipient, who has a number. It also says
	// whether the recipient complains about the message.
	Try(now time.Time, recipient int) (answer Answer, complaint bool)
}

// Simulation says how a plan is played.
type Simulation struct {
	// Receivers stand for the providers of the plan; one that is missing takes
	// everything.
	Receivers  map[string]Receiver
	Thresholds Thresholds
	Adapt      bool          // move the plan after each day by what came of it
	RetryFor   time.Duration // how long a message is tried again
}

// A PlayedDay is what came of a day.
type PlayedDay struct {
	Day       int                       `json:"day"`
	Date      Date                      `json:"date"`
	Providers map[string]PlayedProvider `json:"providers"`
}

// PlayedProvider is what came of a day at one provider.
type PlayedProvider struct {
	Planned int `json:"planned"`
	Volume
	Attempts int `json:"attempts"` // never more than planned
	Expired  int `json:"expired"`  // given up on after RetryFor
	Verdict
}

// Play plays a plan for as many days as it has, against receivers, in simulated
// time. The sender always has as much mail as the plan allows. Each try counts
// against the cap of its hour, also those that fail and are made again.
func (s *Simulation) Play(p *Plan) []PlayedDay {
	senders := map[string]*sender{}
	for _, name := range p.Providers() {
		senders[name] = &sender{receiver: s.Receivers[name], retryFor: s.RetryFor}
	}
	played := make([]PlayedDay, 0, len(p.Days))
	for i := range len(p.Days) {
		day := &p.Days[i]
		for hour := range hoursOfDay {
			start := day.Date.At(hour, time.UTC)
			for name, room := range day.InHour(hour) {
				senders[name].send(start, room)
			}
		}
		of := PlayedDay{Day: day.Day, Date: day.Date, Providers: map[string]PlayedProvider{}}
		decisions := map[string]Decision{}
		for name, sender := range senders {
			today := sender.endDay()
			today.Planned = day.Providers[name]
			today.Verdict = s.Thresholds.Judge(today.Planned, today.Volume)
			decisions[name], of.Providers[name] = today.Decision, today
		}
		played = append(played, of)
		if s.Adapt {
			p = p.Adapt(day.Date, decisions)
		}
	}
	return played
}

// RunTotal is what came of several days.
type RunTotal struct {
	Planned int `json:"planned"`
	Volume
	Attempts int `json:"attempts"`
	Expired  int `json:"expired"`
	// DeliveredShare is that of the planned messages which were delivered.
	DeliveredShare float64 `json:"delivered_share"`
}

// Sum adds up what came of several days at all providers.
func Sum(days []PlayedDay) RunTotal {
	return sumPlayed(days, func(string) bool { return true })
}

// SumOf adds up what came of several days at one provider.
func SumOf(days []PlayedDay, provider string) RunTotal {
	return sumPlayed(days, func(name string) bool { return name == provider })
}

func sumPlayed(days []PlayedDay, counts func(provider string) bool) RunTotal {
	var sum RunTotal
	for _, day := range days {
		for name, of := range day.Providers {
			if !counts(name) {
				continue
			}
			sum.Planned += of.Planned
			sum.Attempts += of.Attempts
			sum.Expired += of.Expired
			sum.Add(of.Volume)
		}
	}
	sum.DeliveredShare = ratio(sum.Delivered, sum.Planned)
	return sum
}

// A sender works for one provider. It leaves the provider alone for growing
// times when that keeps saying no.
type sender struct {
	receiver Receiver
	retryFor time.Duration

	today   PlayedProvider
	next    int // number of the next recipient
	waiting waiting
	refused int       // in a row
	rest    time.Time // until when the provider is left alone
	pause   time.Duration
}

const (
	patience   = 10 // refusals in a row before the provider is left alone
	firstPause = 15 * time.Minute
	longPause  = 4 * time.Hour
)

// send uses up to so many tries, evenly within an hour.
func (s *sender) send(start time.Time, tries int) {
	for i := range tries {
		now := start.Add(time.Hour * time.Duration(i) / time.Duration(tries))
		if now.Before(s.rest) {
			continue
		}
		m := message{number: s.next, first: now}
		if len(s.waiting) > 0 && !s.waiting[0].due.After(now) {
			m, _ = heap.Pop(&s.waiting).(message)
		} else {
			s.next++
		}
		s.try(now, m)
	}
}

// try makes one attempt.
func (s *sender) try(now time.Time, m message) {
	answer, complaint := Taken, false
	if s.receiver != nil {
		answer, complaint = s.receiver.Try(now, m.number)
	}
	s.today.Attempts++
	if m.day != DateOf(now) {
		m.day = DateOf(now)
		s.today.Sent++
	} else {
		s.today.Deferred-- // until now
	}
	switch answer {
	case PutOff, SlowDown:
		s.today.Deferred++
		s.putOff(now, m)
	case NoMailbox:
		s.today.Bounced++
	case Refused:
		s.today.Blocked++
	case Taken:
		s.today.Delivered++
		if complaint {
			s.today.Complaints++
		}
	}
	s.notice(now, answer)
}

// putOff lets a message wait, for longer each time.
func (s *sender) putOff(now time.Time, m message) {
	m.tries++
	m.due = now.Add(min(firstPause<<min(m.tries-1, 4), longPause))
	if m.due.Sub(m.first) > s.retryFor {
		s.today.Expired++
		return
	}
	heap.Push(&s.waiting, m)
}

// notice draws conclusions from answers that are about the sender.
func (s *sender) notice(now time.Time, answer Answer) {
	switch answer {
	case SlowDown, Refused:
		if s.refused++; s.refused < patience {
			return
		}
		s.pause = min(max(2*s.pause, firstPause), longPause)
		s.rest, s.refused = now.Add(s.pause), 0
	case Taken:
		s.refused, s.pause = 0, 0
	case PutOff, NoMailbox:
	}
}

// endDay returns what came of the day.
func (s *sender) endDay() PlayedProvider {
	today := s.today
	s.today = PlayedProvider{}
	return today
}

// A message has been put off.
type message struct {
	number     int
	tries      int
	first, due time.Time
	day        Date // when it was last tried
}

// waiting is a heap with the message that is due first on top.
type waiting []message

func (w waiting) Len() int { return len(w) }
func (w waiting) Less(i, j int) bool {
	return w[i].due.Before(w[j].due) || w[i].due.Equal(w[j].due) && w[i].number < w[j].number
}
func (w waiting) Swap(i, j int) { w[i], w[j] = w[j], w[i] }

// Push is part of [heap.Interface].
func (w *waiting) Push(x any) { *w = append(*w, x.(message)) } //nolint:forcetypeassert // nothing else is pushed

// Pop is part of [heap.Interface].
func (w *waiting) Pop() any {
	last := (*w)[len(*w)-1]
	*w = (*w)[:len(*w)-1]
	return last
}
