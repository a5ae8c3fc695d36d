package probe

import (
	"context"
	"iter"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// ahead is how many groups are kept behind a slow one.
const ahead = 256

// Stream looks at many requests at once and yields what was found in their order,
// as [delivery.InOrder] does. It is never more than a few hundred requests ahead of
// what was yielded.
func (p *Prober) Stream(ctx context.Context, requests iter.Seq[Request]) iter.Seq[Group] {
	return delivery.InOrder(ctx, requests, p.opt.Concurrency, ahead, p.Group)
}
