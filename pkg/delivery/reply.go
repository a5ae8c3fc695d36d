package delivery

import (
	"errors"
	"strconv"
	"strings"
)

// Errors of [ReadReply] and [ParseReply].
var (
	// ErrReplyTooLong means that a reply passed one of the [ReplyBounds].
	ErrReplyTooLong = errors.New("reply too long")
	// ErrMalformedReply means that something other than an SMTP reply was read.
	ErrMalformedReply = errors.New("malformed reply")
)

// An EnhancedCode is an enhanced status code (RFC 2034, RFC 3463 §2). The zero
// value means that there was none.
type EnhancedCode struct {
	Class   int // 2, 4 or 5
	Subject int // 0 to 999
	Detail  int // 0 to 999
}

// IsZero reports whether there is no enhanced code.
func (c EnhancedCode) IsZero() bool { return c == EnhancedCode{} }

// String returns the code as it is sent, such as "5.1.1", and "" for the zero value.
func (c EnhancedCode) String() string {
	if c.IsZero() {
		return ""
	}
	b := make([]byte, 0, len("5.999.999"))
	b = strconv.AppendInt(b, int64(c.Class), 10)
	b = append(b, '.')
	b = strconv.AppendInt(b, int64(c.Subject), 10)
	b = append(b, '.')
	b = strconv.AppendInt(b, int64(c.Detail), 10)
	return string(b)
}

// A Reply is what a server said to one command (RFC 5321 §4.2). The zero value
// means that nothing was said. Replies are shared; do not change Lines.
type Reply struct {
	Code     int          // 200 to 599; 0 when only an enhanced code is known
	Enhanced EnhancedCode // zero when the server sent none
	// Lines holds the text of each line without the codes. It is valid UTF-8 and
	// free of control characters, so that it may be shown on a terminal.
	Lines []string
}

// Text returns the lines that are not empty, joined by one space.
func (r Reply) Text() string {
	if len(r.Lines) == 1 {
		return r.Lines[0]
	}
	var b strings.Builder
	for _, line := range r.Lines {
		if line == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(line)
	}
	return b.String()
}

// String returns the reply on one line, such as "550 5.1.1 User unknown", and
// "" for the zero Reply.
func (r Reply) String() string {
	parts := make([]string, 0, 3)
	if r.Code != 0 {
		parts = append(parts, strconv.Itoa(r.Code))
	}
	if !r.Enhanced.IsZero() {
		parts = append(parts, r.Enhanced.String())
	}
	if text := r.Text(); text != "" {
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}

// IsZero reports whether nothing was said.
func (r Reply) IsZero() bool {
	return r.Code == 0 && r.Enhanced.IsZero() && len(r.Lines) == 0
}
