package send

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/mailctl/mailctl/pkg/delivery"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// options returns what every test needs.
func options(server *fakeServer) Options {
	return Options{Transport: server, Renderer: fakeRenderer{}, Clock: time.Now}
}

// in runs a test with a clock of its own.
func in(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, test)
}

func TestRunDeliversToEveryoneOnce(t *testing.T) {
	in(t, func(t *testing.T) {
		const n = 3000
		store := newMemoryStore(t, n, one)
		server := newFakeServer(store)
		server.latency = time.Millisecond
		opt := options(server)
		opt.PerConnection = 70
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeDelivered); got != n {
			t.Errorf("%d delivered, want %d", got, n)
		}
		for to, times := range server.accepted {
			if times != 1 {
				t.Errorf("%s accepted %d times", to, times)
			}
		}
		if server.most > 10 || server.most < 5 {
			t.Errorf("%d connections at once, want up to 10", server.most)
		}
		if server.now != 0 {
			t.Errorf("%d connections left open", server.now)
		}
	})
}

func TestRunUsesFewConnectionsForFew(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 1, one)
		server := newFakeServer(store)
		if err := Run(t.Context(), store, options(server)); err != nil {
			t.Fatal(err)
		}
		if server.opens != 1 {
			t.Errorf("%d connections for one message", server.opens)
		}
	})
}

func TestRunRetriesWhatIsTemporary(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 5, one)
		server := newFakeServer(store)
		server.answer = func(to delivery.Address, try int) answer {
			if to.Local == "u3" && try < 4 {
				return answer{delivery.StageRcpt, reply(450, "greylisted")}
			}
			return answer{}
		}
		start := time.Now()
		if err := Run(t.Context(), store, options(server)); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeDelivered); got != 5 {
			t.Errorf("%d delivered, want 5", got)
		}
		// Five minutes for greylisting, then two and four.
		if took := time.Since(start); took < 9*time.Minute || took > 13*time.Minute {
			t.Errorf("took %v, want about 11 minutes", took)
		}
		if tries := store.recipients[3].Attempts; tries != 4 {
			t.Errorf("%d attempts recorded, want 4", tries)
		}
	})
}

func TestRunGivesUpAfterRetryFor(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 1, one)
		server := newFakeServer(store)
		server.answer = func(delivery.Address, int) answer {
			return answer{delivery.StageRcpt, reply(452, "mailbox full")}
		}
		opt := options(server)
		opt.Retry.For = 10 * time.Minute
		start := time.Now()
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeBounced); got != 1 {
			t.Errorf("%d bounced, want 1", got)
		}
		// The waits of one, two, four and eight minutes are more than that.
		if took, tries := time.Since(start), len(store.recipients[0].attempts); took != opt.Retry.For || tries != 5 {
			t.Errorf("gave up after %v and %d attempts, want %v and 5", took, tries, opt.Retry.For)
		}
	})
}

func TestRunWithNoWaitLeavesDeferred(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 3, one)
		server := newFakeServer(store)
		server.answer = func(delivery.Address, int) answer {
			return answer{delivery.StageRcpt, reply(450, "later")}
		}
		opt := options(server)
		opt.Retry.NoWait = true
		start := time.Now()
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeDeferred); got != 3 || time.Since(start) > time.Second {
			t.Errorf("%d deferred after %v, want 3 at once", got, time.Since(start))
		}
	})
}

func TestRunPausesWhenEveryoneIsRefused(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 5000, one)
		server := newFakeServer(store)
		server.answer = func(delivery.Address, int) answer {
			return answer{delivery.StageMail, reply(550, "sender not allowed")}
		}
		err := Run(t.Context(), store, options(server))
		var paused *Paused
		if !errors.As(err, &paused) || paused.Reason != PauseRefused || paused.Reply.Code != 550 {
			t.Fatalf("got %v, want a pause because everyone is refused", err)
		}
		if pending := store.count(""); pending != 5000 {
			t.Errorf("%d recipients were given up, want none", 5000-pending)
		}
		if len(server.tries) > 2*refusalsToPause {
			t.Errorf("%d recipients were tried, want about %d", len(server.tries), refusalsToPause)
		}
	})
}

func TestRunRecordsRefusalsOfAWorkingServer(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 20, one)
		server := newFakeServer(store)
		server.answer = func(to delivery.Address, _ int) answer {
			if to.Local == "u0" || to.Local == "u9" {
				return answer{delivery.StageMessage, reply(554, "spam")}
			}
			return answer{}
		}
		if err := Run(t.Context(), store, options(server)); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeBounced); got != 2 {
			t.Errorf("%d bounced, want 2", got)
		}
	})
}

