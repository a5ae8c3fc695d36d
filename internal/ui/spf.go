package ui

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/mailctl/mailctl/pkg/spf"
)

// spfView is a result as programs get it.
type spfView struct {
	Schema string `json:"schema,omitempty"`
	spf.Result
	Reason string       `json:"reason,omitempty"` // why there is no verdict
	Trace  []*spf.Visit `json:"trace"`            // never null
}

func viewSPF(schema string, r spf.Result) spfView {
	v := spfView{Schema: schema, Result: r, Trace: r.Trace}
	if v.Trace == nil {
		v.Trace = []*spf.Visit{}
	}
	if r.Err != nil {
		v.Reason = r.Err.Error()
	}
	return v
}

// WriteSPFJSON writes a result (schema mailctl.spf/1).
func WriteSPFJSON(w io.Writer, r spf.Result) error { return WriteJSON(w, viewSPF("mailctl.spf/1", r)) }

// WriteSPF writes a result, and how it came about as a tree.
func WriteSPF(w io.Writer, style Style, r spf.Result) error {
	facts := [][2]string{
		{"domain", printable(r.Domain) + " (" + string(r.Identity) + ")"},
		{"mechanism", printable(r.Mechanism)},
		{"look-ups", fmt.Sprintf("%d of %d, %d of %d without an answer", r.Lookups, spf.MaxLookups, r.VoidLookups, spf.MaxVoidLookups)},
		{"explanation", printable(r.Explanation)},
	}
	if r.Err != nil {
		facts = append(facts, [2]string{"why", printable(r.Err.Error())})
	}
	fmt.Fprintf(w, "SPF %s\n", resultText(style, string(r.Status)))
	if err := writeHanging(w, style, facts); err != nil {
		return err
	}
	if len(r.Trace) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteByte('\n')
	drawVisits(&b, r.Trace, "")
	return writeTree(w, style, b.String())
}

// drawVisits writes records below each other, those that others redirect to in
// the order they were gone to.
func drawVisits(b *strings.Builder, visits []*spf.Visit, indent string) {
	for i, v := range visits {
		name := printable(v.Domain)
		if i > 0 {
			name = "redirected to " + name
		}
		fmt.Fprintf(b, "%s%s: %s\n", indent, name, v.Status)
		drawSteps(b, v, indent)
	}
}

func drawSteps(b *strings.Builder, v *spf.Visit, indent string) {
	if len(v.Steps) == 0 {
		if v.Problem != "" {
			fmt.Fprintf(b, "%s└─ %s\n", indent, printable(v.Problem))
		}
		return
	}
	for i, step := range v.Steps {
		fork, deeper := "├─ ", "│  "
		if i == len(v.Steps)-1 {
			fork, deeper = "└─ ", "   "
		}
		fmt.Fprintf(b, "%s%s%s\n", indent, fork, stepLine(step))
		drawVisits(b, step.Include, indent+deeper)
	}
}

// stepLine is one term and what came of it.
func stepLine(step spf.Step) string {
	line := printable(step.Term) + "  " + strings.ReplaceAll(string(step.Outcome), "-", " ")
	if step.Lookups > 0 {
		line += " (" + Plural(step.Lookups, "look-up") + ")"
	}
	if step.Problem != "" && len(step.Include) == 0 { // else it is told there
		line += ": " + printable(step.Problem)
	}
	return line
}

// writeTree writes the lines of a tree, those that are too long on several lines
// beside its branches. A word that is too long for a terminal ends with an ellipsis.
func writeTree(w io.Writer, style Style, text string) error {
	for line := range strings.Lines(text) {
		leaf := strings.TrimLeft(line, "│├└─ ")
		branches := line[:len(line)-len(leaf)]
		leaf = strings.TrimSuffix(leaf, "\n")
		parts := []string{leaf}
		if room := style.Width - ansi.StringWidth(branches); ansi.StringWidth(leaf) > room {
			parts = wrapWords(leaf, room)
		}
		for _, part := range parts {
			part = branches + part
			if style.Terminal {
				part = ansi.Truncate(part, style.Width, "…")
			}
			if _, err := io.WriteString(w, part+"\n"); err != nil {
				return err
			}
			branches = besideBranches.Replace(branches)
		}
	}
	return nil
}

// besideBranches makes what stands before the other lines of a branch.
var besideBranches = strings.NewReplacer("├─", "│ ", "└─", "  ")

// writeHanging writes names and values below each other, long values on several
// lines; those without a value are left out.
func writeHanging(w io.Writer, style Style, facts [][2]string) error {
	p := &checkText{w: w, style: style}
	width := 0
	for _, f := range facts {
		width = max(width, len(f[0]))
	}
	for _, f := range facts {
		if f[1] != "" {
			p.hanging("  "+style.Faint(fmt.Sprintf("%-*s", width+2, f[0])), width+4, f[1])
		}
	}
	return p.err
}

// resultText colours a result of SPF, DKIM or DMARC.
func resultText(style Style, result string) string {
	switch result {
	case "pass":
		return style.Good(result)
	case "fail", "permerror":
		return style.Bad(result)
	default:
		return style.Warn(result)
	}
}
