package ledger

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// benchList returns a list of n entries over some destinations, one by one.
func benchList(n, destinations int) func() (Entry, error) {
	data := []byte(`{"email":"user0000001@example.com","first_name":"Ada","last_name":"Lovelace","country":"DE","orders":12,"city":"Paderborn"}`)
	row := 0
	return func() (Entry, error) {
		if row == n {
			return Entry{}, io.EOF
		}
		row++
		return Entry{
			Row: row, Line: row + 1, Data: data,
			Address:     delivery.Address{Local: fmt.Sprintf("user%07d", row), Domain: "example.com"},
			Destination: fmt.Sprintf("destination-%d", row*7919%destinations),
		}, nil
	}
}

// benchCampaign opens a campaign whose list is not taken in.
func benchCampaign(b *testing.B) *Campaign {
	b.Helper()
	l, err := Open(b.Context(), b.TempDir(), Options{BootID: "boot"})
	check(b, err)
	c, err := l.Begin(b.Context(), spec("bench"))
	check(b, err)
	b.Cleanup(func() {
		check(b, c.Close())
		check(b, l.Close())
	})
	return c
}

// perMessage reports the time for one message.
func perMessage(b *testing.B, took time.Duration, messages int) {
	b.ReportMetric(float64(took.Microseconds())/float64(messages), "µs/message")
}

func BenchmarkLoad(b *testing.B) {
	const rows = 100_000
	for _, destinations := range []int{1, 5, 5000} {
		b.Run(fmt.Sprintf("destinations=%d", destinations), func(b *testing.B) {
			for range b.N {
				c := benchCampaign(b)
				start := time.Now()
				check(b, c.Load(b.Context(), benchList(rows, destinations)))
				perMessage(b, time.Since(start), rows)
			}
		})
	}
}

// BenchmarkRecord claims recipients and records their intents and outcomes the
// way 10 connections would: a group holds the outcomes of some messages and the
// intents of the ones behind them.
func BenchmarkRecord(b *testing.B) {
	const rows, destinations, claimed = 50_000, 5, 500
	for _, group := range []int{1, 5, 20} {
		b.Run(fmt.Sprintf("messages=%d", group), func(b *testing.B) {
			var claiming, recording time.Duration
			for range b.N {
				c := benchCampaign(b)
				check(b, c.Load(b.Context(), benchList(rows, destinations)))
				check(b, c.Ready(b.Context()))
				var left []send.Recipient
				for d := 0; d < destinations; {
					start := time.Now()
					batch, err := c.Claim(b.Context(), fmt.Sprintf("destination-%d", d), claimed, time.Time{})
					check(b, err)
					claiming += time.Since(start)
					if len(batch) == 0 {
						d++
					}
					start = time.Now()
					left = benchRecord(b, c, append(left, batch...), group, len(batch) == 0)
					recording += time.Since(start)
				}
			}
			perMessage(b, recording, rows*b.N)
			b.ReportMetric(float64(claiming.Microseconds())/float64(rows*b.N), "µs/claim")
		})
	}
}

// benchRecord sends to everyone but the last ten, who have intents, and returns
// those.
func benchRecord(b *testing.B, c *Campaign, batch []send.Recipient, group int, all bool) []send.Recipient {
	b.Helper()
	window := 10
	if all {
		window = 0
	}
	changes := make([]send.Change, 0, 2*group)
	for i, r := range batch {
		changes = append(changes, intent(r))
		if i >= window {
			a := deliveredAt(time.Now())
			a.Reply.Lines = []string{strings.Repeat("q", 12)}
			changes = append(changes, ended(batch[i-window], a, time.Time{}))
		}
		if len(changes) >= 2*group || i == len(batch)-1 {
			check(b, c.Record(b.Context(), changes))
			changes = changes[:0]
		}
	}
	return append([]send.Recipient(nil), batch[max(0, len(batch)-window):]...)
}

func BenchmarkTotals(b *testing.B) {
	const rows = 100_000
	c := benchCampaign(b)
	list := benchList(rows, 500)
	check(b, c.Load(b.Context(), func() (Entry, error) {
		e, err := list()
		e.Suppressed = true
		return e, err
	}))
	start := time.Now()
	for b.Loop() {
		_, err := c.Totals(b.Context())
		check(b, err)
	}
	perMessage(b, time.Since(start), rows*b.N)
}