func TestRunPausesWhenAllOfAShortListAreRefused(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 3, one)
		server := newFakeServer(store)
		server.answer = func(delivery.Address, int) answer {
			return answer{delivery.StageMessage, reply(554, "spam")}
		}
		opt := options(server)
		if paused, ok := errors.AsType[*Paused](Run(t.Context(), store, opt)); !ok || paused.Reason != PauseRefused {
			t.Fatalf("got %v, want a pause because everyone is refused", paused)
		}
		if got := store.count(""); got != 3 {
			t.Errorf("%d pending, want 3", got)
		}
		opt.Delivered = 1 // to somebody else, before
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeBounced); got != 3 {
			t.Errorf("%d bounced, want 3", got)
		}
	})
}

func TestRunPausesWhenAnswersAreLost(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 1000, one)
		server := newFakeServer(store)
		server.answer = func(delivery.Address, int) answer { return answer{stage: delivery.StageMessage} }
		err := Run(t.Context(), store, options(server))
		if paused, ok := errors.AsType[*Paused](err); !ok || paused.Reason != PauseLost {
			t.Fatalf("got %v, want a pause because answers are lost", err)
		}
		if got := store.count(delivery.OutcomeUnknown); got < lossesToPause || got > 30 {
			t.Errorf("%d unknown, want little more than %d", got, lossesToPause)
		}
	})
}

// TestRunOutlivesAServerThatGoesDown goes on by itself when a server takes the answers
// of all connections with it and comes back.
func TestRunOutlivesAServerThatGoesDown(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 1000, one)
		server := newFakeServer(store)
		server.latency = 10 * time.Millisecond
		opt := options(server)
		opt.Connections = 20
		begun := time.Now()
		server.answer = func(delivery.Address, int) answer {
			if up := time.Since(begun); up > 100*time.Millisecond && up < 125*time.Millisecond {
				return answer{stage: delivery.StageMessage}
			}
			return answer{delivery.StageMessage, reply(250, "ok")}
		}
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeUnknown); got < lossesToPause || got > 2*opt.Connections {
			t.Errorf("%d unknown with %d connections", got, opt.Connections)
		}
	})
}

func TestRunLeavesAnUnwillingServerAlone(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 300, one)
		server := newFakeServer(store)
		server.latency = time.Millisecond
		server.answer = func(delivery.Address, int) answer {
			return answer{delivery.StageRcpt, reply(451, "not now")}
		}
		opt := options(server)
		opt.Connections, opt.Retry.NoWait = 1, true
		start := time.Now()
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < time.Minute {
			t.Errorf("300 tries within %v, want growing waits between them", took)
		}
		for to, tries := range server.tries {
			if tries != 1 {
				t.Errorf("%s was tried %d times, want once", to, tries)
			}
		}
	})
}

func TestRunOffersMoreConnectionsAgain(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 5000, one)
		server := newFakeServer(store)
		server.latency = 20 * time.Millisecond
		server.refuse = func(opens int) error {
			if opens == 2 {
				return &delivery.SessionError{Stage: delivery.StageGreeting, Reply: reply(421, "busy"), Err: delivery.ErrRefused}
			}
			return nil
		}
		if err := Run(t.Context(), store, options(server)); err != nil {
			t.Fatal(err)
		}
		if server.most < 3 {
			t.Errorf("%d connections at once in the end, want more again", server.most)
		}
	})
}

func TestRunCopesWithOneMessagePerConnection(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 300, one)
		server := newFakeServer(store)
		server.perConn = 1
		opt := options(server)
		opt.Retry.NoWait = true
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeDelivered); got != 300 {
			t.Errorf("%d delivered, want 300", got)
		}
	})
}

func TestRunPausesOnBounces(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 2000, one)
		server := newFakeServer(store)
		server.answer = func(to delivery.Address, _ int) answer {
			if to.Local[len(to.Local)-1] == '7' {
				return answer{delivery.StageRcpt, reply(550, "user unknown")}
			}
			return answer{}
		}
		opt := options(server)
		opt.MaxBounceRate = 0.05
		err := Run(t.Context(), store, opt)
		var paused *Paused
		if !errors.As(err, &paused) || paused.Reason != PauseBounces || paused.Share < 0.05 {
			t.Fatalf("got %v, want a pause because of bounces", err)
		}
		if done := 2000 - store.count(""); done < bounceSample || done > 2*bounceSample {
			t.Errorf("paused after %d recipients, want soon after %d", done, bounceSample)
		}

		// What was over the limit before writes to nobody, until more is allowed.
		pending, opens := store.count(""), server.opens
		opt.Tried, opt.HardBounces = 2000-pending, store.count(delivery.OutcomeBounced)
		if err := Run(t.Context(), store, opt); !errors.As(err, &paused) || paused.Reason != PauseBounces {
			t.Fatalf("got %v, want a pause at once", err)
		}
		if store.count("") != pending || server.opens != opens {
			t.Errorf("%d were tried over %d connections, want none", pending-store.count(""), server.opens-opens)
		}
		opt.MaxBounceRate = 0.5
		if err := Run(t.Context(), store, opt); err != nil || store.count("") != 0 {
			t.Fatalf("%v with %d left, want all to be done", err, store.count(""))
		}
		opt.MaxBounceRate = 0.05
		if err := Run(t.Context(), newMemoryStore(t, 0, one), opt); err != nil {
			t.Errorf("%v with nobody left", err)
		}
	})
}

