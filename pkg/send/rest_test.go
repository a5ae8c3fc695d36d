package send

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A lanesRouter makes the route of each destination with a function.
type lanesRouter func(ctx context.Context, destination string) (Route, error)

func (f lanesRouter) Route(ctx context.Context, destination string) (Route, error) {
	return f(ctx, destination)
}

// only returns a router with one lane for each destination, "queue@group".
func only(server *fakeServer, change func(destination string, lane *Lane)) lanesRouter {
	return func(_ context.Context, destination string) (Route, error) {
		queue, group, _ := strings.Cut(destination, "@")
		lane := Lane{
			Queue: queue, Group: group, Shape: delivery.ReceiverFor(group).Shape,
			Open: func(ctx context.Context) (Conn, error) { return server.Open(ctx, queue) },
		}
		change(destination, &lane)
		return Route{Lanes: []Lane{lane}}, nil
	}
}

// nth returns a recipient's place in the list.
func nth(to delivery.Address) int {
	var i int
	_, _ = fmt.Sscanf(to.Local, "u%d", &i)
	return i
}

// A purse is a budget of so many messages for the whole run.
type purse struct {
	name string
	left atomic.Int64
}

func newPurse(n int64) *purse {
	p := &purse{name: "purse"}
	p.left.Store(n)
	return p
}

func (p *purse) Take(time.Time) (time.Time, bool) {
	if p.left.Add(-1) < 0 {
		p.left.Add(1)
		return time.Time{}, false
	}
	return time.Time{}, true
}

func (p *purse) GiveBack(time.Time) { p.left.Add(1) }
func (p *purse) Name() string       { return p.name }

// TestRunWaitsForQueuesThatRest interrupts a run while a queue that rests has a
// message in flight and another queue to the same servers took its place.
func TestRunWaitsForQueuesThatRest(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 20, spread("d0", "d1"))
		server := newFakeServer(store)
		server.latency = 3 * time.Second
		budget := newPurse(1)
		router := lanesRouter(func(ctx context.Context, destination string) (Route, error) {
			lane := Lane{Queue: "q", Group: "g", Budget: budget, Open: func(ctx context.Context) (Conn, error) { return server.Open(ctx, "q") }}
			if destination == "d1" {
				time.Sleep(5 * time.Second) // when the first queue rests, and its message is not answered
			}
			return Route{Lanes: []Lane{lane}}, ctx.Err()
		})
		ctx, cancel := context.WithCancelCause(t.Context())
		interrupted := errors.New("interrupted")
		time.AfterFunc(8*time.Second, func() { cancel(interrupted) })
		if err := Run(ctx, store, Options{Router: router, Renderer: fakeRenderer{}, Clock: time.Now}); !errors.Is(err, interrupted) {
			t.Fatalf("got %v, want %v", err, interrupted)
		}
		if got := store.count(delivery.OutcomeDelivered); got != 1 || server.now != 0 {
			t.Errorf("%d delivered, %d connections left open", got, server.now)
		}
		for _, r := range store.recipients {
			if r.claimed || r.intended {
				t.Fatalf("recipient %d was left claimed: %+v", r.ID, r)
			}
		}
	})
}

// TestRunHoldsNoRoomWhileItConnects has receivers that are slow to connect to,
// more of them than messages that may leave in a window.
func TestRunHoldsNoRoomWhileItConnects(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 60, func(i int) string {
			if i < 20 {
				return fmt.Sprintf("dead%d@dead%d", i, i)
			}
			return "alive@alive"
		})
		server := newFakeServer(store)
		rate := delivery.Rate{Count: 10, Per: time.Second}
		limit, budget := delivery.NewLimit(rate, time.Now), newPurse(40)
		router := only(server, func(destination string, lane *Lane) {
			lane.Limits, lane.Budget = delivery.Limits{limit}, budget
			if strings.HasPrefix(destination, "dead") {
				lane.Open = func(context.Context) (Conn, error) {
					time.Sleep(time.Minute)
					return nil, &delivery.SessionError{Stage: delivery.StageConnect, Err: errors.New("timeout")}
				}
			}
		})
		seen := history{}
		opt := Options{Router: router, Renderer: fakeRenderer{}, Clock: time.Now, Connections: 50}
		opt.Retry.NoWait = true
		seen.watch(&opt)
		start := time.Now()
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if took := seen.last["alive@alive"].Sub(start); took > 6*time.Second {
			t.Errorf("the receiver that answers took %v, want 4 s", took)
		}
		if got := store.count(delivery.OutcomeDelivered); got != 40 {
			t.Errorf("%d delivered, want 40", got)
		}
	})
}

