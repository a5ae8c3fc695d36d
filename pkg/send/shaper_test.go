package send

import (
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// said makes a complaint of a reply as a server writes it.
func said(t *testing.T, text string) complaint {
	t.Helper()
	reply, err := delivery.ParseReply(text)
	if err != nil {
		t.Fatal(err)
	}
	return complaint{reply: reply, verdict: delivery.Classify(reply, delivery.StageMail)}
}

// TestShaperReacts shows what each receiver's complaint leads to, how often it
// must come, and whether the message it came for is judged by it.
func TestShaperReacts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, receiver, reply string
		times                 int // until something happens
		kind                  EventKind
		reaction              string
		rate                  float64
		conns                 int
		pause                 time.Duration
		throttled             bool
	}{
		{"pace", "mx.x.example", "421 4.7.0 Too many messages, slow down", 1, EventSlower, "too fast", 0, 0, 0, true},
		{"unnamed 4.7.0", "mx.x.example", "421 4.7.0 Try again later", 3, EventSlower, "closing down", 0, 0, 0, true},
		{"TSS04", "yahoo", "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints", 1, EventWaiting, "TSS04", 1, 1, 2 * time.Hour, true},
		{"TSS05", "yahoo", "421 4.7.0 [TSS05] Messages temporarily deferred", 1, EventWaiting, "TSS05", 1, 1, 4 * time.Hour, true},
		{"TS02", "yahoo", "421 4.7.1 [TS02] All messages will be deferred; rate limited", 1, EventSlower, "TS02", 1.0 / 60, 0, 0, true},
		{"not a TSS04 elsewhere", "mx.x.example", "421 4.7.0 [TSS04] Messages temporarily deferred", 1, EventSlower, "too fast", 0, 0, 0, true},
		{"google", "gmail", "421 4.7.28 Our system has detected an unusual rate of mail", 2, EventSlower, "unusual rate", 10.0 / 60, 0, 0, true},
		{"outlook", "outlook", "451 4.7.650 The mail server has been temporarily rate limited due to IP reputation", 1, EventSlower, "rate limited", 1.0 / 60, 0, 0, true},
		{"block", "mx.x.example", "550 5.7.1 Service unavailable; client host blocked using Spamhaus", 1, EventFewer, "blocked", 1.0 / 60, 1, 0, false},
		{"connections", "mx.x.example", "421 4.7.0 Too many concurrent connections", 1, EventFewer, "", 0, 1, 0, true},
		{"mailbox", "gmail", "450 4.2.1 The user is receiving mail at a rate that prevents delivery", 0, "", "", 0, 0, 0, false},
		{"greylisting", "gmail", "451 4.7.1 Greylisted, try again in 300 seconds", 0, "", "", 0, 0, 0, false},
		{"unknown user", "gmail", "550 5.1.1 no such user", 0, "", "", 0, 0, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newShaper(delivery.ReceiverFor(tt.receiver).Shape, 0)
			c := said(t, tt.reply)
			var events []Event
			var throttled bool
			tries := 0
			for tries < 10 && (len(events) == 0 || events[0].Reaction != tt.reaction) {
				tries++
				events, throttled = s.complained(noon.Add(time.Duration(tries)*time.Second), c)
			}
			if throttled != tt.throttled {
				t.Errorf("throttled %v (%+v)", throttled, c.verdict)
			}
			if tt.kind == "" {
				if len(events) > 0 {
					t.Errorf("events %+v, want none", events)
				}
				return
			}
			if len(events) != 1 || tries != tt.times {
				t.Fatalf("%d events after %d complaints, want one after %d (%+v)", len(events), tries, tt.times, c.verdict)
			}
			e := events[0]
			if e.Kind != tt.kind || e.Reaction != tt.reaction {
				t.Errorf("event %+v", e)
			}
			if tt.rate > 0 && s.rate != tt.rate || tt.conns > 0 && s.conns != tt.conns {
				t.Errorf("rate %v over %d connections", s.rate, s.conns)
			}
			if wait := s.wait(noon.Add(time.Duration(tries) * time.Second)); tt.pause > 0 && wait != tt.pause {
				t.Errorf("waits %v, want %v", wait, tt.pause)
			}
		})
	}
}

