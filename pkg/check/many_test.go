package check_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/delivery"
)

func checker(opt check.Options) func(context.Context, string) check.Domain {
	return func(ctx context.Context, domain string) check.Domain { return check.Check(ctx, domain, opt) }
}

func names(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("d%d.example", i)
	}
	return list
}

// The order is that of the list, however long each takes, and no more than asked
// for are under way.
func TestStreamOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int64
		look := func(_ context.Context, domain string) check.Domain {
			now := running.Add(1)
			for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
			}
			wait := time.Duration(len(domain)*7919%100) * time.Millisecond
			<-time.After(wait)
			running.Add(-1)
			return check.Domain{Domain: domain}
		}
		want := names(500)
		var got []string
		for d := range check.Stream(t.Context(), slices.Values(want), 8, look) {
			got = append(got, d.Domain)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v", got)
		}
		if most.Load() != 8 {
			t.Errorf("%d at once, want 8", most.Load())
		}
	})
}

// A slow domain at the front does not let the list into memory.
func TestStreamIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var taken atomic.Int64
		endless := func(yield func(string) bool) {
			for taken.Add(1); yield("x.example"); taken.Add(1) {
			}
		}
		first := true
		look := func(_ context.Context, domain string) check.Domain {
			if first {
				first = false
				<-time.After(time.Hour)
			}
			return check.Domain{Domain: domain}
		}
		for range check.Stream(t.Context(), endless, 1, look) {
			break
		}
		if n := taken.Load(); n > 20 {
			t.Errorf("%d domains were taken", n)
		}
	})
}

func TestStreamStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	look := func(_ context.Context, domain string) check.Domain { return check.Domain{Domain: domain} }
	n := 0
	for range check.Stream(ctx, slices.Values(names(1000)), 4, look) {
		if n++; n == 3 {
			cancel()
		}
	}
	if n < 3 || n > 3+4*9+1 {
		t.Errorf("%d results", n)
	}
}

// countingResolver counts how many look-ups are under way.
type countingResolver struct{ running, most atomic.Int64 }

func (r *countingResolver) Lookup(_ context.Context, name string, qtype uint16) delivery.Answer {
	now := r.running.Add(1)
	for old := r.most.Load(); now > old && !r.most.CompareAndSwap(old, now); old = r.most.Load() {
	}
	<-time.After(10 * time.Millisecond)
	r.running.Add(-1)
	return delivery.Answer{Name: name, Type: qtype, Status: delivery.LookupNoName}
}

func TestBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		counting := &countingResolver{}
		questions := make([]delivery.Question, 100)
		for i := range questions {
			questions[i] = delivery.Question{Name: "example.com", Type: delivery.TypeMX}
		}
		delivery.LookupAll(t.Context(), check.Bounded(counting, 7), questions...)
		if n := counting.most.Load(); n != 7 {
			t.Errorf("%d at once, want 7", n)
		}
	})
}
