package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/list"
)

// empty returns an error when there was no row at all.
func (in *intake) empty() error {
	if in.read > 0 {
		return nil
	}
	return delivery.Hint(fmt.Errorf("%s has no rows to send to", in.name), "check the list and --where")
}

// count returns how many rows have a problem of certain kinds.
func (in *intake) count(which func(list.ProblemKind) bool) int {
	n := 0
	for kind, count := range in.kinds {
		if which(kind) {
			n += count
		}
	}
	return n
}

// refuse returns an error that names the rows because of which nothing is sent: all
// that are bad, or with skip those that cannot be set aside; nil when there are none.
func (in *intake) refuse(skip bool) error {
	torn := in.count(func(k list.ProblemKind) bool { return !k.Alone() })
	bad := in.count(func(k list.ProblemKind) bool { return !k.Harmless() })
	switch {
	case skip && torn > 0:
		return refusal(fmt.Sprintf("%s in %s cannot be set aside", ui.Plural(torn, "row"), in.name), torn, in.torn,
			"mend the quote: nobody can tell which rows it took in")
	case skip || bad == 0:
		return nil
	case torn > 0:
		return refusal(fmt.Sprintf("%s in %s cannot be sent to", ui.Plural(bad, "row"), in.name), bad, in.problems, "mend the list")
	default:
		return refusal(fmt.Sprintf("%s in %s cannot be sent to", ui.Plural(bad, "row"), in.name), bad, in.problems,
			"mend the list, or set bad rows aside with --skip-bad-rows")
	}
}

// refusal is an error that names rows, with what to do about them.
func refusal(what string, bad int, problems []*list.Problem, advice string) error {
	var text strings.Builder
	text.WriteString(what)
	hints := []string{advice}
	slices.SortFunc(problems, func(a, b *list.Problem) int { return a.Line - b.Line })
	for _, p := range problems {
		fmt.Fprintf(&text, "\n  %v", p)
		for _, hint := range delivery.Hints(p) {
			if !slices.Contains(hints, hint) {
				hints = append(hints, hint)
			}
		}
	}
	if more := bad - len(problems); more > 0 {
		fmt.Fprintf(&text, "\n  and %s more", ui.Count(more))
	}
	err := errors.New(text.String())
	for _, hint := range slices.Backward(hints) {
		err = delivery.Hint(err, hint)
	}
	return err
}
