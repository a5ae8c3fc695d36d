package ledger

import "github.com/mailctl/mailctl/pkg/delivery"

// Counts are numbers of recipients by the state they are in.
type Counts struct {
	Pending    int64
	Delivered  int64
	Deferred   int64
	Bounced    int64
	Suppressed int64
	Skipped    int64
	Unknown    int64
}

// Sum returns the number of recipients counted.
func (c Counts) Sum() int64 {
	return c.Pending + c.Delivered + c.Deferred + c.Bounced + c.Suppressed + c.Skipped + c.Unknown
}

func (c *Counts) add(o delivery.Outcome, n int64) {
	switch o {
	case delivery.OutcomeDelivered:
		c.Delivered += n
	case delivery.OutcomeDeferred:
		c.Deferred += n
	case delivery.OutcomeBounced:
		c.Bounced += n
	case delivery.OutcomeSuppressed:
		c.Suppressed += n
	case delivery.OutcomeSkipped:
		c.Skipped += n
	case delivery.OutcomeUnknown:
		c.Unknown += n
	default:
		c.Pending += n
	}
}

func (c *Counts) addAll(d Counts) {
	c.Pending += d.Pending
	c.Delivered += d.Delivered
	c.Deferred += d.Deferred
	c.Bounced += d.Bounced
	c.Suppressed += d.Suppressed
	c.Skipped += d.Skipped
	c.Unknown += d.Unknown
}
