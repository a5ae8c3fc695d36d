package delivery

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Rate is at most Count messages in any window of length Per. The zero Rate
// is no limit.
type Rate struct {
	Count int
	Per   time.Duration
}

// rateUnits are the windows a rate may be given in, by their letter.
var rateUnits = map[string]time.Duration{
	"s": time.Second,
	"m": time.Minute,
	"h": time.Hour,
	"d": 24 * time.Hour,
}

// maxRateCount bounds a rate, so that a slip of the finger is found.
const maxRateCount = 1_000_000_000

// ParseRate reads "600/m": a count and one of the units s, m, h and d.
func ParseRate(s string) (Rate, error) {
	count, unit, ok := strings.Cut(strings.TrimSpace(s), "/")
	per, known := rateUnits[strings.TrimSpace(unit)]
	n, err := strconv.Atoi(strings.TrimSpace(count))
	if !ok || !known || err != nil || n < 1 || n > maxRateCount {
		return Rate{}, Hint(fmt.Errorf("invalid rate %q", s),
			"write a count and a unit, such as 10/s, 600/m, 5000/h or 100000/d")
	}
	return Rate{Count: n, Per: per}, nil
}

// IsZero reports whether r is no limit.
func (r Rate) IsZero() bool { return r.Count == 0 }

// String returns the rate as [ParseRate] reads it, and "" for no limit.
func (r Rate) String() string {
	if r.IsZero() {
		return ""
	}
	for unit, per := range rateUnits {
		if per == r.Per {
			return strconv.Itoa(r.Count) + "/" + unit
		}
	}
	return strconv.Itoa(r.Count) + "/" + r.Per.String()
}

// Interval is the time between two messages when the rate is spread evenly;
// zero for no limit.
func (r Rate) Interval() time.Duration {
	if r.IsZero() {
		return 0
	}
	return r.Per / time.Duration(r.Count)
}
