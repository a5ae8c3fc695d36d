package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

const (
	// maxReplyLine bounds a line of standard input.
	maxReplyLine = 64 << 10
	// maxNamed bounds the lines that are named one by one because nothing in them is
	// a reply.
	maxNamed = 5
)

// explainInput judges the replies on standard input. Lines that hold none are
// judged as unknown, named, and make the run end with 1; if there is nothing else,
// the input is no list of replies.
func explainInput(ctx context.Context, env Environment, s settings) error {
	var input io.Reader = env.Stdin
	if _, terminal := env.Terminal(env.Stdin); terminal {
		fmt.Fprintln(env.Stderr, "Paste replies of servers, one a line, and end with Ctrl-D; or see --help.")
		input = interruptible{ctx, env.Stdin}
	}
	var in *replyReader
	read, strange := 0, 0
	err := writeResult(env, s, func(out *output) error {
		in = newReplyReader(flushing{input, out})
		w := ui.NewReplyWriter(out, out.style, s.Format)
		for in.next() {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			explained := explain(s.Reply, in.quote)
			read++
			if in.err != nil && !understood(explained.Verdict) {
				if strange++; strange <= maxNamed {
					fmt.Fprintf(env.Stderr, "warning: standard input:%d: %v\n", in.number, in.err)
				}
			}
			if err := w.Write(explained); err != nil {
				return err
			}
		}
		return in.failure()
	})
	switch {
	case err != nil:
		return err
	case read == strange:
		return delivery.Hint(errors.New("there is no reply on standard input"),
			"give one reply a line, or as an argument: mailctl reply '550 5.1.1 User unknown'")
	case strange > 0:
		return exitWith(exitWrong, delivery.Hint(fmt.Errorf("%s of %s could not be read as a reply", ui.Count(strange), ui.Plural(read, "line")),
			"give one reply a line, with its code"))
	}
	return nil
}

// An interruptible reader gives up when its context ends, which nothing else can
// make a terminal do. What reads then is left behind.
type interruptible struct {
	ctx context.Context //nolint:containedctx // it is the reader's whole purpose
	r   io.Reader
}

// Read is part of [io.Reader].
func (i interruptible) Read(p []byte) (int, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data := make([]byte, len(p))
		n, err := i.r.Read(data)
		done <- result{data[:n], err}
	}()
	select {
	case got := <-done:
		return copy(p, got.data), got.err
	case <-i.ctx.Done():
		return 0, context.Cause(i.ctx)
	}
}

// A flushing reader writes what is known before it waits for more.
type flushing struct {
	io.Reader
	out *output
}

// Read is part of [io.Reader].
func (f flushing) Read(p []byte) (int, error) {
	_ = f.out.Flush() // who writes next gets the error
	return f.Reader.Read(p)
}

// A replyReader takes replies from a stream, one a line.
type replyReader struct {
	lines  *bufio.Scanner
	number int            // of the last line read
	quote  delivery.Quote // the reply
	err    error          // why quote is none
}

func newReplyReader(r io.Reader) *replyReader {
	in := &replyReader{lines: bufio.NewScanner(r)}
	in.lines.Buffer(make([]byte, 0, maxReplyLine), maxReplyLine)
	return in
}

// next reads one reply, and reports whether there was one.
func (r *replyReader) next() bool {
	for r.lines.Scan() {
		r.number++
		line := bytes.TrimSpace(r.lines.Bytes())
		if r.number == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if len(line) == 0 {
			continue
		}
		r.quote, r.err = parseQuote(string(line))
		return true
	}
	return false
}

// failure says why there are no more lines, nil at the end of the stream.
func (r *replyReader) failure() error {
	err := r.lines.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		return delivery.Hint(fmt.Errorf("standard input:%d: the line is longer than %d octets", r.number+1, maxReplyLine), "give one reply a line")
	}
	if err != nil {
		return fmt.Errorf("cannot read standard input behind line %d: %w", r.number, err)
	}
	return nil
}

// parseQuote reads a reply as people and programs quote it, or as an object of JSON.
func parseQuote(text string) (delivery.Quote, error) {
	if isObject(text) {
		if quote, ok, err := decodeQuote([]byte(text)); ok {
			return quote, err
		}
	}
	return delivery.ParseQuote(text)
}

// isObject reports whether a text begins as an object of JSON does.
func isObject(text string) bool { return strings.HasPrefix(strings.TrimSpace(text), "{") }

// decodeQuote reads a reply from an object of JSON, and reports whether there is
// one in it.
func decodeQuote(line []byte) (quote delivery.Quote, ok bool, err error) {
	var object struct {
		Code     int            `json:"code"`
		Enhanced string         `json:"enhanced"`
		Text     string         `json:"text"`
		Reply    string         `json:"reply"`
		Stage    delivery.Stage `json:"stage"`
		Host     string         `json:"host"`
	}
	readable := json.Unmarshal(line, &object) == nil // the errors of some programs have braces, too
	text := object.Text
	if text == "" {
		text = object.Reply
	}
	if object.Enhanced != "" {
		text = object.Enhanced + " " + text
	}
	if object.Code != 0 {
		text = fmt.Sprintf("%d %s", object.Code, text)
	}
	if !readable || text == "" {
		return quote, false, nil
	}
	quote, err = delivery.ParseQuote(text)
	if object.Stage != "" {
		quote.Stage = object.Stage
	}
	if object.Host != "" {
		quote.Host = object.Host
	}
	return quote, true, err
}
