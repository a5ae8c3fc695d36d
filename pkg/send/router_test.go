package send

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A fakeRouter leads every destination to the server. Destinations are
// "queue@group".
type fakeRouter struct {
	server *fakeServer
	fail   func(destination string) error

	mu     sync.Mutex
	now    map[string]int // connections of a group
	most   map[string]int
	routed int
}

func newFakeRouter(server *fakeServer) *fakeRouter {
	return &fakeRouter{server: server, now: map[string]int{}, most: map[string]int{}}
}

func (f *fakeRouter) Route(_ context.Context, destination string) (Route, error) {
	f.mu.Lock()
	f.routed++
	f.mu.Unlock()
	if f.fail != nil {
		if err := f.fail(destination); err != nil {
			return Route{}, err
		}
	}
	queue, group, _ := strings.Cut(destination, "@")
	return Route{Lanes: []Lane{{
		Queue: queue, Group: group, Shape: delivery.ReceiverFor(group).Shape,
		Open: func(ctx context.Context) (Conn, error) { return f.open(ctx, queue, group) },
	}}}, nil
}

func (f *fakeRouter) open(ctx context.Context, queue, group string) (Conn, error) {
	conn, err := f.server.Open(ctx, queue)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now[group]++
	f.most[group] = max(f.most[group], f.now[group])
	return &countedConn{conn, f, group}, nil
}

// A countedConn counts as one of its group until it is closed.
type countedConn struct {
	Conn
	router *fakeRouter
	group  string
}

func (c *countedConn) Close(ctx context.Context) error {
	c.router.mu.Lock()
	c.router.now[c.group]--
	c.router.mu.Unlock()
	return c.Conn.Close(ctx)
}

// spread puts recipients on destinations in turns.
func spread(destinations ...string) func(int) string {
	return func(i int) string { return destinations[i%len(destinations)] }
}

// A history is what happened to destinations.
type history struct {
	mu     sync.Mutex
	events []Event
	last   map[string]time.Time // attempt, by destination
}

func (h *history) watch(opt *Options) {
	h.last = map[string]time.Time{}
	opt.OnEvent = func(e Event) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.events = append(h.events, e)
	}
	opt.OnAttempt = func(_ Recipient, a delivery.Attempt) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.last[a.Destination] = a.Time
	}
}

// kinds returns the kinds of events of a destination but for the growth of
// connections.
func (h *history) kinds(destination string) []EventKind {
	var kinds []EventKind
	for _, e := range h.events {
		if e.Destination == destination && e.Kind != EventMore {
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}

func TestRunPausesOneReceiver(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 400, spread("a@yahoo", "g@gmail", "b@yahoo", "h@gmail"))
		server := newFakeServer(store)
		server.latency = 5 * time.Millisecond
		start := time.Now()
		complained := false
		server.answer = func(to delivery.Address, _ int) answer {
			var i int
			_, _ = fmt.Sscanf(to.Local, "u%d", &i)
			if i%2 == 0 && i > 50 && (!complained || time.Since(start) < time.Hour) {
				complained = true
				return answer{delivery.StageMail, reply(421, "4.7.0 [TSS04] Messages temporarily deferred due to user complaints")}
			}
			return answer{}
		}
		router, seen := newFakeRouter(server), history{}
		opt := Options{Router: router, Renderer: fakeRenderer{}, Clock: time.Now}
		seen.watch(&opt)
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeDelivered); got != 400 {
			t.Errorf("%d delivered, want all", got)
		}
		kinds := seen.kinds("yahoo")
		if len(kinds) < 2 || kinds[0] != EventWaiting || kinds[1] != EventResumed {
			t.Errorf("events %v, want a pause and a resumption", kinds)
		}
		fast, slow := seen.last["g@gmail"].Sub(start), seen.last["a@yahoo"].Sub(start)
		if fast > 10*time.Second || slow < 2*time.Hour || slow > 2*time.Hour+10*time.Minute {
			t.Errorf("gmail took %v and yahoo %v, want little and a little more than 2 h", fast, slow)
		}
		if router.most["gmail"] > 5 || router.most["yahoo"] > 10 {
			t.Errorf("connections %v", router.most)
		}
	})
}

