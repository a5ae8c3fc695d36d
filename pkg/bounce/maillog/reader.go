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
}

// Stats count the lines of a log. Each line that is no event is one of those
// below Lines.
type Stats struct {
	Lines int `json:"lines"`
	// Other lines are a mail server's and say nothing about a delivery.
	Other int `json:"other"`
	// Refused lines say that the server refused incoming mail. They are about
	// mail that others sent, and so no events.
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
)

// A Reader reads the events of a log. It is not for concurrent use.
type Reader struct {
	in    *bufio.Reader
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
	return &Reader{in: bufio.NewReaderSize(r, maxLine), clock: clock{now: opt.Now, location: opt.Location}}
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
	case kindEvent:
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
	if k != kindEvent {
		return k
	}
	if len(r.queue) == 0 {
		return kindOther
	}
	at := r.clock.time(h.stamp)
	for i := range r.queue {
		r.queue[i].Time, r.queue[i].Line = at, r.stats.Lines
	}
	return kindEvent
}
