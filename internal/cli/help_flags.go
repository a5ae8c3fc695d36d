package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A flagBlock is a heading of the help and the flags below it.
type flagBlock struct {
	title     string
	flags     []*pflag.Flag
	described bool // else the flags are only named
}

// flagBlocks returns the flags of a command in their groups, all described: first
// those that it needs, last those of every command.
func flagBlocks(cmd *cobra.Command) []flagBlock {
	needed := neededFlags(cmd)
	var blocks []flagBlock
	add := func(title string, f *pflag.Flag) {
		i := slices.IndexFunc(blocks, func(b flagBlock) bool { return b.title == title })
		if i < 0 {
			i = len(blocks)
			blocks = append(blocks, flagBlock{title: title, described: true})
		}
		blocks[i].flags = append(blocks[i].flags, f)
	}
	own := cmd.Flags()
	for _, name := range needed {
		if f := own.Lookup(name); f != nil && f.Annotations[groupKey] != nil {
			add("Needed", f)
		}
	}
	global := cmd.Root().PersistentFlags()
	own.SortFlags = false
	own.VisitAll(func(f *pflag.Flag) {
		switch title := f.Annotations[groupKey]; {
		case f.Hidden, f.Name == "help", global.Lookup(f.Name) == f:
		case title == nil:
			add("Flags", f)
		case !slices.Contains(needed, f.Name):
			add(title[0], f)
		}
	})
	global.SortFlags = false
	global.VisitAll(func(f *pflag.Flag) { add("Flags of every command", f) })
	return blocks
}

// shorten says what the flags of each block do, in their order, as long as lines
// are left for it. The first block is always described.
func shorten(blocks []flagBlock, left int) {
	for i := range blocks {
		blocks[i].described = false
	}
	left -= strings.Count(flagsText("", blocks), "\n")
	for i := range blocks {
		described := blocks[i]
		described.described = true
		growth := strings.Count(described.text(), "\n") - strings.Count(blocks[i].text(), "\n")
		if i == 0 || growth <= left {
			blocks[i].described = true
			left -= growth
		}
	}
}

// flagsText returns the described blocks, and the names of all other flags.
func flagsText(command string, blocks []flagBlock) string {
	var described, named strings.Builder
	for _, b := range blocks {
		if b.described {
			described.WriteString(b.text())
		} else {
			named.WriteString(b.text())
		}
	}
	if named.Len() > 0 {
		fmt.Fprintf(&described, "\nMore flags, which 'mailctl help %s' explains:\n", command)
	}
	return described.String() + named.String()
}

// text returns the flags with what they do, or only their names.
func (b flagBlock) text() string {
	if !b.described {
		labels := make([]string, len(b.flags))
		for i, f := range b.flags {
			labels[i] = "--" + f.Name
		}
		return hanging("  "+b.title+": ", strings.Join(labels, ", "), 4)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "\n%s:\n", b.title)
	short := slices.ContainsFunc(b.flags, func(f *pflag.Flag) bool { return f.Shorthand != "" })
	column := 0
	for _, f := range b.flags {
		if n := len(flagLabel(f, short)); n <= maxLabel {
			column = max(column, n)
		}
	}
	for _, f := range b.flags {
		label := flagLabel(f, short)
		if len(label) > column {
			out.WriteString(label + "\n")
			label = ""
		}
		out.WriteString(hanging(fmt.Sprintf("%-*s  ", column, label), flagText(f), column+2))
	}
	return out.String()
}

// maxLabel is how wide the names of flags may be beside what they do.
const maxLabel = 30

// flagLabel returns how a flag is written; short leaves room for one letter.
func flagLabel(f *pflag.Flag, short bool) string {
	value, _ := pflag.UnquoteUsage(f)
	label := "  "
	switch {
	case f.Shorthand != "":
		label += "-" + f.Shorthand + ", "
	case short:
		label += "    "
	}
	return strings.TrimRight(label+"--"+f.Name+" "+value, " ")
}

// flagText returns what a flag does, and its default.
func flagText(f *pflag.Flag) string {
	_, text := pflag.UnquoteUsage(f)
	switch {
	case slices.Contains([]string{"", "0", "0s", "false", "[]"}, f.DefValue):
		return text
	case f.Value.Type() == "string":
		return fmt.Sprintf("%s (default %q)", text, f.DefValue)
	default:
		return fmt.Sprintf("%s (default %s)", text, f.DefValue)
	}
}
