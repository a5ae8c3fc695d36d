package check_test

import (
	"context"
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