// TestRunGivesUpAReceiverThatAlwaysWaits has one that answers every pause with
// the next complaint, for longer than there are retries.
func TestRunGivesUpAReceiverThatAlwaysWaits(t *testing.T) {
	for _, noWait := range []bool{false, true} {
		in(t, func(t *testing.T) {
			store := newMemoryStore(t, 600, spread("a@yahoo", "b@x.example"))
			server := newFakeServer(store)
			server.latency = time.Millisecond
			server.answer = func(to delivery.Address, _ int) answer {
				if nth(to)%2 == 0 {
					return answer{delivery.StageMail, reply(421, "4.7.0 [TSS04] Messages temporarily deferred")}
				}
				return answer{}
			}
			opt := Options{Router: newFakeRouter(server), Renderer: fakeRenderer{}, Clock: time.Now}
			opt.Retry = Retry{For: 12 * time.Hour, NoWait: noWait}
			start := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Hour)
			defer cancel()
			if err := Run(ctx, store, opt); err != nil {
				t.Fatal(err)
			}
			delivered, bounced, took := store.count(delivery.OutcomeDelivered), store.count(delivery.OutcomeBounced), time.Since(start)
			if noWait {
				if delivered != 300 || bounced != 0 || took > time.Minute {
					t.Errorf("without waiting: %d delivered, %d bounced after %v", delivered, bounced, took)
				}
				return
			}
			if delivered != 300 || bounced != 300 || took < 12*time.Hour || took > 17*time.Hour {
				t.Errorf("%d delivered, %d bounced after %v, want 300, 300 and little more than 12 h", delivered, bounced, took)
			}
			last := store.recipients[0].attempts[len(store.recipients[0].attempts)-1]
			if last.Reply.Code != 421 {
				t.Errorf("the last attempt is %+v, want what the receiver said", last)
			}
		})
	}
}

// TestRunStopsWhereAnswersAreLost has many domains at servers that take messages
// and never answer: no more than a few may be unknown, whatever domain they are
// of.
func TestRunStopsWhereAnswersAreLost(t *testing.T) {
	in(t, func(t *testing.T) {
		const domains = 100
		store := newMemoryStore(t, 4*domains, func(i int) string { return fmt.Sprintf("d%d", i%domains) })
		server := newFakeServer(store)
		server.latency = 5 * time.Millisecond
		server.answer = func(delivery.Address, int) answer { return answer{stage: delivery.StageMessage} }
		router := lanesRouter(func(context.Context, string) (Route, error) {
			return Route{Lanes: []Lane{{Queue: "q", Group: "g", Open: func(ctx context.Context) (Conn, error) { return server.Open(ctx, "q") }}}}, nil
		})
		seen := history{}
		opt := Options{Router: router, Renderer: fakeRenderer{}, Clock: time.Now}
		seen.watch(&opt)
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if unknown := store.count(delivery.OutcomeUnknown); unknown < lossesToPause || unknown > 3*lossesToPause {
			t.Errorf("%d are unknown, want few more than %d", unknown, lossesToPause)
		}
		stopped := slices.DeleteFunc(slices.Clone(seen.events), func(e Event) bool { return e.Kind != EventStopped })
		if len(stopped) != 1 {
			t.Errorf("told %d times that it is stopped", len(stopped))
		}
	})
}

// TestRunLeavesAThrottlingRelayAlone has a relay that closes every connection at
// once.
func TestRunLeavesAThrottlingRelayAlone(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 5000, one)
		server := newFakeServer(store)
		server.latency = time.Millisecond
		start := time.Now()
		server.answer = func(delivery.Address, int) answer {
			if time.Since(start) < time.Hour {
				return answer{delivery.StageMail, reply(421, "4.3.2 shutting down")}
			}
			return answer{}
		}
		if err := Run(t.Context(), store, options(server)); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeDelivered); got != 5000 {
			t.Errorf("%d delivered", got)
		}
		if tries := server.opens; tries > 3000 {
			t.Errorf("%d connections, want a server left alone", tries)
		}
	})
}

// TestRunTellsOnceOfABudget has many domains of one budget that is used up.
func TestRunTellsOnceOfABudget(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 400, func(i int) string { return fmt.Sprintf("d%d@g%d", i%100, i%100) })
		server := newFakeServer(store)
		server.latency = time.Millisecond
		budget := newPurse(30)
		seen := history{}
		opt := Options{Router: only(server, func(_ string, lane *Lane) { lane.Budget = budget }), Renderer: fakeRenderer{}, Clock: time.Now}
		seen.watch(&opt)
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeDelivered); got != 30 {
			t.Errorf("%d delivered, want 30", got)
		}
		if kinds := seen.kinds("purse"); len(kinds) != 1 || kinds[0] != EventStopped {
			t.Errorf("told %v, want once that it is used up", kinds)
		}
	})
}

