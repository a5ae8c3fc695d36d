package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// The fixes of findings are lines of a zone file. They stand in place of the
// records of the same name and type that serve the same purpose; what only has to
// go is in a comment, so that the whole can be pasted. Where there is more to do,
// the first line says it, and what is to be pasted stands below it: records, with
// what only the reader knows in angle brackets, or lines of the policy file.

// txtLine is a TXT record in a zone file, in strings of at most 255 octets (RFC
// 1035 §3.3.14).
func txtLine(name, text string) string {
	const most = 255
	var b strings.Builder
	b.WriteString(name + ". IN TXT")
	for {
		n := min(len(text), most)
		b.WriteString(" " + quoted(text[:n]))
		if text = text[n:]; text == "" {
			return b.String()
		}
	}
}

// quoted is a character-string of a zone file (RFC 1035 §5.1).
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, "\\%03d", c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// kept is the record to keep where there are several and one is allowed: the first
// one that is valid, or nil.
func kept[R any](records []*R, valid func(*R) bool) *R {
	if i := slices.IndexFunc(records, valid); i >= 0 {
		return records[i]
	}
	return nil
}

func mxLine(domain string, preference uint16, host string) string {
	return fmt.Sprintf("%s. IN MX %d %s", domain, preference, absolute(host))
}

// absolute is a name with a dot at its end.
func absolute(name string) string { return strings.TrimSuffix(name, ".") + "." }

// nullMXLine is the null MX (RFC 7505 §3).
func nullMXLine(domain string) string { return mxLine(domain, 0, ".") }

// removal is a line that says which record to take away.
func removal(record string) string {
	return "; remove: " + strings.ReplaceAll(record, "\n", "\n; remove: ")
}

// placeOf is where the records are that an answer came from: at the end of its aliases,
// because nothing stands beside an alias (RFC 1034 §3.6.2). Without an answer it is the
// name.
func placeOf(a delivery.Answer, name string) string { return cmp.Or(a.Target(), name) }

// comment makes lines of text a comment of a zone file.
func comment(text string) string { return ";   " + strings.ReplaceAll(text, "\n", "\n;   ") }

func lines(list ...string) string { return strings.Join(list, "\n") }

// raw shows records as a zone file does.
func raw(a delivery.Answer) string { return strings.Join(a.Lines(), "\n") }

// slip names a mistake in a text, and what is meant or else where it is.
func slip[K ~string](kind K, value string, pos int) string {
	name := strings.ReplaceAll(string(kind), "-", " ")
	if value != "" {
		return fmt.Sprintf("%s: %q", name, short(value))
	}
	return fmt.Sprintf("%s, at octet %d", name, pos)
}

// whyUnknown is the reason for an answer that tells nothing, as it is put into a
// message.
func whyUnknown(a delivery.Answer) string {
	what := a.Name + " " + delivery.TypeName(a.Type) + " could not be looked up"
	switch a.Cause {
	case delivery.CauseTimeout:
		return what + " (no server answered in time)"
	case delivery.CauseServFail:
		return what + " (SERVFAIL)"
	case delivery.CauseRefused:
		return what + " (REFUSED)"
	case delivery.CauseBogus:
		return what + " (DNSSEC validation failed)"
	case "":
		return what
	default:
		return what + " (" + string(a.Cause) + ")"
	}
}