func TestRunNamesWhatItDoesNotKnow(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 200, one)
		server := newFakeServer(store)
		server.answer = func(to delivery.Address, try int) answer {
			switch {
			case to.Local == "u50":
				return answer{stage: delivery.StageMessage} // gone behind the final dot
			case to.Local == "u70" && try == 1:
				return answer{stage: delivery.StageRcpt} // gone before it
			case to.Local == "u90" && try == 1:
				return answer{delivery.StageMail, reply(421, "closing")}
			}
			return answer{}
		}
		if err := Run(t.Context(), store, options(server)); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeUnknown); got != 1 || store.recipients[50].outcome != delivery.OutcomeUnknown {
			t.Errorf("%d unknown, want u50 alone", got)
		}
		if got := store.count(delivery.OutcomeDelivered); got != 199 {
			t.Errorf("%d delivered, want 199", got)
		}
		if tries := server.tries["u50@x.example"]; tries != 1 {
			t.Errorf("u50 was tried %d times, want once", tries)
		}
	})
}

func TestRunPausesWhenNothingOpens(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 100, one)
		server := newFakeServer(store)
		server.refuse = func(int) error {
			return &delivery.SessionError{Stage: delivery.StageConnect, Err: errors.New("connection refused")}
		}
		var events []Event
		opt := options(server)
		opt.OnEvent = func(e Event) { events = append(events, e) }
		err := Run(t.Context(), store, opt)
		var paused *Paused
		if !errors.As(err, &paused) || paused.Reason != PauseUnreachable {
			t.Fatalf("got %v, want a pause because nothing opens", err)
		}
		if server.opens != opensToPause || len(events) != opensToPause-1 {
			t.Errorf("%d tries and %d events, want %d and %d", server.opens, len(events), opensToPause, opensToPause-1)
		}
		if store.count("") != 100 {
			t.Error("recipients were given up")
		}
	})
}

func TestRunOutlivesARestartOfTheServer(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 500, one)
		server := newFakeServer(store)
		server.latency = time.Millisecond
		var restarted time.Time
		server.answer = func(to delivery.Address, try int) answer {
			if to.Local == "u100" && try == 1 {
				restarted = time.Now()
			}
			if time.Since(restarted) < time.Minute && !restarted.IsZero() {
				return answer{delivery.StageMail, reply(421, "shutting down")}
			}
			return answer{}
		}
		server.refuse = func(int) error {
			if !restarted.IsZero() && time.Since(restarted) < time.Minute {
				return &delivery.SessionError{Stage: delivery.StageConnect, Err: errors.New("connection refused")}
			}
			return nil
		}
		var kinds []EventKind
		opt := options(server)
		opt.OnEvent = func(e Event) { kinds = append(kinds, e.Kind) }
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeDelivered); got != 500 {
			t.Errorf("%d delivered, want 500", got)
		}
		if !slices.Contains(kinds, EventWaiting) || kinds[len(kinds)-1] != EventResumed {
			t.Errorf("events %v, want waits and then a resumption", kinds)
		}
	})
}

func TestRunTakesNoMoreConnectionsThanThereAre(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 1000, one)
		server := newFakeServer(store)
		server.latency = time.Millisecond
		server.refuse = func(int) error {
			if server.now >= 3 {
				return &delivery.SessionError{Stage: delivery.StageGreeting, Reply: reply(421, "too many connections"), Err: delivery.ErrRefused}
			}
			return nil
		}
		fewer := 0
		opt := options(server)
		opt.OnEvent = func(e Event) {
			if e.Kind == EventFewer {
				fewer++
			}
		}
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeDelivered); got != 1000 || fewer == 0 {
			t.Errorf("%d delivered with %d events, want 1000 and at least one", got, fewer)
		}
		if server.opens > 20 {
			t.Errorf("%d tries to connect, want few", server.opens)
		}
	})
}

