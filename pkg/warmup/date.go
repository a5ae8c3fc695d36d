package warmup

import (
	"fmt"
	"time"
)

// A Date is a day of the calendar, wherever one is. The zero Date is none.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the day that t is on, in t's own time zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// ParseDate reads "2026-12-01".
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("invalid date %q", s)
	}
	return DateOf(t), nil
}

// IsZero reports whether d is no day.
func (d Date) IsZero() bool { return d == Date{} }

// At returns when an hour of the day begins somewhere.
func (d Date) At(hour int, where *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, hour, 0, 0, 0, where)
}

// Add returns the day n days later.
func (d Date) Add(n int) Date { return DateOf(d.At(0, time.UTC).AddDate(0, 0, n)) }

// Before reports whether d is earlier than e.
func (d Date) Before(e Date) bool { return d.At(0, time.UTC).Before(e.At(0, time.UTC)) }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.At(0, time.UTC).Weekday() }

// Weekend reports whether d is a Saturday or a Sunday.
func (d Date) Weekend() bool { return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday }

// String returns the day as [ParseDate] reads it.
func (d Date) String() string { return d.At(0, time.UTC).Format(time.DateOnly) }

// MarshalText is part of [encoding.TextMarshaler].
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is part of [encoding.TextUnmarshaler].
func (d *Date) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDate(string(text))
	return err
}