func TestRunStopsOneReceiver(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 200, spread("a@x.example", "b@y.example"))
		server := newFakeServer(store)
		server.latency = 5 * time.Millisecond
		server.answer = func(to delivery.Address, _ int) answer {
			var i int
			_, _ = fmt.Sscanf(to.Local, "u%d", &i)
			if i%2 == 0 {
				return answer{delivery.StageRcpt, reply(550, "5.7.1 blocked using Spamhaus")}
			}
			return answer{}
		}
		seen := history{}
		opt := Options{Router: newFakeRouter(server), Renderer: fakeRenderer{}, Clock: time.Now}
		seen.watch(&opt)
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		delivered, bounced, left := store.count(delivery.OutcomeDelivered), store.count(delivery.OutcomeBounced), store.count("")
		if delivered != 100 || bounced < 5 || bounced > 8 || left != 100-bounced {
			t.Errorf("%d delivered, %d bounced, %d left, want 100, few and the rest", delivered, bounced, left)
		}
		kinds := seen.kinds("x.example")
		if len(kinds) < 2 || kinds[0] != EventFewer || kinds[len(kinds)-1] != EventStopped {
			t.Errorf("events %v, want one connection and then a stop", kinds)
		}
	})
}

func TestRunPausesWhenAllReceiversRefuse(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 1000, func(i int) string { return fmt.Sprintf("q%d@g%d.example", i%500, i%500) })
		server := newFakeServer(store)
		server.latency = time.Millisecond
		server.answer = func(delivery.Address, int) answer {
			return answer{delivery.StageMail, reply(550, "5.7.1 sender not allowed")}
		}
		err := Run(t.Context(), store, Options{Router: newFakeRouter(server), Renderer: fakeRenderer{}, Clock: time.Now})
		if paused, ok := errors.AsType[*Paused](err); !ok || paused.Reason != PauseRefused {
			t.Fatalf("got %v, want a pause because everyone is refused", err)
		}
		if left := store.count(""); left < 800 {
			t.Errorf("%d are left, want most", left)
		}
	})
}

func TestRunStopsWhereEveryoneIsRefused(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 400, spread("a@x.example", "b@y.example"))
		server := newFakeServer(store)
		server.latency = time.Millisecond
		server.answer = func(to delivery.Address, _ int) answer {
			var i int
			_, _ = fmt.Sscanf(to.Local, "u%d", &i)
			if i%2 == 0 {
				return answer{delivery.StageMail, reply(550, "5.7.1 sender not allowed")}
			}
			return answer{}
		}
		if err := Run(t.Context(), store, Options{Router: newFakeRouter(server), Renderer: fakeRenderer{}, Clock: time.Now}); err != nil {
			t.Fatal(err)
		}
		delivered, bounced := store.count(delivery.OutcomeDelivered), store.count(delivery.OutcomeBounced)
		if delivered != 200 || bounced < refusalsToPause || bounced > 2*refusalsToPause {
			t.Errorf("%d delivered, %d bounced, want 200 and few", delivered, bounced)
		}
	})
}