// TestRunForgetsReceivers has more receivers than are remembered.
func TestRunForgetsReceivers(t *testing.T) {
	in(t, func(t *testing.T) {
		const domains = 3000
		store := newMemoryStore(t, domains, func(i int) string { return fmt.Sprintf("d%d@g%d", i, i) })
		server := newFakeServer(store)
		server.latency = time.Millisecond
		opt := Options{Router: newFakeRouter(server), Renderer: fakeRenderer{}, Clock: time.Now, Connections: 50}.withDefaults()
		r := newRun(t.Context(), store, opt)
		defer r.end()
		keys, err := store.Destinations(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r.work(keys)
		synctest.Wait()
		if got := store.count(delivery.OutcomeDelivered); got != domains || len(r.groups) > 10 || len(r.healths) > 10 {
			t.Errorf("%d delivered, %d groups and %d healths remembered", got, len(r.groups), len(r.healths))
		}
	})
}

// TestRunRecordsRefusalsOfOneQueue has a relay that takes mail, but not what
// waits in one of several queues.
func TestRunRecordsRefusalsOfOneQueue(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 303, func(i int) string {
			if i < 3 {
				return "gmail"
			}
			return "relay"
		})
		server := newFakeServer(store)
		server.latency = time.Millisecond
		server.answer = func(to delivery.Address, try int) answer {
			switch {
			case nth(to) < 3 && try == 1:
				return answer{delivery.StageRcpt, reply(450, "4.2.0 later")}
			case nth(to) < 3:
				return answer{delivery.StageMail, reply(550, "5.7.1 no mail for them")}
			}
			return answer{}
		}
		if err := Run(t.Context(), store, options(server)); err != nil {
			t.Fatal(err)
		}
		if delivered, bounced := store.count(delivery.OutcomeDelivered), store.count(delivery.OutcomeBounced); delivered != 300 || bounced != 3 {
			t.Errorf("%d delivered, %d bounced", delivered, bounced)
		}
	})
}

// TestDismissKeepsTheLastWorker shows that somebody is always there for what waits.
func TestDismissKeepsTheLastWorker(t *testing.T) {
	q := &queue{working: 2}
	if !q.dismiss() || q.dismiss() || q.working != 1 {
		t.Errorf("%d workers are left", q.working)
	}
}

// TestRunWithNoWaitLeavesAnUnwillingServer has servers that put off everyone, and
// more recipients than one would want to have put off.
func TestRunWithNoWaitLeavesAnUnwillingServer(t *testing.T) {
	for _, text := range []string{"4.2.0 not now", "4.7.0 try again later"} {
		in(t, func(t *testing.T) {
			store := newMemoryStore(t, 5000, one)
			server := newFakeServer(store)
			server.latency = time.Millisecond
			server.answer = func(delivery.Address, int) answer { return answer{delivery.StageRcpt, reply(451, text)} }
			seen := history{}
			opt := options(server)
			opt.Retry.NoWait = true
			seen.watch(&opt)
			start := time.Now()
			if err := Run(t.Context(), store, opt); err != nil {
				t.Fatal(err)
			}
			if took, left := time.Since(start), store.count(""); took > 3*time.Minute || left < 4000 {
				t.Errorf("%q: %d are left untried after %v", text, left, took)
			}
			if kinds := seen.kinds("relay"); len(kinds) == 0 || kinds[len(kinds)-1] != EventStopped {
				t.Errorf("%q: told %v", text, kinds)
			}
		})
	}
}

// TestLeftAloneLate has so much time pass before a server is left alone that the wait
// is over: that is not for good.
func TestLeftAloneLate(t *testing.T) {
	var told []EventKind
	opt := Options{Router: newFakeRouter(nil), Clock: time.Now, OnEvent: func(e Event) { told = append(told, e.Kind) }}
	r := newRun(t.Context(), nil, opt.withDefaults())
	defer r.end()
	q := newQueue(r, Lane{Queue: "mx.example", Group: "mx.example"})
	q.leftAlone(time.Now().Add(-time.Minute), "no answer")
	if _, rests := q.rests(); rests || !slices.Equal(told, []EventKind{EventWaiting}) {
		t.Errorf("rests: %t, told %v", rests, told)
	}
}
