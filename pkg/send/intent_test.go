package send

import (
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// TestIntentsStandForWhatWasHandedOver looks at what a crash would find while a slow
// server thinks: whoever would be unknown was handed over.
func TestIntentsStandForWhatWasHandedOver(t *testing.T) {
	in(t, func(t *testing.T) {
		const n = 60
		store := newMemoryStore(t, n, one)
		server := newFakeServer(store)
		server.latency = 10 * time.Second
		ended := make(chan error, 1)
		go func() { ended <- Run(t.Context(), store, options(server)) }()
		waiting := 0
		for look := time.After(time.Second); ; look = time.After(server.latency) {
			select {
			case <-look:
				waiting += lookAtIntents(t, store, server)
				continue
			case err := <-ended:
				if err != nil || store.count(delivery.OutcomeDelivered) != n {
					t.Errorf("%v with %d delivered", err, store.count(delivery.OutcomeDelivered))
				}
			}
			break
		}
		if waiting < n {
			t.Errorf("%d intents were seen, want one for each of %d at least", waiting, n)
		}
	})
}

// TestIntentsWaitForServersThatHesitate has a server that takes its time before each
// message and answers at once: no intent is written ahead there.
func TestIntentsWaitForServersThatHesitate(t *testing.T) {
	in(t, func(t *testing.T) {
		store := newMemoryStore(t, 60, one)
		server := newFakeServer(store)
		server.before = 2 * intentPatience
		opt := options(server)
		opt.Connections = 2
		if err := Run(t.Context(), store, opt); err != nil {
			t.Fatal(err)
		}
		if most := 2 * opt.Connections; store.voids > most {
			t.Errorf("%d intents were taken back over %d connections, want %d at most", store.voids, opt.Connections, most)
		}
	})
}

// lookAtIntents counts the intents there are.
func lookAtIntents(t *testing.T, store *memoryStore, server *fakeServer) (n int) {
	store.mu.Lock()
	defer store.mu.Unlock()
	server.mu.Lock()
	defer server.mu.Unlock()
	for _, r := range store.recipients {
		if !r.intended {
			continue
		}
		n++
		if !server.handed[r.ID] {
			t.Errorf("row %d has an intent, and was not handed over", r.Row)
		}
	}
	return n
}
