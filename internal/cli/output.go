package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// errResult means that a result could not be written.
var errResult = errors.New("cannot write the result")

// An output is where a command's result goes: standard output, or the file
// that --out names.
type output struct {
	*bufio.Writer
	style ui.Style
}

// outputBuffer is how many octets of a result are written at a time.
const outputBuffer = 64 << 10

// writeResult calls write with where the result goes, and reports the first
// error of writing, which another try may not meet. What --out names is replaced.
func writeResult(env Environment, s settings, write func(*output) error) error {
	return writeResultTo(env, s, os.O_TRUNC, write)
}

// writeResultTo does what writeResult does; mode is [os.O_APPEND] to add to what
// --out names, [os.O_TRUNC] to replace it.
func writeResultTo(env Environment, s settings, mode int, write func(*output) error) (err error) {
	var w io.Writer = env.Stdout
	style := styleOf(env, env.Stdout, s.NoColor)
	if s.Out != "" {
		f, createErr := os.OpenFile(s.Out, os.O_CREATE|os.O_WRONLY|mode, 0o600)
		if createErr != nil {
			return unfinished(fileError("write --out", s.Out, createErr))
		}
		defer func() { err = errors.Join(err, resultError(f.Close())) }()
		w, style = f, ui.Style{Width: 80}
	}
	out := &output{Writer: bufio.NewWriterSize(resultWriter{w}, outputBuffer), style: style}
	err = write(out)
	if flushed := out.Flush(); err == nil {
		err = flushed // else the first error is the one that counts
	}
	return err
}

// A resultWriter says of an error that it is one of writing the result.
type resultWriter struct{ io.Writer }

func (w resultWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	return n, resultError(err)
}

// resultError says that the result could not be written, unless who reads it has
// enough.
func resultError(err error) error {
	if err == nil || readerGone(err) {
		return err
	}
	advice := "write it to another file with --out"
	if diskFull(err) {
		advice = "make room, or " + advice
	}
	return unfinished(delivery.Hint(fmt.Errorf("%w: %w", errResult, bare(err)), advice))
}

// styleOf returns how text looks on a stream.
func styleOf(env Environment, stream any, noColor bool) ui.Style {
	width, terminal := env.Terminal(stream)
	_, forbidden := env.Lookup("NO_COLOR")
	if !terminal {
		return ui.Style{Width: 80}
	}
	return ui.Style{
		Width:    width,
		Terminal: true,
		Color:    !noColor && !(forbidden && env.get("NO_COLOR") != "") && env.get("TERM") != "dumb",
	}
}
