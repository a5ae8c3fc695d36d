package mtasts

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/taglist"
)

// MaxAge is the longest time for which a policy may ask to be kept (RFC 8461
// §3.2).
const MaxAge = 31557600 * time.Second

// maxProblems is how many problems of one policy are kept. A web page in place of
// a policy has one in each line.
const maxProblems = 100

// ErrInvalidPolicy means that senders cannot use a policy. Its Problems say why.
var ErrInvalidPolicy = errors.New("not a valid MTA-STS policy")

// A Mode is what senders do when a host does not fit the policy.
type Mode string

// The modes (RFC 8461 §5).
const (
	ModeEnforce Mode = "enforce" // they do not deliver to it
	ModeTesting Mode = "testing" // they deliver and report
	ModeNone    Mode = "none"    // they act as if there were no policy
)

// A Policy is the document at
// https://mta-sts.example.com/.well-known/mta-sts.txt.
type Policy struct {
	Raw      string
	Version  string        // "STSv1"; empty when missing
	Mode     Mode          // empty when missing or not one of the three
	MaxAge   time.Duration // zero when missing or not a number
	MX       []Pattern     // in order, those that are not valid left out
	Problems []Problem     // in the order of the text
}

// The kinds of problem that only a policy has. Those of the first group make it
// useless.
const (
	ProblemNoVersion     ProblemKind = "no-version"       // version is missing
	ProblemPolicyVersion ProblemKind = "policy-version"   // version is not STSv1
	ProblemNoMode        ProblemKind = "no-mode"          // mode is missing
	ProblemInvalidMode   ProblemKind = "invalid-mode"     // mode is not enforce, testing or none
	ProblemNoMaxAge      ProblemKind = "no-max-age"       // max_age is missing
	ProblemInvalidMaxAge ProblemKind = "invalid-max-age"  // max_age is not a number of up to ten digits
	ProblemNoMX          ProblemKind = "no-mx"            // a mode other than none needs at least one host
	ProblemInvalidMX     ProblemKind = "invalid-mx"       // mx is not a host, or "*." and a domain
	ProblemMaxAgeTooLong ProblemKind = "max-age-too-long" // more than [MaxAge]
	ProblemBOM           ProblemKind = "byte-order-mark"  // it begins with one, so that the first field is not known
	ProblemBlankLine     ProblemKind = "blank-line"       // not in the grammar, though most senders skip it
)

// invalidating are the problems that make a policy useless.
var invalidating = [...]ProblemKind{
	ProblemNoVersion, ProblemPolicyVersion, ProblemNoMode, ProblemInvalidMode,
	ProblemNoMaxAge, ProblemInvalidMaxAge, ProblemNoMX, ProblemInvalidMX,
}

// A Pattern is one mx field of a policy.
type Pattern struct {
	Raw      string
	Host     string // lower-case A-labels, without the "*." of a wildcard
	Wildcard bool
}

// Match reports whether a host is meant: a wildcard stands for exactly one label
// (RFC 8461 §4.1).
func (p Pattern) Match(host string) bool {
	name, err := delivery.DNSName(host)
	if err != nil {
		return false
	}
	if p.Wildcard {
		_, parent, ok := strings.Cut(name, ".")
		return ok && parent == p.Host
	}
	return name == p.Host
}

// Match reports whether the policy covers a host.
func (p *Policy) Match(host string) bool {
	return slices.ContainsFunc(p.MX, func(pattern Pattern) bool { return pattern.Match(host) })
}

// Uncovered returns the hosts that the policy does not cover, and Unused the
// patterns that cover none of the hosts.
func (p *Policy) Uncovered(hosts []string) []string {
	return slices.DeleteFunc(slices.Clone(hosts), p.Match)
}

// Unused returns the patterns that cover none of the hosts.
func (p *Policy) Unused(hosts []string) []Pattern {
	return slices.DeleteFunc(slices.Clone(p.MX), func(pattern Pattern) bool {
		return slices.ContainsFunc(hosts, pattern.Match)
	})
}

// Valid reports whether senders can use the policy.
func (p *Policy) Valid() bool {
	return !slices.ContainsFunc(invalidating[:], p.Has)
}

// Has reports whether the policy has a problem of that kind.
func (p *Policy) Has(kind ProblemKind) bool {
	return slices.ContainsFunc(p.Problems, func(problem Problem) bool { return problem.Kind == kind })
}