// TestShaperOpensAgain shows the way back from a pause: little at first, more
// with each success, and in the end as much as there is.
func TestShaperOpensAgain(t *testing.T) {
	t.Parallel()
	s := newShaper(delivery.ReceiverFor("yahoo").Shape, 0)
	now := noon
	for range 200 {
		s.accepted(now)
		now = now.Add(10 * time.Millisecond)
	}
	if _, throttled := s.complained(now, said(t, "421 4.7.0 [TSS04] deferred")); !throttled {
		t.Fatal("not throttled")
	}
	resume := s.paused
	now = resume
	kinds := map[EventKind]int{}
	for now.Sub(resume) < 10*time.Minute {
		if wait := s.wait(now); wait > 0 {
			now = now.Add(wait)
		}
		// The sender has no more than 50 messages a second.
		now = now.Add(20 * time.Millisecond)
		s.start(now)
		s.want()
		for _, e := range s.accepted(now) {
			kinds[e.Kind]++
		}
	}
	if kinds[EventResumed] != 1 || kinds[EventFaster] < 2 || kinds[EventFree] != 1 || s.rate != 0 {
		t.Errorf("events %v and rate %v, want one resumption, steps and freedom", kinds, s.rate)
	}
}

// TestShaperFindsRates plays a receiver that takes a certain rate, as a sliding
// window, and looks at what is handed over from the second half of a minute on.
func TestShaperFindsRates(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, 5, 50, 400} {
		s := newShaper(delivery.ReceiverFor("mx.x.example").Shape, 0)
		c := said(t, "421 4.7.0 too many messages, slow down")
		var accepted []time.Time
		refused, late := 0, 0
		now := noon
		for now.Sub(noon) < 2*time.Minute {
			if wait := s.wait(now); wait > 0 {
				now = now.Add(wait)
			}
			s.start(now)
			if len(accepted) >= limit && now.Sub(accepted[len(accepted)-limit]) < time.Second {
				refused++
				s.complained(now, c)
			} else {
				accepted = append(accepted, now)
				s.accepted(now)
				if now.Sub(noon) >= 30*time.Second {
					late++
				}
			}
			now = now.Add(200 * time.Microsecond)
		}
		rate := float64(late) / 90
		t.Logf("%d/s: %.2f/s from half a minute on, %d refusals", limit, rate, refused)
		if rate < 0.8*float64(limit) || rate > 1.2*float64(limit) || refused > 40 {
			t.Errorf("%d/s: handed over %.2f/s with %d refusals", limit, rate, refused)
		}
	}
}

// TestShaperGrows shows that connections are added only while they help.
func TestShaperGrows(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		useful int // connections that bring something
		want   int
	}{{"all help", 10, 10}, {"four help", 4, 4}, {"one helps", 1, 2}} {
		s := newShaper(delivery.Shape{Connections: 10}, 0)
		now := noon
		for now.Sub(noon) < 20*time.Second {
			s.want()
			s.accepted(now)
			now = now.Add(time.Second / time.Duration(50*min(s.conns, tt.useful)))
		}
		if s.conns != tt.want {
			t.Errorf("%s: %d connections, want %d", tt.name, s.conns, tt.want)
		}
	}
}

func TestShaperLearnsMessages(t *testing.T) {
	t.Parallel()
	s := newShaper(delivery.Shape{Messages: 100}, 0)
	c := said(t, "421 4.7.0 too many messages on this connection")
	c.used = 50
	if events, throttled := s.complained(noon, c); len(events) != 1 || events[0].Kind != EventShorter || !throttled || s.messages != 50 || s.rate != 0 {
		t.Errorf("events %+v, %d messages, rate %v", events, s.messages, s.rate)
	}
	if events, _ := s.complained(noon, c); len(events) != 0 {
		t.Errorf("told twice: %+v", events)
	}
}

// TestShaperLearnsMessagesByCounting finds out how many messages a connection may carry
// where the server only says that it closes it, and takes chance for nothing.
func TestShaperLearnsMessagesByCounting(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		used func(i int) int
		want int
	}{
		"always ten":        {"421 4.3.2 closing transmission channel", func(int) int { return 10 }, 10},
		"now ten, now nine": {"421 4.3.2 closing transmission channel", func(i int) int { return 9 + i/10%2 }, 0},
		"too fast":          {"421 4.7.28 rate limit exceeded", func(int) int { return 10 }, 0},
		"fresh connections": {"421 4.3.2 closing transmission channel", func(int) int { return 0 }, 0},
	} {
		s := newShaper(delivery.Shape{}, 0)
		for i := range 3 * closingsToLearn {
			c := said(t, test.text)
			c.used = test.used(i)
			s.complained(noon.Add(time.Duration(i)*time.Second), c)
		}
		if s.messages != test.want {
			t.Errorf("%s: %d messages over a connection, want %d", name, s.messages, test.want)
		}
	}
}

func TestStatedWait(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"Greylisted, please try again in 300 seconds": 300 * time.Second,
		"try again in 5 minutes":                      5 * time.Minute,
		"wait 90s":                                    90 * time.Second,
		"Greylisted for 1 hour.":                      time.Hour,
		"Greylisting in action":                       0,
		"see http://x.example/450 for more":           0,
		"in -5 seconds":                               5 * time.Second,
		"in 99999999999 seconds":                      0,
	} {
		if got := statedWait(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
