package send

import (
	"strconv"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// aboutRecipient reports whether a reply speaks of one mailbox (RFC 3463 §3.2,
// §3.3), or asks a stranger to come again: neither is about pace.
func aboutRecipient(c complaint) bool {
	subject := c.reply.Enhanced.Subject
	return c.verdict.Reason == delivery.ReasonGreylisted || (c.reply.Enhanced.Class != 0 && (subject == 1 || subject == 2))
}

// isThrottling reports whether a temporary reply is about pace or standing, so
// that the message would have got the same answer whoever it was for.
func isThrottling(c complaint) bool {
	if c.verdict.Class != delivery.ClassTemporary {
		return false
	}
	switch c.verdict.Reason {
	case delivery.ReasonRateLimited, delivery.ReasonTooManyConnections, delivery.ReasonBlocklisted, delivery.ReasonReputation:
		return true
	}
	return c.reply.Code == replyClosing
}

// full reports whether a reply says that a connection has carried enough.
func (s *shaper) full(c complaint) bool {
	if c.verdict.Class != delivery.ClassTemporary || c.used < complaintsToLearn {
		return false
	}
	text := strings.ToLower(c.reply.Text())
	for _, phrase := range []string{"per connection", "this connection", "per session", "this session"} {
		if strings.Contains(text, phrase) && strings.Contains(text, "message") {
			return true
		}
	}
	return false
}

// alike reports whether a server that gives no reason closes one connection after the
// other behind the same number of messages.
func (s *shaper) alike(c complaint) bool {
	if c.reply.Code != replyClosing || c.verdict.Reason != delivery.ReasonServerBusy || c.used < complaintsToLearn {
		return false
	}
	if c.used != s.closedAt {
		s.closedAt, s.closings = c.used, 0
	}
	s.closings++
	return s.closings >= closingsToLearn
}

// learnMessages notes how many messages one connection may carry.
func (s *shaper) learnMessages(c complaint) []Event {
	if s.messages > 0 && s.messages <= c.used {
		return nil
	}
	s.messages = c.used
	return []Event{{Kind: EventShorter, Messages: c.used, Cause: c.reply.String()}}
}

// The waits for greylisting: most servers want five minutes, and hardly any
// waits for longer than an hour.
const (
	greylistTimes  = 5 // the first wait of the schedule: five minutes by default
	greylistAtMost = time.Hour
	greylistMargin = 5 * time.Second
	throttledWait  = 30 * time.Second
	maxThrottled   = 3 // how often a message comes back throttled until that counts as an attempt
)

// statedWait returns the wait that a text names, such as "try again in 300
// seconds"; 0 when it names none.
func statedWait(text string) time.Duration {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
	for i, word := range words {
		digits := strings.TrimRight(word, "abcdefghijklmnopqrstuvwxyz")
		n, err := strconv.Atoi(digits)
		if err != nil || n <= 0 || n > 1<<20 {
			continue
		}
		unit := word[len(digits):]
		if unit == "" && i+1 < len(words) {
			unit = words[i+1]
		}
		switch unit {
		case "s", "sec", "secs", "second", "seconds":
			return time.Duration(n) * time.Second
		case "m", "min", "mins", "minute", "minutes":
			return time.Duration(n) * time.Minute
		case "h", "hour", "hours":
			return time.Duration(n) * time.Hour
		}
	}
	return 0
}

// nextTry returns when a deferred recipient is due again: when the time for retries
// ends at the latest, which is then the last try.
func (r *run) nextTry(to Recipient, a *delivery.Attempt, throttled bool) time.Time {
	wait := r.opt.Retry.delay(a.Number, r.opt.Jitter())
	switch {
	case throttled:
		wait = min(wait, time.Duration(float64(throttledWait)*(0.8+0.4*r.opt.Jitter())))
	case a.Verdict.Reason == delivery.ReasonGreylisted:
		stated := statedWait(a.Reply.Text())
		if stated > 0 {
			stated += greylistMargin
		} else if a.Number == 1 {
			stated = greylistTimes * r.opt.Retry.After
		}
		if stated > 0 {
			wait = min(stated, greylistAtMost)
		}
	}
	first := to.First
	if first.IsZero() {
		first = a.Time
	}
	next, last := a.Time.Add(wait), first.Add(r.opt.Retry.For)
	if last.Before(next) {
		return last
	}
	return next
}