func TestRunFinishesWhatIsInFlight(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 10000, one)
		server := newFakeServer(store)
		server.latency = 50 * time.Millisecond
		ctx, cancel := context.WithCancelCause(t.Context())
		interrupted := errors.New("interrupted")
		time.AfterFunc(5*time.Second+13*time.Millisecond, func() { cancel(interrupted) })
		start := time.Now()
		if err := Run(ctx, store, options(server)); !errors.Is(err, interrupted) {
			t.Fatalf("got %v, want %v", err, interrupted)
		}
		if took := time.Since(start); took > 6*time.Second {
			t.Errorf("took %v, want little more than 5 s", took)
		}
		delivered := store.count(delivery.OutcomeDelivered)
		if delivered != len(server.accepted) || store.count(delivery.OutcomeUnknown) != 0 {
			t.Errorf("%d recorded, %d accepted", delivered, len(server.accepted))
		}
		server.latency = 0
		if err := Run(t.Context(), store, options(server)); err != nil {
			t.Fatal(err)
		}
		for to, times := range server.accepted {
			if times != 1 {
				t.Errorf("%s accepted %d times", to, times)
			}
		}
		if got := store.count(delivery.OutcomeDelivered); got != 10000 {
			t.Errorf("%d delivered, want all", got)
		}
	})
}

func TestRunGivesUpAServerThatHangsOnceInterrupted(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 100, one)
		server := newFakeServer(store)
		server.latency = time.Hour
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if err := Run(ctx, store, options(server)); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v, want the context's end", err)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("took %v, want at most 10 s", took)
		}
	})
}

func TestRunStopsWhenTheStoreFails(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 1000, one)
		store.failAfter = 100
		server := newFakeServer(store)
		if err := Run(t.Context(), store, options(server)); !errors.Is(err, errStore) {
			t.Fatalf("got %v, want %v", err, errStore)
		}
		if len(server.accepted) > 100 {
			t.Errorf("%d messages left, of which at most 100 are remembered", len(server.accepted))
		}
	})
}

func TestRunHoldsTheRate(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 500, one)
		server := newFakeServer(store)
		server.latency = 3 * time.Millisecond
		rate := delivery.Rate{Count: 50, Per: time.Second}
		limit := delivery.NewLimit(rate, time.Now)
		opt := options(server)
		opt.Limits = func(string) delivery.Limits { return delivery.Limits{limit} }
		start := time.Now()
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > 10500*time.Millisecond {
			t.Errorf("took %v, want at most 5 %% more than 10 s", took)
		}
		slices.SortFunc(server.times, time.Time.Compare)
		for i := range len(server.times) - 50 {
			if span := server.times[i+50].Sub(server.times[i]); span <= time.Second {
				t.Fatalf("51 messages within %v", span)
			}
		}
	})
}

func TestRunKeepsDestinationsApart(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 200, func(i int) string { return []string{"fast", "slow"}[i%2] })
		server := newFakeServer(store)
		slow := delivery.NewLimit(delivery.Rate{Count: 1, Per: time.Second}, time.Now)
		opt := options(server)
		opt.Limits = func(destination string) delivery.Limits {
			if destination == "slow" {
				return delivery.Limits{slow}
			}
			return nil
		}
		var mu sync.Mutex
		ends := map[string]time.Time{}
		opt.OnAttempt = func(_ Recipient, a delivery.Attempt) {
			mu.Lock()
			defer mu.Unlock()
			ends[a.Destination] = a.Time
		}
		start := time.Now()
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if fast, slow := ends["fast"].Sub(start), ends["slow"].Sub(start); fast > time.Second || slow < 99*time.Second {
			t.Errorf("fast took %v and slow %v, want little and 100 s", fast, slow)
		}
	})
}

func TestRunFallsBackToSevenBit(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 50, one)
		server := newFakeServer(store)
		opt := options(server)
		opt.Renderer = fakeRenderer{eightBit: true}
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeDelivered); got != 50 {
			t.Errorf("%d delivered, want 50", got)
		}
	})
}

func TestRunSetsAsideWhatCannotBeRendered(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 10, one)
		opt := options(newFakeServer(store))
		opt.Renderer = fakeRenderer{err: func(r Recipient) error {
			if r.ID == 4 {
				return errors.New("attachment is gone")
			}
			return nil
		}}
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if store.count(delivery.OutcomeBounced) != 1 || store.count(delivery.OutcomeDelivered) != 9 {
			t.Errorf("%d bounced and %d delivered, want 1 and 9",
				store.count(delivery.OutcomeBounced), store.count(delivery.OutcomeDelivered))
		}
	})
}

func TestRetryDelayGrows(t *testing.T) {
	r := Retry{After: time.Minute}
	last := time.Duration(0)
	for n := 1; n < 12; n++ {
		d := r.delay(n, 0.5)
		if d < last || d > maxRetryDelay {
			t.Errorf("delay after attempt %d is %v, after %v", n, d, last)
		}
		last = d
	}
	if last != maxRetryDelay {
		t.Errorf("the delay ends at %v, want %v", last, maxRetryDelay)
	}
	if low, high := r.delay(1, 0), r.delay(1, 0.999); low != 48*time.Second || high <= 71*time.Second {
		t.Errorf("jitter spreads from %v to %v, want 48 s to 72 s", low, high)
	}
}
