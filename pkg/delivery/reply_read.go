package delivery

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// ReplyBounds limits what a server can make its client read. Zero fields mean
// the defaults.
type ReplyBounds struct {
	// LineLength is the most octets of one line with its line end, by default
	// 2,048. RFC 5321 §4.5.3.1.5 says 512, which servers pass.
	LineLength int
	// Lines is the most lines of one reply, by default 128.
	Lines int
	// Total is the most octets of one reply, by default 65,536.
	Total int
}

func (b ReplyBounds) orDefaults() ReplyBounds {
	if b.LineLength <= 0 {
		b.LineLength = 2048
	}
	if b.Lines <= 0 {
		b.Lines = 128
	}
	if b.Total <= 0 {
		b.Total = 64 << 10
	}
	return b
}

// ReadReply reads one reply (RFC 5321 §4.2.1). Lines may end in LF alone.
//
// It returns [io.EOF] when the connection ends before the first octet and
// [io.ErrUnexpectedEOF] when it ends later. Whatever else goes wrong wraps
// [ErrMalformedReply] (not a reply, or lines whose codes differ) or
// [ErrReplyTooLong], or is the reader's own error; the Reply then holds what was
// understood up to there, and the stream cannot be used any further.
func ReadReply(r *bufio.Reader, b ReplyBounds) (Reply, error) {
	b = b.orDefaults()
	var first [4][]byte // most replies are shorter than this
	texts := first[:0]
	reply := Reply{}
	total := 0
	for {
		line, err := readLine(r, b.LineLength)
		total += len(line)
		if err != nil {
			if len(line) > 0 {
				texts = append(texts, line)
			}
			reply.setLines(texts)
			return reply, unexpected(err, total)
		}
		l, ok := parseReplyLine(trimLineEnd(line))
		if !ok || (reply.Code != 0 && l.code != reply.Code) {
			reply.setLines(append(texts, bytes.Clone(trimLineEnd(line))))
			return reply, malformed(reply, trimLineEnd(line))
		}
		reply.Code = l.code
		if l.last {
			reply.setLines(append(texts, l.text))
			return reply, nil
		}
		texts = append(texts, bytes.Clone(l.text))
		if len(texts) >= b.Lines || total >= b.Total {
			reply.setLines(texts)
			return reply, fmt.Errorf("%w: more than %d lines or %d octets", ErrReplyTooLong, b.Lines, b.Total)
		}
	}
}

// readLine reads up to and including the next LF. The result is valid until the
// next read.
func readLine(r *bufio.Reader, limit int) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if err == nil && len(line) <= limit {
		return line, nil
	}
	long := bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) && len(long) <= limit {
		line, err = r.ReadSlice('\n')
		long = append(long, line...)
	}
	if len(long) > limit {
		return long[:limit], fmt.Errorf("%w: a line of more than %d octets", ErrReplyTooLong, limit)
	}
	return long, err
}

func trimLineEnd(line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r"))
}

// unexpected tells an end between replies from one inside a reply.
func unexpected(err error, read int) error {
	if errors.Is(err, io.EOF) && read > 0 {
		return io.ErrUnexpectedEOF
	}
	return err
}

func malformed(r Reply, line []byte) error {
	const enough = 80
	shown := harmless(line[:min(len(line), enough)])
	if r.Code != 0 {
		return fmt.Errorf("%w: %q inside a reply with code %d", ErrMalformedReply, shown, r.Code)
	}
	return fmt.Errorf("%w: %q", ErrMalformedReply, shown)
}
