package cli

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A pageBlock is a block of a page that does something:
//
//   - “sh” has commands that succeed;
//   - “console” has commands after a $, and below each what it says, in which
//     numbers may differ, and … stands for what is left out;
//   - a block with the name of a file is that file.
//
// Every other block is there to be read.
type pageBlock struct{ language, file, text string }

var codeBlock = regexp.MustCompile("\n```(\\w+) *(\\S*)\n((?s:.*?\n))```\n")

// readPage returns the blocks of a page.
func readPage(t *testing.T, page string) []pageBlock {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []pageBlock
	for _, b := range codeBlock.FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, pageBlock{b[1], b[2], b[3]})
	}
	return blocks
}

// A shownCommand is one that a reader would type.
type shownCommand struct {
	line  string
	shown bool     // with what it says
	says  []string // lines
}

// preparations are what a reader types besides, which no test does.
var preparations = []string{"make test", "read -rs MAILCTL_PASSWORD && export MAILCTL_PASSWORD"}

// commands returns the commands of a block.
func (b pageBlock) commands(t *testing.T) []shownCommand {
	t.Helper()
	var commands []shownCommand
	for line := range strings.Lines(strings.ReplaceAll(b.text, "\\\n", " ")) {
		prompted, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case b.language == "console" && isCommand:
			commands = append(commands, shownCommand{line: theCommand(t, prompted), shown: true})
		case b.language == "console" && len(commands) > 0:
			last := &commands[len(commands)-1]
			last.says = append(last.says, line)
		case b.language == "sh":
			if line := theCommand(t, line); line != "" {
				commands = append(commands, shownCommand{line: line})
			}
		}
	}
	return commands
}

// theCommand returns a line without its remark, "" when there is no command of
// mailctl's.
func theCommand(t *testing.T, line string) string {
	t.Helper()
	line, _, _ = strings.Cut(" "+line, " # ")
	line = strings.Replace(strings.TrimSpace(line), "go run ./cmd/mailctl", "mailctl", 1)
	if line == "" || slices.Contains(preparations, line) {
		return ""
	}
	if !strings.HasPrefix(line, "mailctl ") {
		t.Errorf("no test runs %q", line)
		return ""
	}
	return line
}

// splitShell splits a command as a shell does, which may quote with apostrophes.
func splitShell(command string) []string {
	var words []string
	for i, part := range strings.Split(command, "'") {
		if i%2 == 0 {
			words = append(words, strings.Fields(part)...)
		} else {
			words = append(words, part)
		}
	}
	return words
}

// missingLine returns the first line of shown that said has not, in their order.
// A question is not asked where there is no terminal.
func missingLine(shown []string, said string) string {
	rest := strings.Split(said, "\n")
	for _, line := range shown {
		want := withoutNumbers(line)
		if want == "" || want == "…" || strings.HasSuffix(want, "[y/N] y") {
			continue
		}
		at := slices.IndexFunc(rest, func(line string) bool { return withoutNumbers(line) == want })
		if at < 0 {
			return line
		}
		rest = rest[at+1:]
	}
	return ""
}

var (
	someNumber = regexp.MustCompile(`\d[\d.,:]*( (ms|s|B|kB)\b)?`)
	someSpace  = regexp.MustCompile(`\s+`)
)

// withoutNumbers returns a line with 0 for each number and one space for several.
func withoutNumbers(line string) string {
	return strings.TrimSpace(someSpace.ReplaceAllString(someNumber.ReplaceAllString(line, "0"), " "))
}
