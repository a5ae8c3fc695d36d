package check

import (
	"context"
	"iter"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// ahead is how many results are kept behind a slow domain, for each that is
// checked at once.
const ahead = 8

// Stream checks many domains, up to concurrency of them at once, and yields what
// was found in the order of the domains, as [delivery.InOrder] does. It is never
// more than eight times that many domains ahead of what was yielded. A concurrency
// below 1 means 1.
func Stream(ctx context.Context, domains iter.Seq[string], concurrency int, check func(ctx context.Context, domain string) Domain) iter.Seq[Domain] {
	concurrency = max(concurrency, 1)
	return delivery.InOrder(ctx, domains, concurrency, ahead*concurrency, check)
}
