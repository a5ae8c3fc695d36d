package cli

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// flagNames returns the names of all flags a command takes.
func flagNames(cmd *cobra.Command) []string {
	var names []string
	collect := func(f *pflag.Flag) { names = append(names, f.Name) }
	cmd.Flags().VisitAll(collect)
	cmd.InheritedFlags().VisitAll(collect)
	return names
}

// oneOf refuses a value that is not in the list.
func oneOf(flag, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	err := fmt.Errorf("invalid --%s %q", flag, value)
	if near := delivery.Nearest(value, allowed); near != "" {
		return delivery.Hint(err, fmt.Sprintf("did you mean %q?", near))
	}
	return delivery.Hint(err, "it is one of: "+strings.Join(allowed, ", "))
}

// parseShare reads "5%" or "0.05" as a number from 0 to 1.
func parseShare(flag, s string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(s), "%")
	share, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		share /= 100
	}
	if err != nil || !(share >= 0 && share <= 1) { // NaN is neither
		return 0, delivery.Hint(fmt.Errorf("invalid --%s %q", flag, s), "write a share such as 5%, or 0 for none")
	}
	return share, nil
}

// addressError says of an address that it is none.
func addressError(flag string, err error) error {
	err = fmt.Errorf("invalid --%s: %w", flag, err)
	if len(delivery.Hints(err)) > 0 {
		return err
	}
	return delivery.Hint(err, "write an address such as news@acme.example")
}

// adviceOn returns what to do about a reason, as hints are written.
func adviceOn(reason delivery.Reason) string {
	advice := strings.TrimSuffix(reason.Info().Advice, ".")
	if advice == "" {
		return ""
	}
	return strings.ToLower(advice[:1]) + advice[1:]
}

// required names the first flag of a list that was left empty.
func required(cmd *cobra.Command, values map[string]string, order ...string) error {
	for _, name := range order {
		if values[name] != "" {
			continue
		}
		return delivery.Hint(fmt.Errorf("--%s is missing", name),
			fmt.Sprintf("give --%s, or run '%s --help' for an example", name, cmd.CommandPath()))
	}
	return nil
}

// noArguments refuses arguments that are not flags, and guesses what was meant.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return delivery.Hint(fmt.Errorf("unexpected argument %q", args[0]),
		fmt.Sprintf("everything that %s takes is a flag; run '%s --help'", cmd.Name(), cmd.CommandPath()))
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}

// joinNonEmpty joins the texts that are not empty.
func joinNonEmpty(sep string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), sep)
}
