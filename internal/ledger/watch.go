package ledger

import (
	"context"
	"sync"
	"time"

	"github.com/mailctl/mailctl/pkg/send"
)

// watchEvery is for how long it is believed that nobody was added to the
// suppression list.
const watchEvery = 10 * time.Millisecond

// A watch knows how far the suppression list has grown, whoever adds to it.
type watch struct {
	mu     sync.Mutex
	looked time.Time
	newest int64 // the newest suppression
}

// Suppressed is part of [send.Store]. Most often nobody was added to the list, which
// is looked at every few milliseconds only. Who was claimed before somebody was is
// looked up.
func (c *Campaign) Suppressed(ctx context.Context, r send.Recipient) (bool, error) {
	newest, err := c.newestSuppression(ctx)
	if err != nil || newest <= r.Known {
		return false, c.l.explain(err)
	}
	own, domain := suppressionKeys(r.Address)
	var suppressed bool
	_, err = c.l.r.one(ctx, []any{&suppressed},
		"SELECT EXISTS (SELECT 1 FROM suppressions WHERE key IN (?, ?) AND id > ?)", own, domain, r.Known)
	return suppressed, c.l.explain(err)
}

func (c *Campaign) newestSuppression(ctx context.Context) (int64, error) {
	c.watch.mu.Lock()
	defer c.watch.mu.Unlock()
	now := c.l.now()
	if since := now.Sub(c.watch.looked); since >= 0 && since < watchEvery {
		return c.watch.newest, nil
	}
	_, err := c.l.r.one(ctx, []any{&c.watch.newest}, "SELECT coalesce(max(id), 0) FROM suppressions")
	if err == nil {
		c.watch.looked = now
	}
	return c.watch.newest, err
}
