package mailbox

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Read reads a file: the messages of an mbox (RFC 4155), or one message. Which of
// them it is shows in its first line. bound is how much of a message is kept; 0 is
// [DefaultBound].
func Read(r io.Reader, name string, bound int, visit Visit) error {
	in := bufio.NewReader(r)
	if err := skipStart(in); err != nil {
		return err
	}
	start, err := in.Peek(len(fromLine))
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !bytes.Equal(start, fromLine) {
		return readMessage(in, name, bound, visit)
	}
	if bound <= 0 {
		bound = DefaultBound
	}
	// The buffer lets a whole message be looked at for where Content-Length ends it.
	in = bufio.NewReaderSize(in, bound+peekMore)
	m := mbox{in: in, name: name, message: newBounded(bound), visit: visit}
	return m.read()
}

// peekMore is how far behind a message's end is looked.
const peekMore = 64 << 10

// fromLine begins each message of an mbox.
var fromLine = []byte("From ")

// byteOrderMark is what some editors write before UTF-8 (RFC 3629 §6).
var byteOrderMark = []byte("\xef\xbb\xbf")

// skipStart passes over a byte order mark and empty lines at the start of a file.
func skipStart(in *bufio.Reader) error {
	if mark, _ := in.Peek(len(byteOrderMark)); bytes.Equal(mark, byteOrderMark) {
		if _, err := in.Discard(len(mark)); err != nil {
			return err
		}
	}
	for {
		next, err := in.Peek(1)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if next[0] != '\n' && next[0] != '\r' {
			return nil
		}
		if _, err := in.Discard(1); err != nil {
			return err
		}
	}
}

// An mbox is one being read. The kinds differ in how a body's line that begins
// with "From " is told from the next message: with a ">" before it (mboxo), with
// one more ">" (mboxrd), or by a Content-Length field (mboxcl), which is believed
// where the next message begins right behind it. The first line begins a message
// whatever it has behind "From "; when that is no date, others need none either.
type mbox struct {
	in      *bufio.Reader
	name    string
	message *bounded
	visit   Visit

	number   int
	dateless bool  // its "From " lines have no date
	open     bool  // a message has begun
	header   bool  // its header goes on
	empty    bool  // the line before was empty
	fresh    bool  // the next line begins a line, rather than going on with a long one
	length   int64 // its Content-Length; -1 for none
	verbatim int64 // octets of the body left that are not looked at
}

func (m *mbox) read() error {
	m.fresh, m.empty = true, true
	for {
		line, err := m.in.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		if len(line) > 0 {
			if err := m.line(line); err != nil {
				return err
			}
		}
		m.fresh = !long
		if errors.Is(err, io.EOF) {
			return m.end()
		}
		if err != nil && !long {
			return err
		}
	}
}

// line takes the next line, or a piece of a long one.
func (m *mbox) line(line []byte) error {
	if !m.fresh {
		return m.add(line)
	}
	if m.verbatim > 0 {
		m.verbatim -= int64(len(line))
		m.empty = m.verbatim <= 0 // the next message follows
		return m.add(line)
	}
	if m.number == 0 && !m.open {
		m.dateless = !isFromLine(line)
	}
	if m.empty && m.begins(line) {
		if err := m.end(); err != nil {
			return err
		}
		m.number++
		m.open, m.header, m.empty, m.length = true, true, false, -1
		return nil
	}
	m.empty = len(bytes.TrimRight(line, "\r\n")) == 0
	if m.header {
		return m.headerLine(line)
	}
	if quoted := bytes.TrimLeft(line, ">"); len(quoted) < len(line) && bytes.HasPrefix(quoted, fromLine) {
		line = line[1:]
	}
	return m.add(line)
}

// headerLine takes a line of the header and looks for Content-Length and for the end.
// Looking ahead moves the buffer in which the line stands.
func (m *mbox) headerLine(line []byte) error {
	const field = "content-length:"
	if len(line) > len(field) && bytes.EqualFold(line[:len(field)], []byte(field)) {
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line[len(field):])), 10, 64)
		if err == nil && n >= 0 {
			m.length = n
		}
	}
	if err := m.add(line); err != nil || !m.empty {
		return err
	}
	m.header = false
	if m.endsAt(m.length) {
		m.verbatim = m.length
	}
	return nil
}

// endsAt reports whether the body can be n octets long: the file ends or a message
// begins there.
func (m *mbox) endsAt(n int64) bool {
	if n <= 0 || n > int64(m.message.bound) {
		return false
	}
	const enough = len("\r\n\r\nFrom x")
	ahead, err := m.in.Peek(int(n) + enough)
	if err != nil && len(ahead) < int(n) {
		return false
	}
	rest := bytes.TrimLeft(ahead[n:], "\r\n")
	return len(rest) == 0 || bytes.HasPrefix(rest, fromLine) && len(rest) < len(ahead[n:])
}

func (m *mbox) add(line []byte) error {
	_, err := m.message.Write(line)
	return err
}

// end hands out the message that is open.
func (m *mbox) end() error {
	if !m.open {
		m.message.reset()
		return nil
	}
	m.open = false
	return m.message.visit(fmt.Sprintf("%s#%d", m.name, m.number), m.visit)
}

// begins reports whether a line begins a message of this mbox.
func (m *mbox) begins(line []byte) bool {
	switch {
	case isFromLine(line):
		return true
	case !m.dateless || !bytes.HasPrefix(line, fromLine):
		return false
	}
	fields := bytes.Fields(line)
	return m.number == 0 || len(fields) == 2 && bytes.Contains(fields[1], []byte("@"))
}

// isFromLine reports whether a line begins a message: "From ", an address, and a
// date, of which the time of day is looked for (RFC 4155 appendix A).
func isFromLine(line []byte) bool {
	if !bytes.HasPrefix(line, fromLine) {
		return false
	}
	fields := bytes.Fields(line)
	for i, f := range fields {
		if i > 1 && bytes.Count(f, []byte(":")) >= 1 && '0' <= f[0] && f[0] <= '9' {
			return true
		}
	}
	return false
}
