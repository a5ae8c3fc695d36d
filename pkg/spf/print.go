package spf

import (
	"fmt"
	"net/netip"
	"strings"
)

// String draws the tree: the terms of each record below its domain, with what
// they cost and which networks they match.
func (t *Tree) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d of %d look-ups\n", t.Domain, t.Cost.Lookups, MaxLookups)
	t.draw(&b, "")
	return b.String()
}

// draw writes the lines below the name of a tree.
func (t *Tree) draw(b *strings.Builder, indent string) {
	if t.Err != nil {
		fmt.Fprintf(b, "%s└─ %s\n", indent, visible(t.Err.Error()))
		return
	}
	for i := range t.Branches {
		branch := &t.Branches[i]
		fork, deeper := "├─ ", "│  "
		if i == len(t.Branches)-1 {
			fork, deeper = "└─ ", "   "
		}
		b.WriteString(indent + fork + branch.String() + "\n")
		if branch.Below != nil {
			branch.Below.draw(b, indent+deeper)
		}
	}
}

// String is one line: the term, its cost, and some of its networks.
func (b *Branch) String() string {
	const most = 3
	text := visible(b.Term.Text)
	if b.Cost.Lookups > 0 {
		text += fmt.Sprintf(" (%d)", b.Cost.Lookups)
	}
	switch b.Term.Kind {
	case KindA, KindMX:
	default:
		return text
	}
	if b.Err != nil {
		return text + " " + visible(b.Err.Error())
	}
	networks, _ := b.Networks()
	var shown []string
	for _, p := range networks[:min(len(networks), most)] {
		shown = append(shown, networkText(p))
	}
	if more := len(networks) - most; more > 0 {
		shown = append(shown, fmt.Sprintf("%d more", more))
	}
	if shown == nil {
		return text
	}
	return text + " " + strings.Join(shown, ", ")
}

// visible replaces what would move the cursor of a terminal.
func visible(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' {
			fmt.Fprintf(&b, "\\x%02x", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// networkText leaves the length of a network out that says nothing.
func networkText(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}