func TestRunFindsTheRateOfOneReceiver(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 600, spread("slow@x.example", "fast@y.example"))
		server := newFakeServer(store)
		server.latency = 5 * time.Millisecond
		var window []time.Time
		refused := 0
		server.answer = func(to delivery.Address, _ int) answer {
			var i int
			_, _ = fmt.Sscanf(to.Local, "u%d", &i)
			if i%2 == 1 {
				return answer{}
			}
			if n := len(window); n >= 5 && time.Since(window[n-5]) < time.Second {
				refused++
				return answer{delivery.StageMail, reply(421, "4.7.0 rate limit exceeded")}
			}
			window = append(window, time.Now())
			return answer{}
		}
		seen := history{}
		opt := Options{Router: newFakeRouter(server), Renderer: fakeRenderer{}, Clock: time.Now}
		seen.watch(&opt)
		start := time.Now()
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeDelivered); got != 600 {
			t.Errorf("%d delivered, want all", got)
		}
		took := seen.last["slow@x.example"].Sub(start)
		if fast := seen.last["fast@y.example"].Sub(start); fast > 5*time.Second {
			t.Errorf("the other receiver took %v", fast)
		}
		if rate := 300 / took.Seconds(); rate < 4 || rate > 6 || refused > 40 {
			t.Errorf("%.2f/s with %d refusals, want 5", rate, refused)
		}
	})
}

func TestRunManyDestinations(t *testing.T) {
	in(t, func(t *testing.T) {
		const domains = 1500
		store := newMemoryStore(t, 2*domains, func(i int) string { return fmt.Sprintf("d%d@g%d", i%domains, i%domains) })
		server := newFakeServer(store)
		server.latency = 5 * time.Millisecond
		opt := Options{Router: newFakeRouter(server), Renderer: fakeRenderer{}, Clock: time.Now, Connections: 50, Active: 64}
		most := 0
		opt.OnAttempt = func(Recipient, delivery.Attempt) { most = max(most, runtime.NumGoroutine()) }
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeDelivered); got != 2*domains || server.most > 50 || server.now != 0 {
			t.Errorf("%d delivered over %d connections, %d left open", got, server.most, server.now)
		}
		if most > 400 {
			t.Errorf("%d goroutines at once", most)
		}
	})
}

// TestRunSharesAReceiver has many queues of one receiver, slow ones and others.
func TestRunSharesAReceiver(t *testing.T) {
	in(t, func(t *testing.T) {
		const domains = 100
		store := newMemoryStore(t, 3*domains, func(i int) string {
			if i%3 == 2 {
				return fmt.Sprintf("o%d@other.example", i%domains)
			}
			return fmt.Sprintf("d%d@outlook", i%domains)
		})
		server := newFakeServer(store)
		server.latency = 5 * time.Millisecond
		router := newFakeRouter(server)
		if err := Run(t.Context(), store, Options{Router: router, Renderer: fakeRenderer{}, Clock: time.Now}); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeDelivered); got != 3*domains || router.most["outlook"] > 5 || router.most["other.example"] > 10 {
			t.Errorf("%d delivered, connections %v", got, router.most)
		}
	})
}

func TestRunWithoutARoute(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 900, spread("null@a", "shaky@b", "fine@c"))
		server := newFakeServer(store)
		router := newFakeRouter(server)
		start := time.Now()
		router.fail = func(destination string) error {
			switch {
			case destination == "null@a":
				return &delivery.RouteError{Domain: "null", Err: delivery.ErrNullMX}
			case destination == "shaky@b" && time.Since(start) < 2*time.Minute:
				return &delivery.RouteError{Domain: "shaky", Err: delivery.ErrRouteUnknown}
			}
			return nil
		}
		if err := Run(t.Context(), store, Options{Router: router, Renderer: fakeRenderer{}, Clock: time.Now}); err != nil {
			t.Fatal(err)
		}
		for _, r := range store.recipients {
			last := r.attempts[len(r.attempts)-1]
			switch r.destination {
			case "null@a":
				if last.Outcome != delivery.OutcomeBounced || last.Verdict.Reason != delivery.ReasonDomainNoMail || last.Reply.Enhanced.String() != "5.1.10" {
					t.Fatalf("null: %+v", last)
				}
			case "shaky@b":
				if last.Outcome != delivery.OutcomeDelivered || r.attempts[0].Reply.Enhanced.String() != "4.4.3" {
					t.Fatalf("shaky: %+v", r.attempts)
				}
			default:
				if last.Outcome != delivery.OutcomeDelivered || len(r.attempts) != 1 {
					t.Fatalf("fine: %+v", last)
				}
			}
		}
	})
}

