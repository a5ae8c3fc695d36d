package warmup

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Hours are the hours of a day in which mail is sent, from the beginning of the
// first to the end of the last. The zero Hours are the whole day.
type Hours struct {
	From int // 0 to 23
	To   int // 1 to 24, after From
}

// ErrHours means that hours of the day are no such thing.
var ErrHours = errors.New("invalid hours")

// ParseHours reads "8-20": from eight in the morning until eight in the evening.
func ParseHours(text string) (Hours, error) {
	from, to, ok := strings.Cut(text, "-")
	first, err := strconv.Atoi(strings.TrimSpace(from))
	last, err2 := strconv.Atoi(strings.TrimSpace(to))
	h := Hours{first, last}
	if !ok || err != nil || err2 != nil || h.check() != nil {
		return Hours{}, delivery.Hint(fmt.Errorf("%w: %q", ErrHours, text), "write the first hour and the one it ends before: 8-20, or 0-24")
	}
	return h, nil
}

func (h Hours) check() error {
	if h != (Hours{}) && (h.From < 0 || h.To > hoursOfDay || h.From >= h.To) {
		return fmt.Errorf("%w: %d-%d", ErrHours, h.From, h.To)
	}
	return nil
}

// count returns how many hours there are.
func (h Hours) count() int {
	if h == (Hours{}) {
		return hoursOfDay
	}
	return h.To - h.From
}

// split spreads a day evenly over its hours.
func (h Hours) split(total int) []int {
	hourly, n := make([]int, hoursOfDay), h.count()
	for i := range n {
		hourly[h.From+i] = total*(i+1)/n - total*i/n
	}
	return hourly
}

// String returns the hours as [ParseHours] reads them.
func (h Hours) String() string {
	if h == (Hours{}) {
		return fmt.Sprintf("0-%d", hoursOfDay)
	}
	return fmt.Sprintf("%d-%d", h.From, h.To)
}

// MarshalText is part of [encoding.TextMarshaler].
func (h Hours) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText is part of [encoding.TextUnmarshaler].
func (h *Hours) UnmarshalText(text []byte) (err error) {
	*h, err = ParseHours(string(text))
	return err
}
