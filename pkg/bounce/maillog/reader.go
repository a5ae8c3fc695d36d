package maillog

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"time"
)

// maxLine bounds a line in octets; what is longer is passed over. Postfix ends its
// lines at 2000, Exim at some thousand.
const maxLine = 64 << 10

// Options are for [NewReader]. The zero value reads logs whose lines bear a year.
type Options struct {
	// Now returns a time that no line is much later than: the log's last change,
	// or the present time. It tells the year of lines that have none, whose time
	// stays zero when Now is nil. It is asked once for each day of the log.
	Now func() time.Time
	// Location is the zone of times that name none, and of all times in events;
	// nil means UTC.
	Location *time.Location
	// Since and Until bound what is read, Until itself not included; zero means no
	// bound. A line without a time is before any Since.
	Since, Until time.Time
}

// bounded reports whether there are bounds, so that the time of a line matters.
func (o Options) bounded() bool { return !o.Since.IsZero() || !o.Until.IsZero() }

// outside reports whether a time is not between the bounds.
func (o Options) outside(t time.Time) bool {
	return !o.Since.IsZero() && t.Before(o.Since) || !o.Until.IsZero() && !t.Before(o.Until)
}

// Stats count the lines of a log. Each line that is no event is one of those
// below Lines, unless it is outside the bounds of [Options].
type Stats struct {
	Lines int `json:"lines"`
	// Other lines are a mail server's and say nothing about a delivery.
	Other int `json:"other"`
	// Refused lines say that the server refused incoming mail, between the bounds.
	// They are about mail that others sent, and so no events.
	Refused int `json:"refused"`
	// Foreign lines are no mail server's.
	Foreign int `json:"foreign"`
	// Broken lines are too long, hold a NUL, or begin as a delivery and do not go
	// on like one.
	Broken int `json:"broken"`
}

// Plus returns the lines of two logs.
func (s Stats) Plus(other Stats) Stats {
	return Stats{
		Lines: s.Lines + other.Lines, Other: s.Other + other.Other, Refused: s.Refused + other.Refused,
		Foreign: s.Foreign + other.Foreign, Broken: s.Broken + other.Broken,
	}
}

// A kind is what a line is.
type kind int

const (
	kindEvent kind = iota
	kindOther
	kindRefused
	kindForeign
	kindBroken
	kindOutside // an event or a refusal that is not between the bounds
)

// A Reader reads the events of a log. It is not for concurrent use.
type Reader struct {
	in    *bufio.Reader
	opt   Options
	clock clock
	stats Stats
	queue []Event // of the line that was read last
	next  int     // the first of them that was not handed out
}

// NewReader returns a reader of the log r, which is not compressed.
func NewReader(r io.Reader, opt Options) *Reader {
	if opt.Location == nil {
		opt.Location = time.UTC
	}
	return &Reader{in: bufio.NewReaderSize(r, maxLine), opt: opt, clock: clock{now: opt.Now, location: opt.Location}}
}

// Stats returns what was read so far.
func (r *Reader) Stats() Stats { return r.stats }

// Next returns the next event. At the end of the log the error is io.EOF; any
// other is the underlying reader's.
func (r *Reader) Next() (Event, error) {
	for r.next == len(r.queue) {
		line, whole, err := r.line()
		if err != nil {
			return Event{}, err
		}
		r.queue, r.next = r.queue[:0], 0
		r.count(line, whole)
	}
	e := r.queue[r.next]
	r.next++
	return e, nil
}

// count reads a line and counts it.
func (r *Reader) count(line []byte, whole bool) {
	r.stats.Lines++
	k := kindBroken
	if whole && bytes.IndexByte(line, 0) < 0 {
		k = r.parse(line)
	}
	switch k {
	case kindOther:
		r.stats.Other++
	case kindRefused:
		r.stats.Refused++
	case kindForeign:
		r.stats.Foreign++
	case kindBroken:
		r.stats.Broken++
	case kindEvent, kindOutside:
	}
}

// line returns the next line without its end, and whether that is all of it.
func (r *Reader) line() (line []byte, whole bool, err error) {
	line, err = r.in.ReadSlice('\n')
	whole = true
	for errors.Is(err, bufio.ErrBufferFull) {
		whole = false
		line, err = r.in.ReadSlice('\n')
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
		return nil, false, err
	}
	return bytes.TrimRight(line, "\r\n"), whole, nil
}

// parse puts the events of a line into the queue.
func (r *Reader) parse(line []byte) kind {
	h := cutHeader(line)
	k := r.events(&h)
	if k == kindRefused && r.opt.bounded() && r.opt.outside(r.clock.time(h.stamp)) {
		return kindOutside
	}
	if k != kindEvent {
		return k
	}
	if len(r.queue) == 0 {
		return kindOther
	}
	at := r.clock.time(h.stamp)
	if r.opt.outside(at) {
		r.queue = r.queue[:0]
		return kindOutside
	}
	for i := range r.queue {
		r.queue[i].Time, r.queue[i].Line = at, r.stats.Lines
	}
	return kindEvent
}
