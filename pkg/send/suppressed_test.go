package send

import (
	"sync"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// TestRunObeysSuppressionsOnTheWay puts recipients on the suppression list at every
// moment before they are handed over.
func TestRunObeysSuppressionsOnTheWay(t *testing.T) {
	tests := []struct {
		name string
		at   func(store *memoryStore, server *fakeServer, opt *Options) // when u5 is suppressed
	}{
		{"before the claim", func(store *memoryStore, _ *fakeServer, _ *Options) { store.suppress(5) }},
		{"after the claim", func(store *memoryStore, _ *fakeServer, opt *Options) {
			opt.Renderer = fakeRenderer{err: func(Recipient) error { store.suppress(5); return nil }}
		}},
		{"after the envelope", func(store *memoryStore, server *fakeServer, _ *Options) {
			server.answer = func(to delivery.Address, _ int) answer {
				if to.Local == "u5" {
					store.suppress(5)
				}
				return answer{}
			}
		}},
		{"while it is deferred", func(store *memoryStore, server *fakeServer, _ *Options) {
			server.answer = func(to delivery.Address, _ int) answer {
				if to.Local != "u5" {
					return answer{}
				}
				store.suppress(5)
				return answer{delivery.StageRcpt, reply(450, "greylisted")}
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				store := newMemoryStore(t, 10, one)
				server := newFakeServer(store)
				server.latency = time.Millisecond
				opt := options(server)
				var mu sync.Mutex
				told := map[string][]delivery.Outcome{}
				opt.OnAttempt = func(r Recipient, a delivery.Attempt) {
					mu.Lock()
					defer mu.Unlock()
					told[r.Address.Local] = append(told[r.Address.Local], a.Outcome)
				}
				test.at(store, server, &opt)
				if err := Run(t.Context(), store, opt); err != nil {
					t.Fatal(err)
				}
				if server.accepted["u5@x.example"] != 0 || len(server.accepted) != 9 {
					t.Errorf("accepted %v, want all but u5", server.accepted)
				}
				if r := store.recipients[5]; r.outcome != delivery.OutcomeSuppressed || r.intended || r.claimed {
					t.Errorf("u5 is %+v", r)
				}
				if got := told["u5"]; len(got) == 0 || got[len(got)-1] != delivery.OutcomeSuppressed {
					t.Errorf("told %v of u5", got)
				}
				for _, a := range store.recipients[5].attempts {
					if a.Outcome == delivery.OutcomeSuppressed {
						t.Error("what was not tried was recorded as an attempt")
					}
				}
			})
		})
	}
}

// TestRunObeysSuppressionsBehindASlowStore puts everyone on the suppression list while
// connections wait for a store that takes its time now and then.
func TestRunObeysSuppressionsBehindASlowStore(t *testing.T) {
	for connections := range 10 {
		in(t, func(t *testing.T) {
			const n = 200
			store := newMemoryStore(t, n, one)
			records := 0
			store.slow = func() <-chan time.Time {
				if records++; records%20 > 0 {
					return time.After(0)
				}
				time.AfterFunc(500*time.Millisecond, func() {
					for i := range n {
						store.suppress(int64(i))
					}
				})
				return time.After(time.Second)
			}
			server := newFakeServer(store)
			server.latency = time.Millisecond
			opt := options(server)
			opt.Connections = connections + 1
			if err := Run(t.Context(), store, opt); err != nil {
				t.Fatal(err)
			}
			delivered, suppressed := store.count(delivery.OutcomeDelivered), store.count(delivery.OutcomeSuppressed)
			if delivered == 0 || suppressed == 0 || delivered+suppressed != n {
				t.Errorf("%d delivered and %d suppressed", delivered, suppressed)
			}
		})
	}
}

// TestRunWithNobodyLeft sends to a list of which all were suppressed since.
func TestRunWithNobodyLeft(t *testing.T) {
	in(t, func(t *testing.T) {
		const n = 2*claimSize + 1
		store := newMemoryStore(t, n, one)
		for i := range n {
			store.suppress(int64(i))
		}
		server := newFakeServer(store)
		if err := Run(t.Context(), store, options(server)); err != nil {
			t.Fatal(err)
		}
		if got := store.count(delivery.OutcomeSuppressed); got != n || server.opens != 0 {
			t.Errorf("%d suppressed over %d connections, want %d over none", got, server.opens, n)
		}
	})
}
