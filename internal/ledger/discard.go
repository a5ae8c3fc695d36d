package ledger

import "context"

// Discard removes a campaign whose list was not taken in, as if it had never been
// begun; one that is [Campaign.Ready] is left alone, with [ErrReady]. Nothing but
// [Campaign.Close] may follow.
func (c *Campaign) Discard(ctx context.Context) error {
	if c.loaded {
		return ErrReady
	}
	in := intake{c: c}
	if err := in.clearAll(ctx); err != nil {
		return c.l.explain(err)
	}
	return c.l.explain(c.l.w.update(ctx, func(t tx) error {
		for _, del := range []string{
			"DELETE FROM destinations WHERE campaign = ?",
			"DELETE FROM paces WHERE campaign = ?",
			"DELETE FROM campaigns WHERE id = ?",
		} {
			if _, err := t.exec(del, c.id); err != nil {
				return err
			}
		}
		return nil
	}))
}
