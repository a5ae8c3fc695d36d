package maillog

import (
	"bytes"
	"time"
)

// A layout is how a time is written.
type layout int

const (
	layoutNone layout = iota
	layoutBSD         // Nov  2 08:00:27, without a year (RFC 3164 §4.1.2)
	layoutISO         // 2026-11-02T08:00:27.123+01:00 (RFC 3339)
	layoutExim        // 2026-11-02 08:00:27.123 +0100
)

// A stamp is a time as a line has it.
type stamp struct {
	layout layout
	text   []byte
}

// cutStamp takes the time from the front of a line and the space behind it.
func cutStamp(line []byte) (stamp, []byte, bool) {
	const bsd, iso = len("Nov  2 08:00:27"), len("2026-11-02T08:00:27")
	switch {
	case len(line) >= bsd && line[3] == ' ' && line[6] == ' ' && line[9] == ':' && line[12] == ':':
		return endStamp(line, bsd, layoutBSD)
	case len(line) < iso || line[4] != '-' || line[7] != '-' || line[13] != ':' || line[16] != ':':
		return stamp{}, line, false
	case line[10] == 'T':
		return endStamp(line, iso, layoutISO)
	case line[10] == ' ':
		st, rest, ok := endStamp(line, iso, layoutExim)
		if zone := len("+0100"); ok && len(rest) > zone && (rest[0] == '+' || rest[0] == '-') && rest[zone] == ' ' {
			st.text = line[:len(st.text)+1+zone]
			rest = rest[zone+1:]
		}
		return st, rest, ok
	}
	return stamp{}, line, false
}

// endStamp goes on from where the seconds end to the space behind the time.
func endStamp(line []byte, n int, l layout) (stamp, []byte, bool) {
	end := bytes.IndexByte(line[n:], ' ')
	switch {
	case end < 0 && n == len(line), end < 0 && l == layoutISO:
		return stamp{l, line}, nil, true
	case end < 0:
		return stamp{}, line, false
	}
	return stamp{l, line[:n+end]}, line[n+end+1:], true
}

// A clock makes times of stamps.
type clock struct {
	now      func() time.Time
	location *time.Location
	// The year of lines without one is that of the day before, as long as the
	// day is the same.
	day  [6]byte
	year int
}

// slack is how much later than now a line may be: clocks and zones differ.
const slack = 24 * time.Hour

// time returns the time of a stamp, zero when it is none.
func (c *clock) time(st stamp) time.Time {
	switch st.layout {
	case layoutBSD:
		return c.withoutYear(st.text)
	case layoutISO, layoutExim:
		return c.full(st.text)
	case layoutNone:
	}
	return time.Time{}
}

// withoutYear reads "Nov  2 08:00:27.123". The year is the last one in which the
// line is not later than now, so that December follows on January in a log read in
// January; a log of more than a year cannot be told from one of the last.
func (c *clock) withoutYear(text []byte) time.Time {
	month, ok := monthOf(text[:3])
	day, dayOK := number(bytes.TrimLeft(text[4:6], " "))
	if !ok || !dayOK || c.now == nil {
		return time.Time{}
	}
	if c.year == 0 || !bytes.Equal(c.day[:], text[:6]) {
		c.year = c.yearOf(month, day)
		copy(c.day[:], text)
	}
	return c.at(c.year, month, day, text[7:])
}

// yearOf returns the last year that has the day and in which it is not to come;
// 0 when there is none, as for 31 February.
func (c *clock) yearOf(month time.Month, day int) int {
	const leapYears = 8 // 29 February comes again after so many years at the most
	latest := c.now().In(c.location).Add(slack)
	for year := latest.Year(); year >= latest.Year()-leapYears; year-- {
		t := time.Date(year, month, day, 0, 0, 0, 0, c.location)
		if t.Day() == day && !t.After(latest) {
			return year
		}
	}
	return 0
}

// full reads "2026-11-02T08:00:27.123+01:00" and Exim's "2026-11-02 08:00:27 +0100".
func (c *clock) full(text []byte) time.Time {
	year, ok := number(text[:4])
	month, monthOK := number(text[5:7])
	day, dayOK := number(text[8:10])
	if !ok || !monthOK || !dayOK || month < 1 || month > 12 {
		return time.Time{}
	}
	return c.at(year, time.Month(month), day, text[11:])
}

// at reads the time of day and the zone.
func (c *clock) at(year int, month time.Month, day int, text []byte) time.Time {
	hour, hourOK := number(text[:2])
	minute, minuteOK := number(text[3:5])
	second, secondOK := number(text[6:8])
	nanos, rest := cutFraction(text[8:])
	if !hourOK || !minuteOK || !secondOK || hour > 23 || minute > 59 || second > 60 || year == 0 {
		return time.Time{}
	}
	offset, ok := zone(bytes.TrimLeft(rest, " "))
	if !ok {
		offset = 0
	}
	location := c.location
	if ok {
		location = time.UTC
	}
	t := time.Date(year, month, day, hour, minute, second, nanos, location)
	if t.Month() != month {
		return time.Time{} // there is no such day
	}
	return t.Add(-offset).In(c.location)
}

// zone reads "Z", "+01:00" or "+0100".
func zone(text []byte) (time.Duration, bool) {
	if len(text) == 1 && text[0] == 'Z' {
		return 0, true
	}
	if len(text) < len("+0100") || (text[0] != '+' && text[0] != '-') {
		return 0, false
	}
	hours, ok := number(text[1:3])
	minutes, minutesOK := number(bytes.TrimPrefix(text[3:], []byte(":")))
	if !ok || !minutesOK || hours > 23 || minutes > 59 {
		return 0, false
	}
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if text[0] == '-' {
		offset = -offset
	}
	return offset, true
}

// cutFraction reads ".123456" and returns nanoseconds.
func cutFraction(text []byte) (nanos int, rest []byte) {
	if len(text) == 0 || (text[0] != '.' && text[0] != ',') {
		return 0, text
	}
	rest = text[1:]
	for unit := int(time.Second / 10); len(rest) > 0 && isDigit(rest[0]); unit /= 10 {
		nanos += int(rest[0]-'0') * unit
		rest = rest[1:]
	}
	return nanos, rest
}

// number reads one to four digits and nothing else.
func number(text []byte) (int, bool) {
	n := 0
	for _, c := range text {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, len(text) > 0 && len(text) <= 4
}

// monthOf reads "Jan" to "Dec".
func monthOf(text []byte) (time.Month, bool) {
	const names = "JanFebMarAprMayJunJulAugSepOctNovDec"
	for month := time.January; month <= time.December; month++ {
		if names[3*(month-1):3*month] == string(text) {
			return month, true
		}
	}
	return 0, false
}