func TestRunOutlivesADeadReceiver(t *testing.T) {
	for _, noWait := range []bool{false, true} {
		in(t, func(t *testing.T) {
			store := newMemoryStore(t, 600, spread("dead@a", "alive@b"))
			server := newFakeServer(store)
			server.latency = time.Millisecond
			start := time.Now()
			router := newFakeRouter(server)
			opt := Options{Router: deadRouter{router, start}, Renderer: fakeRenderer{}, Clock: time.Now}
			opt.Retry.NoWait = noWait
			seen := history{}
			seen.watch(&opt)
			if err := Run(t.Context(), store, opt); err != nil {
				t.Fatal(err)
			}
			if took := seen.last["alive@b"].Sub(start); took > 5*time.Second {
				t.Errorf("the other receiver took %v", took)
			}
			delivered, deferred := store.count(delivery.OutcomeDelivered), store.count(delivery.OutcomeDeferred)
			if noWait && (delivered != 300 || deferred != 300 || time.Since(start) > time.Minute) {
				t.Errorf("without waiting: %d delivered, %d deferred after %v", delivered, deferred, time.Since(start))
			}
			if !noWait && delivered != 600 {
				t.Errorf("%d delivered, want all", delivered)
			}
		})
	}
}

// TestRunGivesUpADeadReceiver shows that everyone at a receiver that is dead for
// as long as there are retries is told so, whether their turn came or not.
func TestRunGivesUpADeadReceiver(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 600, spread("dead@a", "alive@b"))
		server := newFakeServer(store)
		opt := Options{Router: deadRouter{newFakeRouter(server), time.Now().Add(1000 * time.Hour)}, Renderer: fakeRenderer{}, Clock: time.Now}
		opt.Retry.For = 2 * time.Hour
		start := time.Now()
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		delivered, bounced := store.count(delivery.OutcomeDelivered), store.count(delivery.OutcomeBounced)
		if took := time.Since(start); delivered != 300 || bounced != 300 || took < 2*time.Hour || took > 5*time.Hour {
			t.Errorf("%d delivered, %d bounced after %v", delivered, bounced, took)
		}
	})
}

// A deadRouter leads "dead@a" nowhere for ten minutes.
type deadRouter struct {
	*fakeRouter
	start time.Time
}

func (d deadRouter) Route(ctx context.Context, destination string) (Route, error) {
	route, err := d.fakeRouter.Route(ctx, destination)
	if err != nil || destination != "dead@a" {
		return route, err
	}
	open := route.Lanes[0].Open
	route.Lanes[0].Open = func(ctx context.Context) (Conn, error) {
		if time.Since(d.start) < 10*time.Minute {
			return nil, &delivery.SessionError{Stage: delivery.StageConnect, Host: "dead", Err: errors.New("connection refused")}
		}
		return open(ctx)
	}
	return route, nil
}

func TestRunIsInterruptedWhileResting(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 300, spread("a@yahoo", "b@x.example"))
		server := newFakeServer(store)
		server.latency = 50 * time.Millisecond
		server.answer = func(to delivery.Address, _ int) answer {
			var i int
			_, _ = fmt.Sscanf(to.Local, "u%d", &i)
			if i%2 == 0 {
				return answer{delivery.StageMail, reply(421, "4.7.0 [TSS04] deferred")}
			}
			return answer{}
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		interrupted := errors.New("interrupted")
		time.AfterFunc(time.Second, func() { cancel(interrupted) })
		opt := Options{Router: newFakeRouter(server), Renderer: fakeRenderer{}, Clock: time.Now}
		if err := Run(ctx, store, opt); !errors.Is(err, interrupted) {
			t.Fatalf("got %v, want %v", err, interrupted)
		}
		for _, r := range store.recipients {
			if r.claimed || r.intended {
				t.Fatalf("recipient %d was left claimed: %+v", r.ID, r)
			}
		}
	})
}
