package send

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Run sends to everyone the store still holds, and returns when nobody is left
// or waiting.
//
// When the context ends, what is in flight is finished and recorded within
// eight seconds and the context's cause is returned. The error is a [*Paused]
// when the campaign must not go on, else the store's. Whatever the error, no
// recipient is lost, and Run can be called again.
func Run(ctx context.Context, store Store, opt Options) error {
	opt = opt.withDefaults()
	destinations, err := store.Destinations(ctx)
	if err != nil {
		return err
	}
	r := newRun(ctx, store, opt)
	defer r.end()
	if len(destinations) > 0 {
		r.watchBounces() // of earlier runs
	}
	r.work(destinations)
	return context.Cause(r.soft)
}

// newRun makes a run, which [run.end] ends. The options have their defaults.
func newRun(ctx context.Context, store Store, opt Options) *run {
	soft, stop := context.WithCancelCause(ctx)
	hard, release := graceful(soft)
	r := &run{
		opt:      opt,
		started:  opt.Clock(),
		store:    store,
		soft:     soft,
		hard:     hard,
		stop:     stop,
		release:  release,
		jobs:     make(chan job),
		slots:    make(chan struct{}, opt.Connections),
		wanted:   make(chan struct{}),
		sizedNow: make(chan struct{}),
		groups:   map[string]*group{},
		queues:   map[string]*queue{},
		open:     map[*queue]bool{},
		healths:  map[string]*health{},
		budgets:  map[string]time.Time{},
		sources:  map[*source]bool{},
		tried:    opt.Tried,
		bounces:  opt.HardBounces,
	}
	r.sized = r.sizedNow
	r.recorder = &recorder{
		store:   store,
		entries: make(chan entry, opt.Connections),
		after:   r.recorded,
		failed:  func(err error) { stop(err) },
	}
	return r
}

// graceful returns a context that ends a while after the given one, and its
// release.
func graceful(soft context.Context) (context.Context, func()) {
	hard, cancel := context.WithCancelCause(context.WithoutCancel(soft))
	unhook := context.AfterFunc(soft, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel(context.Cause(soft))
		case <-hard.Done():
		}
	})
	return hard, func() {
		unhook()
		cancel(nil)
	}
}

// A run is one call of [Run]: the goroutines and what they share.
type run struct {
	opt     Options
	store   Store
	started time.Time

	soft context.Context //nolint:containedctx // of the call; ends when nothing new may be started
	hard context.Context //nolint:containedctx // of the call; ends when what is in flight must be given up
	stop context.CancelCauseFunc
	// release lets go of what watches over hard.
	release func()

	jobs     chan job      // recipients to render
	slots    chan struct{} // one for each connection that is open
	wanted   chan struct{} // asks a connection without work to make room
	recorder *recorder

	refusals  atomic.Int64 // in a row, whoever refuses
	proven    atomic.Bool  // something was accepted
	largest   atomic.Int64 // message that was rendered, in octets
	onceSized sync.Once
	sizedNow  chan struct{}   // closed once that is known
	sized     <-chan struct{} // the same until the scheduler has seen it

	mu      sync.Mutex
	groups  map[string]*group    // receivers that are written to, or have something to remember
	queues  map[string]*queue    // those that are filled
	open    map[*queue]bool      // these, and those that rest and have something in flight
	healths map[string]*health   // of queues that are open, or have something to remember
	sources map[*source]bool     // those that are at work
	budgets map[string]time.Time // those that are used up, until when; the zero time is for good

	events sync.Mutex // held while Options.OnEvent is called

	// Only the recorder's goroutine touches these.
	tried, bounces int
}

// end ends the contexts of the run.
func (r *run) end() {
	r.release()
	r.stop(nil)
}

// due returns by when a deferred recipient must be due to be claimed; the zero
// time is now. Who was deferred in a run that does not wait is not tried again
// by it.
func (r *run) due() time.Time {
	if r.opt.Retry.NoWait {
		return r.started
	}
	return time.Time{}
}

// A job is a recipient on its way to a renderer.
type job struct {
	s     *source
	q     *queue
	r     Recipient
	place int // in the queue's line
}

// An item is a recipient whose message is ready to leave.
type item struct {
	recipient Recipient
	message   Message
	room      room
	started   time.Time
	returned  int        // how often it came back unsent from a connection that broke
	stored    chan error // told once the intent survives a crash; nil before there is one
	throttled int        // how often it was refused for what is not its fault
	s         *source
}

// work starts the goroutines and waits for all of them, from the source to the
// recorder.
func (r *run) work(keys []string) {
	var recording, rendering sync.WaitGroup
	recording.Go(func() { r.recorder.run(r.hard) })
	for range runtime.GOMAXPROCS(0) {
		rendering.Go(r.render)
	}
	r.feedAll(keys)
	close(r.jobs)
	rendering.Wait()
	for _, q := range r.openQueues() {
		q.close()
	}
	close(r.recorder.entries)
	recording.Wait()
	r.releaseAll()
}

// releaseAll gives back to the store whoever was claimed and not tried.
func (r *run) releaseAll() {
	var ids []int64
	for s := range r.sources {
		ids = append(ids, s.untried()...)
	}
	if len(ids) == 0 {
		return
	}
	if err := r.store.Release(context.WithoutCancel(r.soft), ids); err != nil {
		r.stop(err)
	}
}

// render makes messages until the jobs end.
func (r *run) render() {
	for j := range r.jobs {
		if j.q.ctx.Err() != nil {
			j.q.line.done(j.place, j.q.gate.leave)
			j.s.giveUp(j.r.ID)
			continue
		}
		message, err := r.opt.Renderer.Render(j.r, j.q.sevenBit.Load())
		it := &item{recipient: j.r, message: message, s: j.s}
		if err != nil {
			j.q.line.done(j.place, j.q.gate.leave)
			r.record(it, r.unrenderable(it, err), false)
			continue
		}
		j.q.gate.rendered(len(message.Mail.Data))
		r.rendered(len(message.Mail.Data))
		j.q.line.done(j.place, func() { j.q.enqueue(it) })
	}
}

// record gives an attempt to the recorder. Whoever was throttled is due again
// soon, since nobody judged them.
func (r *run) record(it *item, a *delivery.Attempt, throttled bool) {
	c := Change{Recipient: it.recipient.ID, Attempt: a}
	if a.Outcome == delivery.OutcomeDeferred {
		c.NextTry = r.nextTry(it.recipient, a, throttled)
	}
	r.recorder.entries <- entry{change: c, item: it}
}
