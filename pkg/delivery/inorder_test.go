package delivery_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

func numbers(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// The order is that of the values, however long each takes, and no more than asked
// for are under way.
func TestInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int64
		do := func(_ context.Context, n int) int {
			now := running.Add(1)
			for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
			}
			<-time.After(time.Duration(n*7919%100) * time.Millisecond)
			running.Add(-1)
			return n
		}
		got := slices.Collect(delivery.InOrder(t.Context(), slices.Values(numbers(500)), 8, 64, do))
		if !slices.Equal(got, numbers(500)) || most.Load() != 8 {
			t.Errorf("%d at once, want 8: %v", most.Load(), got)
		}
	})
}

// What is under way when the context ends is yielded, and nothing else.
func TestInOrderStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for range delivery.InOrder(ctx, slices.Values(numbers(1000)), 4, 32, func(_ context.Context, n int) int { return n }) {
		if n++; n == 3 {
			cancel()
		}
	}
	if n < 3 || n > 3+4+32+1 {
		t.Errorf("%d results", n)
	}
}
