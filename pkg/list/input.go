package list

import (
	"errors"
	"fmt"
	"io"
)

// An input hands out text in chunks and counts the physical lines it passes.
type input struct {
	r    io.Reader
	buf  []byte
	pos  int // where in buf the next octet is
	end  int // where buf's content ends
	line int // physical line of the next octet, from 1
	err  error
}

// newInput returns an input at line 1.
func newInput(r io.Reader) *input {
	return &input{r: r, buf: make([]byte, 64<<10), line: 1}
}

// peek fills the buffer and returns what is in it, without passing it.
func (in *input) peek() []byte {
	for in.err == nil && in.end < len(in.buf) {
		in.read()
	}
	return in.buf[in.pos:in.end]
}

// chunk returns the octets at hand, at least one. It is empty at the end of the
// text, when err says why.
func (in *input) chunk() []byte {
	if in.pos == in.end {
		in.pos, in.end = 0, 0
		for in.err == nil && in.end == 0 {
			in.read()
		}
	}
	return in.buf[in.pos:in.end]
}

// read adds to the buffer or sets err.
func (in *input) read() {
	for range 100 {
		n, err := in.r.Read(in.buf[in.end:])
		in.end += n
		if err != io.EOF && errors.Is(err, io.EOF) { //nolint:errorlint // only io.EOF itself is an end (io.Reader)
			err = fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, errors.New(err.Error()))
		}
		in.err = err
		if n > 0 || err != nil {
			return
		}
	}
	in.err = io.ErrNoProgress
}

// next returns the next octet without passing it, and false at the end.
func (in *input) next() (byte, bool) {
	if in.pos < in.end {
		return in.buf[in.pos], true
	}
	chunk := in.chunk()
	if len(chunk) == 0 {
		return 0, false
	}
	return chunk[0], true
}

// newline passes the line end that comes next, LF, CRLF or CR, and returns it.
func (in *input) newline() string {
	in.line++
	first := in.buf[in.pos]
	in.pos++
	if first == '\n' {
		return "\n"
	}
	if c, ok := in.next(); ok && c == '\n' {
		in.pos++
		return "\r\n"
	}
	return "\r"
}

// failure returns what ended the text, nil when it simply ended.
func (in *input) failure() error {
	if errors.Is(in.err, io.EOF) {
		return nil
	}
	return in.err
}
