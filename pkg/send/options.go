package send

import (
	"context"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Conn hands messages to one server, one behind the other. A
// [*delivery.Session] is one; see there for what the methods promise.
type Conn interface {
	Check(m *delivery.Mail) error
	Begin(ctx context.Context, m delivery.Mail) error
	Ready(ctx context.Context) (delivery.Result, error)
	Finish(ctx context.Context, next *delivery.Mail) error
	Outcome(ctx context.Context) (delivery.Result, error)
	Close(ctx context.Context) error
	Usable() bool
	Host() string
	IP() string
	TLS() string
}

// A Transport opens connections for a destination.
type Transport interface {
	Open(ctx context.Context, destination string) (Conn, error)
}

// A Renderer makes a recipient's message. It is called from several goroutines.
type Renderer interface {
	// Render returns the message as it goes over the wire, signed. With sevenBit
	// it holds no octet above 127.
	Render(r Recipient, sevenBit bool) (Message, error)
}

// A Message is what a [Renderer] makes of a recipient.
type Message struct {
	Mail delivery.Mail
	ID   string // the Message-ID, with angle brackets
}

// Options say how to send. Transport, Renderer and Clock must be set; the zero
// value of every other field stands for the default named there.
type Options struct {
	Transport Transport // not used with a Router
	Router    Router    // nil when all mail goes the same way
	Renderer  Renderer
	Clock     func() time.Time
	// Jitter returns a number in [0, 1) that spreads retries. Nil spreads nothing.
	Jitter func() float64

	Connections    int // at once, to all destinations; default 10
	PerDestination int // at once, to one destination; default Connections
	PerConnection  int // messages before a connection is replaced; default 500
	Active         int // destinations worked on at once, with a Router; default 256

	// Limits returns the limits of a destination, those of the campaign
	// included. Nil limits nothing. Shape is that of every destination. A Router has
	// its own.
	Limits func(destination string) delivery.Limits
	Shape  delivery.Shape
	// Budget returns the budget of a destination. Nil, or a nil Budget, is none. A
	// Router has its own.
	Budget func(destination string) Budget

	Retry Retry
	// MaxBounceRate is the share of hard bounces, from 0 to 1, above which the
	// campaign pauses once 100 recipients were tried, in earlier runs too: then nobody
	// is sent to at all. Zero never pauses.
	MaxBounceRate float64
	// Tried, Delivered and HardBounces are the counts of earlier runs of the
	// campaign.
	Tried, Delivered, HardBounces int

	// OnAttempt is told of every attempt after it was recorded, OnEvent of every
	// change of pace. Both are called from one goroutine at a time and must not
	// block for long. Nil is not called.
	OnAttempt func(Recipient, delivery.Attempt)
	OnEvent   func(Event)
}

const (
	idleAtMost = 10 * time.Second // how long a connection is kept without work
	grace      = 8 * time.Second  // how long what is in flight may take once the context has ended
)

// Retry says what becomes of temporary failures.
type Retry struct {
	For    time.Duration // how long after the first attempt a recipient is tried again, the last time at its end; default 24 h
	After  time.Duration // the first wait, which then doubles up to two hours; default 1 min
	NoWait bool          // leave deferred recipients for a later run
}

// An EventKind says what changed in the pace of a destination.
type EventKind string

// The kinds of event.
const (
	EventWaiting EventKind = "waiting" // the destination is left alone until a time
	EventResumed EventKind = "resumed" // the destination accepts again
	EventIdle    EventKind = "idle"    // all that is left waits for another try
	EventFewer   EventKind = "fewer"   // the destination takes fewer connections than offered
	EventMore    EventKind = "more"    // it is given more connections, since that helps
	EventShorter EventKind = "shorter" // it takes fewer messages over one connection
	EventSlower  EventKind = "slower"  // it is given fewer messages in a time
	EventFaster  EventKind = "faster"  // and more again
	EventFree    EventKind = "free"    // as fast as it answers again
	EventStopped EventKind = "stopped" // it is given nothing more in this run
)

// An Event is a change in the pace of a destination, so that a person sees why
// mail waits.
type Event struct {
	Time        time.Time
	Kind        EventKind
	Destination string
	Until       time.Time // for EventWaiting and EventIdle: when the next try is due
	Connections int       // for EventFewer and EventMore: how many there may be
	Rate        float64   // messages a second; 0 for as fast as it answers
	Messages    int       // for EventShorter: how many over one connection
	Cause       string    // what the server said, or why it could not be reached
	Reaction    string    // the name of the reaction to it, if it is one
}

func (o Options) withDefaults() Options {
	setDefault(&o.Connections, 10)
	setDefault(&o.PerDestination, o.Connections)
	setDefault(&o.PerConnection, 500)
	setDefault(&o.Active, 256)
	setDefault(&o.Retry.For, 24*time.Hour)
	setDefault(&o.Retry.After, time.Minute)
	if o.Jitter == nil {
		o.Jitter = func() float64 { return 0.5 }
	}
	if o.Limits == nil {
		o.Limits = func(string) delivery.Limits { return nil }
	}
	if o.Budget == nil {
		o.Budget = func(string) Budget { return nil }
	}
	if o.OnAttempt == nil {
		o.OnAttempt = func(Recipient, delivery.Attempt) {}
	}
	if o.OnEvent == nil {
		o.OnEvent = func(Event) {}
	}
	return o
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// maxRetryDelay bounds the growing wait between two attempts.
const maxRetryDelay = 2 * time.Hour

// delay returns the wait after attempt n, from 1: doubling from r.After, with a
// fifth of it as jitter to either side. jitter is in [0, 1).
func (r Retry) delay(n int, jitter float64) time.Duration {
	d := r.After
	for range n - 1 {
		if d >= maxRetryDelay {
			break
		}
		d *= 2
	}
	d = min(d, maxRetryDelay)
	return time.Duration(float64(d) * (0.8 + 0.4*jitter))
}
