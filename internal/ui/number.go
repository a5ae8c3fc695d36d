package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Count writes a number with its thousands apart: 1,234,567.
func Count(n int) string {
	digits := strconv.Itoa(n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && digits[i-1] != '-' && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Plural writes a number and its noun, which takes an s but for one.
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Count(n) + " " + noun + "s"
}

// Bytes writes a size in the unit in which it is a small number.
func Bytes(n int64) string {
	const step = 1000
	units := []string{"B", "kB", "MB", "GB", "TB"}
	size, unit := float64(n), 0
	for size >= step && unit < len(units)-1 {
		size, unit = size/step, unit+1
	}
	if unit == 0 || size >= 100 {
		return fmt.Sprintf("%.0f %s", size, units[unit])
	}
	return fmt.Sprintf("%.1f %s", size, units[unit])
}

// Duration writes a time as a person says it, with two units at the most.
func Duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
	default:
		return fmt.Sprintf("%d d %02d h", int(d.Hours())/24, int(d.Hours())%24)
	}
}

// Rate writes how many there were in a second.
func Rate(n int, d time.Duration) string {
	if d <= 0 {
		return "–"
	}
	rate := float64(n) / d.Seconds()
	if rate < 10 {
		return fmt.Sprintf("%.1f/s", rate)
	}
	return Count(int(rate+0.5)) + "/s"
}

// Clock writes a moment that is to come as people say it: with seconds when it
// is near, and with the date when it is not today.
func Clock(at, now time.Time) string {
	at, now = at.Local(), now.Local()
	switch {
	case at.Sub(now) < 2*time.Minute:
		return at.Format(time.TimeOnly)
	case at.YearDay() == now.YearDay() && at.Sub(now) < 24*time.Hour:
		return at.Format("15:04")
	default:
		return at.Format("2006-01-02 15:04")
	}
}
