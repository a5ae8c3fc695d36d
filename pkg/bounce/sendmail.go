package bounce

import (
	"regexp"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// sendmailPattern finds the line of sendmail's above the list of those it failed to reach.
var sendmailPattern = regexp.MustCompile(`^-+ The following addresses ha(?:d|ve) [a-z -]+ -+$`)

// receivedLine begins the line of sendmail's above the one that says from whom it had the
// message.
const receivedLine = "The original message was received at "

// withSendmail writes the recipients that sendmail lists as lines that begin with an
// address: paths of UUCP, its own users, whom it names without a domain, and those with a
// display name. It puts an address above what its transcript says of a path or a user, and
// leaves out from whom the message came.
func (m *message) withSendmail(text string) string {
	if !strings.Contains(text, receivedLine) && !strings.Contains(text, "following addresses ha") && !strings.Contains(text, "(expanded from: ") && !strings.Contains(text, "... ") && !strings.Contains(text, "!") {
		return text
	}
	const most = 200 // of whom it was sent to are looked at for each name
	to := m.originalTo()
	users := ownUsers{to[:min(len(to), most)], m.reportingDomain()}
	var b strings.Builder
	b.Grow(len(text))
	listed, received := false, false
	for line := range strings.Lines(text) {
		bare := strings.TrimSpace(line)
		if received && strings.HasPrefix(bare, "from ") {
			received = false
			continue
		}
		switch {
		case strings.HasPrefix(bare, receivedLine):
			when, _, _ := strings.Cut(bare, " from ")
			line, received = when+"\n", true
		case strings.HasPrefix(bare, "--") && sendmailPattern.MatchString(bare):
			listed = true
		case bare == "" || isRule(bare):
			listed, received = false, false
		case listed || strings.HasPrefix(bare, "(expanded from: "):
			line = users.listedLine(line)
		default:
			b.WriteString(users.answered(line))
		}
		b.WriteString(line)
	}
	return b.String()
}

// ownUsers reads names without a domain: of one to whom the message was sent, else of the
// organization that reports.
type ownUsers struct {
	to     []delivery.Address
	domain string
}

// read reads a name, an address or a path.
func (u ownUsers) read(text string) delivery.Address {
	if strings.ContainsAny(text, "@!") {
		return parseNamed(text)
	}
	return ofName(text, u.to, u.domain)
}

// listedPattern takes a line of sendmail's list apart: an address, a path or a name, with
// or without what kind of failure it is; or of which of these the one above was made.
var listedPattern = regexp.MustCompile(`^(\s*\(expanded from: |\s*)(?:[^<>@!|/"(]{1,60} <|<|)([A-Za-z0-9][\w.+-]{0,63}|[\w.!+-]+![\w.+=-]+|[^\s<>@"]+@[^\s<>@"]+?)>?(\)?\s*|\s+\([a-z -]+\)\s*)$`)

// listedLine writes a line of sendmail's list so that an address begins it.
func (u ownUsers) listedLine(line string) string {
	const longest = 500
	if len(line) > longest {
		return line
	}
	found := listedPattern.FindStringSubmatch(line)
	if found == nil {
		return line
	}
	if a := u.read(found[2]); !a.IsZero() {
		return found[1] + "<" + a.String() + ">" + found[3]
	}
	return line
}

// answeredPattern finds a reply to a path of UUCP or to a user of sendmail's own, as it
// writes them in its transcript, or a path alone.
var answeredPattern = regexp.MustCompile(`^\s*(?:[45][0-9]{2} )?<?([\w.!+-]+![\w.+=-]+|[A-Za-z0-9][\w+-]{0,63})>?(?:\.\.\. (.*)|\s*$)`)

// answered returns the line that names to whom a line of sendmail's transcript is a reply,
// if that needs one; else nothing.
func (u ownUsers) answered(line string) string {
	const longest = 1000
	if len(line) > longest || !strings.Contains(line, "... ") && !strings.Contains(line, "!") {
		return ""
	}
	found := answeredPattern.FindStringSubmatch(line)
	if found == nil {
		return ""
	}
	if path := strings.Contains(found[1], "!"); !path && !strings.HasPrefix(words(found[2]), " user unknown ") {
		return ""
	}
	if a := u.read(found[1]); !a.IsZero() {
		return "<" + a.String() + ">:\n"
	}
	return ""
}
