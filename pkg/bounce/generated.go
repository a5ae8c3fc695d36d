package bounce

import (
	"regexp"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A generated address is one that a server made of another, by an alias or a
// forwarding.
type generated struct{ from, address delivery.Address }

// newGenerated leaves out the case, as [sameMailbox] does.
func newGenerated(from, address delivery.Address) generated {
	from.Local, address.Local = strings.ToLower(from.Local), strings.ToLower(address.Local)
	return generated{from: from, address: address}
}

// generatedPattern finds the line in which Exim tells of which address the one above
// was made, or what it ran or wrote to instead.
var generatedPattern = regexp.MustCompile(`^\s*\(?(?:ultimately )?generated (?:from|by) <?([^\s<>]+@[^\s<>]+?)>?\)?(?:\s+-+)?\s*$`)

// outputLine begins the line above what a program wrote that was to take the message.
const outputLine = "The following text was generated during the delivery attempt"

// pipeLine and fileLine begin a line that names what was to take the message.
const (
	pipeLine = "pipe to |"
	fileLine = "save to /"
	noLine   = "an undisclosed address"
)

// withGenerated puts what stands for an address that is not told, such as "pipe to
// |/usr/bin/filter", below the address that it was made of; where both are addresses,
// it returns them. That a program wrote what follows is said below whom it is about.
func withGenerated(text string) (string, map[generated]bool) {
	if !strings.Contains(text, "generated ") {
		return text, nil
	}
	t := generatedText{all: map[generated]bool{}}
	for line := range strings.SplitSeq(text, "\n") {
		t.add(line)
	}
	return strings.Join(t.lines, "\n"), t.all
}

type generatedText struct {
	lines  []string
	all    map[generated]bool
	output string // the line above programs' output, once it is read
}

func (t *generatedText) add(line string) {
	last := len(t.lines) - 1
	if strings.HasPrefix(line, outputLine) {
		t.output = line
		return
	}
	if found := generatedPattern.FindStringSubmatch(line); found != nil && last >= 0 && t.lines[last] != "" {
		t.addGenerated(parseNamed(found[1]), strings.Trim(t.lines[last], "- \t\r"))
		return
	}
	address, ok := head(line)
	if !ok || t.output == "" {
		t.lines = append(t.lines, line)
		return
	}
	if last > 0 && t.lines[last] == t.output { // several recipients share the output
		if above, ok := head(t.lines[last-1]); ok && len(above)+len(address) < longestHead {
			t.lines[last-1] = "------ " + above + ", " + address
			return
		}
	}
	t.lines = append(t.lines, line, t.output)
}

// addGenerated takes the line that says of which address the one above was made.
func (t *generatedText) addGenerated(from delivery.Address, above string) {
	if address := parseNamed(above); !address.IsZero() {
		t.all[newGenerated(from, address)] = true
		return
	}
	if from.IsZero() || !namesPlace(above) {
		return
	}
	t.lines[len(t.lines)-1] = "  " + from.String()
	t.lines = append(t.lines, "    "+above)
	if t.output != "" {
		t.lines = append(t.lines, t.output)
	}
}

// head returns what stands between hyphens in a line, if those are addresses.
func head(line string) (string, bool) {
	inner, ok := strings.CutPrefix(strings.TrimSpace(line), "------ ")
	inner = strings.TrimSuffix(inner, " ------")
	return inner, ok && strings.Contains(inner, "@") && !strings.Contains(strings.ReplaceAll(inner, ", ", ""), " ")
}

// isMadeOf reports whether a server made one address of another.
func (m *message) isMadeOf(address, from delivery.Address) bool {
	return len(m.generated) > 0 && m.generated[newGenerated(from, address)]
}

// longestHead bounds a list of addresses.
const longestHead = 900

// namesPlace reports whether a line names what was to take the message, or is what a
// program tells of its surroundings: names, of which none is a reason.
func namesPlace(line string) bool {
	for _, start := range []string{pipeLine, fileLine, noLine, outputLine} {
		if strings.HasPrefix(line, start) {
			return true
		}
	}
	name, _, ok := strings.Cut(line, "=")
	return ok && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == ""
}

// toProgram reports whether a text says that a program was to take the message.
func toProgram(text string) bool {
	return strings.Contains(text, pipeLine) || strings.Contains(text, outputLine)
}
