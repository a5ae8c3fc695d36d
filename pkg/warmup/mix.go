package warmup

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Other is the name of everybody who is not at a provider with a name.
const Other = "other"

// A Mix says how a list is spread over providers: the name of each and its
// weight. Only the ratios count. The zero Mix has everybody under [Other].
type Mix map[string]int

const (
	maxProviders = 100
	mixUnits     = 1_000_000 // what all weights of a parsed mix add up to
)

// ErrMix means that a mix says nothing that can be used.
var ErrMix = errors.New("invalid mix")

// ParseMix reads "gmail=45%,outlook=25%": shares in percent, or as parts of 1
// such as 0.45. What is missing to the whole is [Other].
func ParseMix(text string) (Mix, error) {
	mix, sum := Mix{}, 0
	for entry := range strings.SplitSeq(text, ",") {
		name, value, ok := strings.Cut(entry, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		share, err := parseShare(value)
		if !ok || err != nil || !validProvider(name) {
			return nil, delivery.Hint(fmt.Errorf("%w: %q", ErrMix, strings.TrimSpace(entry)),
				"write providers and their shares: gmail=45%,outlook=25%,yahoo=10%")
		}
		if _, twice := mix[name]; twice {
			return nil, fmt.Errorf("%w: %q is there twice", ErrMix, name)
		}
		mix[name] = int(math.Round(share * mixUnits))
		sum += mix[name]
	}
	if sum > mixUnits {
		return nil, delivery.Hint(fmt.Errorf("%w: %q is more than 100%%", ErrMix, text), "the shares are parts of the whole list")
	}
	if sum < mixUnits {
		mix[Other] += mixUnits - sum
	}
	return mix, mix.check()
}

// parseShare reads 45% or 0.45.
func parseShare(text string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	share, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		share /= 100
	}
	if err != nil || !(share >= 0 && share <= 1) { // NaN is neither
		return 0, ErrMix
	}
	return share, nil
}

// maxName bounds the name of a provider.
const maxName = 64

// validProvider reports whether a text can name a provider: letters, digits,
// dots and dashes.
func validProvider(name string) bool {
	return name != "" && len(name) <= maxName && !strings.ContainsFunc(name, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-'
	})
}

// check refuses what cannot be divided by.
func (m Mix) check() error {
	if len(m) > maxProviders {
		return fmt.Errorf("%w: more than %d providers", ErrMix, maxProviders)
	}
	for name, weight := range m {
		if !validProvider(name) || weight < 0 || weight > MaxTotal {
			return fmt.Errorf("%w: %q has the weight %d", ErrMix, name, weight)
		}
	}
	return nil
}

// names returns the providers that have a part, in order.
func (m Mix) names() []string {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(m)), func(name string) bool { return m[name] == 0 })
	if len(names) == 0 {
		return []string{Other}
	}
	return names
}

// split divides a number by the mix.
func (m Mix) split(total int) map[string]int {
	names := m.names()
	weights := make([]int, len(names))
	for i, name := range names {
		weights[i] = m[name]
	}
	if len(names) == 1 {
		weights[0] = 1
	}
	split := map[string]int{}
	for i, part := range divide(total, weights) {
		split[names[i]] = part
	}
	return split
}
