package list

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"os"
	"slices"
)

// An entry is what a [sorter] sorts: eight numbers, the first of which counts most.
type entry [8]uint64

const entrySize = 8 * 8 // octets of an entry in a file

// compare orders entries.
func (e *entry) compare(other *entry) int {
	for i := range e {
		if c := cmp.Compare(e[i], other[i]); c != 0 {
			return c
		}
	}
	return 0
}

// fanIn is how many sorted runs are merged at once.
const fanIn = 64

// A sorter sorts any number of entries in bounded memory. What does not fit is
// written to a temporary file as sorted runs, which are merged at the end.
type sorter struct {
	dir   string // where the file goes
	limit int    // entries in memory
	batch []entry
	file  *os.File // nil until memory did not suffice
	name  string   // of the file, as long as it has one
	size  int64
	runs  [][]run // by how often they were merged
}

// A run is a part of the file whose entries are in order.
type run struct{ offset, length int64 }

// add takes one entry.
func (s *sorter) add(e entry) error {
	if len(s.batch) == s.limit {
		if err := s.spill(); err != nil {
			return err
		}
	}
	s.batch = append(s.batch, e)
	return nil
}

// sorted returns all entries in order. It is called once, when all were added,
// and it ends at the first error, which comes with a zero entry.
func (s *sorter) sorted() iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		slices.SortFunc(s.batch, func(a, b entry) int { return a.compare(&b) })
		cursors := []cursor{{batch: s.batch}}
		for _, level := range s.runs {
			for _, r := range level {
				cursors = append(cursors, s.cursor(r))
			}
		}
		for e, err := range merge(cursors) {
			if !yield(e, err) {
				return
			}
		}
	}
}

// close removes the file.
func (s *sorter) close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if s.name != "" {
		err = errors.Join(err, os.Remove(s.name))
	}
	s.file, s.name = nil, ""
	return err
}

// spill writes what is in memory as a run.
func (s *sorter) spill() error {
	if err := s.create(); err != nil {
		return err
	}
	slices.SortFunc(s.batch, func(a, b entry) int { return a.compare(&b) })
	err := s.write(0, merge([]cursor{{batch: s.batch}}))
	s.batch = s.batch[:0]
	return err
}

// create opens the file, for this process only. Where a file may go while it is
// open, its name does at once, so that nothing is left whatever happens.
func (s *sorter) create() error {
	if s.file != nil {
		return nil
	}
	file, err := os.CreateTemp(s.dir, "mailctl-sort-*.tmp") // mode 0600
	if err != nil {
		return err
	}
	s.file, s.name = file, file.Name()
	if os.Remove(s.name) == nil {
		s.name = ""
	}
	return nil
}

// write appends a run to the file, and merges the runs of its level when they are
// many.
func (s *sorter) write(level int, entries iter.Seq2[entry, error]) error {
	start := s.size
	w := bufio.NewWriterSize(io.NewOffsetWriter(s.file, start), 64<<10)
	var octets [entrySize]byte
	for e, err := range entries {
		if err != nil {
			return err
		}
		for i, n := range e {
			binary.LittleEndian.PutUint64(octets[8*i:], n)
		}
		if _, err := w.Write(octets[:]); err != nil {
			return err
		}
		s.size += entrySize
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if level == len(s.runs) {
		s.runs = append(s.runs, nil)
	}
	s.runs[level] = append(s.runs[level], run{start, s.size - start})
	if len(s.runs[level]) < fanIn {
		return nil
	}
	var cursors []cursor
	for _, r := range s.runs[level] {
		cursors = append(cursors, s.cursor(r))
	}
	s.runs[level] = nil
	return s.write(level+1, merge(cursors))
}

// cursor reads a run from its start.
func (s *sorter) cursor(r run) cursor {
	return cursor{file: bufio.NewReaderSize(io.NewSectionReader(s.file, r.offset, r.length), 16<<10)}
}

// A cursor stands before the next entry of a run in a file or in memory.
type cursor struct {
	head  entry
	batch []entry
	file  *bufio.Reader
}

// advance reads the next entry into head and reports whether there was one.
func (c *cursor) advance() (bool, error) {
	if c.file == nil {
		if len(c.batch) == 0 {
			return false, nil
		}
		c.head, c.batch = c.batch[0], c.batch[1:]
		return true, nil
	}
	octets, err := c.file.Peek(entrySize)
	if errors.Is(err, io.EOF) && len(octets) == 0 {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for i := range c.head {
		c.head[i] = binary.LittleEndian.Uint64(octets[8*i:])
	}
	_, err = c.file.Discard(entrySize)
	return true, err
}

// merge returns the entries of all cursors in order.
func merge(cursors []cursor) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		var h cursorHeap
		for i := range cursors {
			more, err := cursors[i].advance()
			if err != nil {
				yield(entry{}, err)
				return
			}
			if more {
				h = append(h, &cursors[i])
			}
		}
		for i := len(h)/2 - 1; i >= 0; i-- {
			h.sink(i)
		}
		for len(h) > 0 {
			if !yield(h[0].head, nil) {
				return
			}
			more, err := h[0].advance()
			if err != nil {
				yield(entry{}, err)
				return
			}
			if !more {
				h[0] = h[len(h)-1]
				h = h[:len(h)-1]
			}
			h.sink(0)
		}
	}
}

// A cursorHeap is a binary heap: no head is greater than those of the two
// cursors under it, which stand at twice its place, plus one and two.
type cursorHeap []*cursor

// sink moves the cursor at i down to where it belongs.
func (h cursorHeap) sink(i int) {
	for {
		least := i
		for under := 2*i + 1; under <= 2*i+2 && under < len(h); under++ {
			if h[under].head.compare(&h[least].head) < 0 {
				least = under
			}
		}
		if least == i {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}