// ParsePolicy reads a policy (RFC 8461 §3.2). It always returns one that holds the
// text; the error is [ErrInvalidPolicy] when senders cannot use it. Unknown
// fields are no problem.
func ParsePolicy(text string) (*Policy, error) {
	p := &Policy{Raw: text}
	seen := map[string]bool{}
	pos := 0
	for line := range strings.Lines(text) {
		p.readLine(seen, strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), pos)
		pos += len(line)
	}
	for _, field := range [...]struct {
		name string
		kind ProblemKind
	}{{"version", ProblemNoVersion}, {"mode", ProblemNoMode}, {"max_age", ProblemNoMaxAge}} {
		if !seen[field.name] {
			p.require(field.kind, field.name)
		}
	}
	if !seen["mx"] && p.Mode != ModeNone {
		p.require(ProblemNoMX, "mx")
	}
	if !p.Valid() {
		return p, ErrInvalidPolicy
	}
	return p, nil
}

// readLine takes one "name: value" over.
func (p *Policy) readLine(seen map[string]bool, line string, pos int) {
	if pos == 0 && strings.HasPrefix(line, "\ufeff") {
		p.note(ProblemBOM, "", "", 0)
	}
	name, value, ok := strings.Cut(line, ":")
	value = strings.Trim(value, " \t")
	switch {
	case strings.Trim(line, " \t") == "":
		p.note(ProblemBlankLine, "", "", pos)
		return
	case !ok || !taglist.IsExtensionName(name):
		if pos > 0 || !p.Has(ProblemBOM) {
			p.note(ProblemField, name, value, pos)
		}
		return
	case seen[name] && name != "mx":
		p.note(ProblemRepeated, name, value, pos) // the first one counts
		return
	}
	seen[name] = true
	p.readField(name, value, pos)
}

func (p *Policy) readField(name, value string, pos int) {
	switch name {
	case "version":
		if p.Version = value; value != "STSv1" {
			p.note(ProblemPolicyVersion, name, value, pos)
		}
	case "mode":
		switch mode := Mode(value); mode {
		case ModeEnforce, ModeTesting, ModeNone:
			p.Mode = mode
		default:
			p.note(ProblemInvalidMode, name, value, pos)
		}
	case "max_age":
		p.readMaxAge(value, pos)
	case "mx":
		if pattern, ok := parsePattern(value); ok {
			p.MX = append(p.MX, pattern)
		} else {
			p.note(ProblemInvalidMX, name, value, pos)
		}
	default:
		if lower := strings.ToLower(name); lower != name && slices.Contains([]string{"version", "mode", "max_age", "mx"}, lower) {
			p.note(ProblemFieldCase, name, value, pos)
		}
	}
}

// readMaxAge follows sts-policy-max-age: 1*10DIGIT.
func (p *Policy) readMaxAge(value string, pos int) {
	seconds, err := strconv.ParseUint(value, 10, 64)
	if err != nil || len(value) > 10 || value[0] == '+' {
		p.note(ProblemInvalidMaxAge, "max_age", value, pos)
		return
	}
	p.MaxAge = time.Duration(seconds) * time.Second //nolint:gosec // ten digits fit
	if p.MaxAge > MaxAge {
		p.note(ProblemMaxAgeTooLong, "max_age", value, pos)
	}
}

// parsePattern follows sts-policy-mx-value: ["*."] Domain, in A-labels.
func parsePattern(value string) (Pattern, bool) {
	host, wildcard := strings.CutPrefix(value, "*.")
	name, err := delivery.DNSName(host)
	if err != nil || name == "." || !strings.EqualFold(name, host) || strings.ContainsFunc(name, notHostChar) {
		return Pattern{}, false
	}
	return Pattern{Raw: value, Host: name, Wildcard: wildcard}, true
}

func notHostChar(c rune) bool { return !isAlphanumeric(c) && c != '-' && c != '.' }

// require notes a field that is missing.
func (p *Policy) require(kind ProblemKind, field string) {
	p.Problems = append(p.Problems, Problem{Kind: kind, Field: field, Pos: len(p.Raw)})
}

// note keeps a problem. Only the first ones count, except those that make the
// policy useless.
func (p *Policy) note(kind ProblemKind, field, value string, pos int) {
	if len(p.Problems) < maxProblems || slices.Contains(invalidating[:], kind) && !p.Has(kind) {
		p.Problems = append(p.Problems, Problem{kind, field, value, pos})
	}
}

// String prints the policy as it should be served, with CRLF at the line ends.
func (p *Policy) String() string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			b.WriteString(name + ": " + value + "\r\n")
		}
	}
	line("version", p.Version)
	line("mode", string(p.Mode))
	for _, pattern := range p.MX {
		line("mx", pattern.Raw)
	}
	line("max_age", strconv.FormatInt(int64(p.MaxAge/time.Second), 10))
	return b.String()
}
