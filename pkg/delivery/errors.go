package delivery

import (
	"errors"
	"slices"
)

// hinted is an error with advice attached.
type hinted struct {
	err  error
	hint string
}

func (h *hinted) Error() string { return h.err.Error() }
func (h *hinted) Unwrap() error { return h.err }

// Hint attaches advice to err: what to type or change next. The text of the
// error stays its own; [Hints] finds the advice again. A nil err stays nil, and
// an empty hint attaches nothing.
func Hint(err error, hint string) error {
	if err == nil || hint == "" {
		return err
	}
	return &hinted{err: err, hint: hint}
}

// Hints collects the advice attached anywhere in err's chain, outermost first
// and each only once. It returns nil when there is none.
func Hints(err error) []string {
	return appendHints(nil, err)
}

func appendHints(hints []string, err error) []string {
	for err != nil {
		// The chain is walked by hand, because errors.As stops at the first match.
		if h, ok := err.(*hinted); ok && !slices.Contains(hints, h.hint) { //nolint:errorlint // one link of the chain at a time
			hints = append(hints, h.hint)
		}
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			for _, e := range joined.Unwrap() {
				hints = appendHints(hints, e)
			}
			return hints
		}
		err = errors.Unwrap(err)
	}
	return hints
}
