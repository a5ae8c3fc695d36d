package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// The exit codes, equal in every format; see docs/exit-codes.md.
const (
	exitOK          = 0   // done, all well
	exitWrong       = 1   // done, and something is wrong
	exitUsage       = 2   // wrong usage or configuration; nothing was done
	exitUnfinished  = 3   // could not tell or could not finish; worth trying again
	exitInterrupted = 130 // interrupted; state saved
	exitPipe        = 141 // who read the result went away, as a shell reports it of other programs
)

// An exitError ends the program with a code of its own. A nil err prints
// nothing, because everything has been said.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// exitWith ends the program with a code and, when err is not nil, its text.
func exitWith(code int, err error) error { return &exitError{code: code, err: err} }

// unfinished marks an error that another try may not meet.
func unfinished(err error) error {
	if err == nil {
		return nil
	}
	return exitWith(exitUnfinished, err)
}

// exitCode returns the code for what a command returned. An error that does
// not say otherwise is one of usage or configuration.
func exitCode(ctx context.Context, err error) int {
	var exit *exitError
	switch {
	case err == nil:
		return exitOK
	case readerGone(err):
		return exitPipe
	case errors.As(err, &exit):
		return exit.code
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, ledger.ErrDiskFull):
		return exitUnfinished
	default:
		return exitUsage
	}
}

// An interruption is the end of a run that the user wanted, before its work was
// done.
type interruption string

func (i interruption) Error() string { return string(i) }

func (interruption) Unwrap() error { return context.Canceled }

// printInterrupted says how to go on, unless that has been said.
func printInterrupted(env Environment, cmd *cobra.Command, err error) {
	if !errors.Is(err, context.Canceled) {
		return
	}
	said, how := "interrupted", "begin anew"
	if i, ok := errors.AsType[interruption](err); ok {
		said = string(i)
	}
	if behindName(cmd) == "send" {
		said, how = said+"; nothing was sent by this run", "go on where it stopped"
	}
	fmt.Fprintf(env.Stderr, "%s\nnext: run the same command again (%s)\n", said, how)
}

// readerGone reports whether who read the result has enough, as "head" does. That
// is an error of a file; connections have others.
func readerGone(err error) bool {
	failed, ok := errors.AsType[*fs.PathError](err)
	return ok && errors.Is(failed.Err, syscall.EPIPE)
}

// printError writes one line that says what is wrong and one for each hint, its own
// first. What went wrong twice for the same reason is said once.
func printError(env Environment, err error, more ...string) {
	w, style := env.Stderr, styleOf(env, env.Stderr, true)
	var exit *exitError
	if errors.As(err, &exit) && exit.err == nil || readerGone(err) {
		return
	}
	said := strings.Split(strings.TrimSpace(err.Error()), "\n")
	fmt.Fprintln(w, style.Fold("error: "+strings.Join(slices.Compact(said), "\n")))
	for _, hint := range append(delivery.Hints(err), more...) {
		fmt.Fprintln(w, style.Fold("hint: "+hint))
	}
}
