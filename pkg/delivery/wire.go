package delivery

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// A wire carries lines to and from the server, each way with a deadline.
type wire struct {
	conn   net.Conn // nil once closed
	reader *bufio.Reader
	out    []byte // what is written next
	trace  func(TraceEvent)
	// redactor hides the credentials while they are exchanged.
	redactor redactor
	// watcher interrupts the calls below when their context is done.
	watcher watcher
	// Most successful replies are the same each time: recent remembers the last of
	// each kind, so that reading it again allocates nothing.
	recent [replyKinds]recentReply
	line   []byte
}

// A replyKind tells replies that are likely equal to an earlier one.
type replyKind int

const (
	replyMail replyKind = iota
	replyRcpt
	replyData
	replyKinds
	replyAny = replyKind(-1) // not worth remembering
)

type recentReply struct {
	raw   []byte
	reply Reply
}

// open takes a connection over.
func (w *wire) open(conn net.Conn, opt Options) {
	w.conn = conn
	w.reader = bufio.NewReader(conn)
	w.trace = opt.Trace
	w.watcher.conn = conn
}

// secure goes on over conn, which wraps the present connection.
func (w *wire) secure(conn net.Conn) {
	w.conn = conn
	w.reader.Reset(conn)
}

// close closes the connection; it may be called more than once.
func (w *wire) close() error {
	if w.conn == nil {
		return nil
	}
	w.watcher.release()
	err := w.conn.Close()
	w.conn = nil
	return err
}

// command queues a command without arguments from outside.
func (w *wire) command(text string) {
	start := len(w.out)
	w.out = append(w.out, text...)
	w.end(start)
}

// secret queues a line that is shown to nobody but for its first shown octets.
func (w *wire) secret(line string, shown int) {
	w.out = append(append(w.out, line...), "\r\n"...)
	w.redactor.addEncoded(line[shown:])
	w.note(TraceClient, line[:shown]+"***")
}

// end ends the command that starts at index start of what is queued.
func (w *wire) end(start int) {
	if w.trace != nil {
		w.note(TraceClient, string(w.out[start:]))
	}
	w.out = append(w.out, "\r\n"...)
}

func (w *wire) note(side TraceSide, text string) {
	if w.trace != nil {
		w.trace(TraceEvent{Side: side, Text: text})
	}
}

// flush writes what is queued. It returns how many octets the connection took,
// which is all of them unless there is an error.
func (w *wire) flush(ctx context.Context, timeout time.Duration) (int, error) {
	w.watcher.watch(ctx)
	err := w.conn.SetWriteDeadline(time.Now().Add(timeout))
	if err == nil {
		err = ctx.Err()
	}
	n := 0
	if err == nil {
		n, err = w.conn.Write(w.out)
	}
	w.out = w.out[:0]
	return n, w.cause(ctx, err, timeout)
}

// read reads one reply.
func (w *wire) read(ctx context.Context, timeout time.Duration, kind replyKind) (Reply, error) {
	if w.conn == nil {
		return Reply{}, ErrSessionClosed
	}
	w.watcher.watch(ctx)
	err := w.conn.SetReadDeadline(time.Now().Add(timeout))
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return Reply{}, w.cause(ctx, err, timeout)
	}
	if kind == replyAny {
		reply, err := w.redactor.reply(ReadReply(w.reader, ReplyBounds{}))
		w.traceReply(reply)
		return reply, w.cause(ctx, err, timeout)
	}
	reply, err := w.readRecent(&w.recent[kind])
	w.traceReply(reply)
	return reply, w.cause(ctx, err, timeout)
}

// readRecent reads one reply that is likely the same as last time.
func (w *wire) readRecent(recent *recentReply) (Reply, error) {
	if _, err := w.reader.Peek(1); err != nil {
		return Reply{}, err
	}
	buffered, err := w.reader.Peek(w.reader.Buffered())
	if err != nil {
		return Reply{}, err
	}
	line := buffered[:bytes.IndexByte(buffered, '\n')+1]
	if len(line) > 0 && bytes.Equal(line, recent.raw) {
		_, err := w.reader.Discard(len(line))
		return recent.reply, err
	}
	w.line = append(w.line[:0], line...)
	reply, err := ReadReply(w.reader, ReplyBounds{})
	if err == nil && len(reply.Lines) == 1 && len(w.line) > 0 && reply.Code < 400 {
		recent.raw = append(recent.raw[:0], w.line...)
		recent.reply = reply
	}
	return reply, err
}

// parting returns what the server said before it stopped listening, such as why a
// message is too large, or a zero Reply when it said nothing.
func (w *wire) parting(ctx context.Context) Reply {
	const soon = time.Second // it is here already, or not at all
	reply, err := w.read(ctx, soon, replyAny)
	if err != nil || reply.Code < 400 {
		return Reply{}
	}
	return reply
}

func (w *wire) traceReply(reply Reply) {
	if w.trace == nil {
		return
	}
	for i := range reply.Lines {
		w.note(TraceServer, lineOf(reply, i))
	}
}

// lineOf returns one line of a reply, put together again.
func lineOf(reply Reply, i int) string {
	separator := "-"
	if i == len(reply.Lines)-1 {
		separator = " "
	}
	line := Reply{Enhanced: reply.Enhanced, Lines: reply.Lines[i : i+1]}.String()
	switch reply.Code {
	case 0:
		return line
	case 334: // a challenge of an authentication exchange
		line = "***"
	}
	return Reply{Code: reply.Code}.String() + separator + line
}

// cause gives an error of the connection its name.
func (w *wire) cause(ctx context.Context, err error, timeout time.Duration) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("%w within %s", ErrTimeout, timeout)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ErrServerClosed
	}
	return err
}
