package verify

import (
	"strings"
	"unicode/utf8"

	"github.com/mailctl/mailctl/pkg/spf"
)

// authenticationResults writes the field of RFC 8601 §2.2, each result on a line
// of its own, without a line end behind it.
func (r *Report) authenticationResults(receiver string) string {
	var b strings.Builder
	b.WriteString("Authentication-Results: " + authValue(receiver))
	add := func(parts ...string) { b.WriteString(";" + folded(parts)) }
	if r.SPF != nil {
		add(r.spfResult()...)
	}
	for _, s := range r.DKIM {
		add(s.authResult()...)
	}
	if len(r.DKIM) == 0 {
		add("dkim=none")
	}
	add(r.dmarcResult()...)
	return b.String()
}

// folded writes the parts of a result on new lines of at most 78 columns, as far as
// that goes (RFC 5322 §2.1.1).
func folded(parts []string) string {
	const width, tab = 78, 8
	var b strings.Builder
	column := width
	for i, part := range parts {
		if column+1+len(part) >= width {
			b.WriteString("\r\n\t")
			column = tab
			if i > 0 {
				b.WriteString(" ")
				column++
			}
		} else {
			b.WriteByte(' ')
			column++
		}
		b.WriteString(part)
		column += len(part)
	}
	return b.String()
}

func (r *Report) spfResult() []string {
	name, value := "smtp.mailfrom", r.mailFrom
	if r.SPF.Identity == spf.IdentityHelo {
		name, value = "smtp.helo", r.helo
	}
	return append([]string{"spf=" + string(r.SPF.Status)}, properties(name, value)...)
}

func (s *Signature) authResult() []string {
	parts := []string{"dkim=" + string(s.Result)}
	if s.Reason != "" {
		parts = append(parts, "reason="+quoted(ascii(s.Reason)))
	}
	return append(parts, properties("header.d", s.Domain, "header.i", s.Identity, "header.s", s.Selector,
		"header.a", s.Algorithm, "header.b", s.Value)...)
}

func (r *Report) dmarcResult() []string {
	parts := []string{"dmarc=" + string(r.DMARCResult())}
	if r.DMARC != nil {
		if policy := r.DMARC.Discovery.Policy; policy != "" {
			parts = append(parts, "(p="+string(policy)+")")
		}
	}
	return append(parts, properties("header.from", r.Author)...)
}

// properties writes those of the names and values that have a value.
func properties(pairs ...string) []string {
	var parts []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if value := pairs[i+1]; value != "" {
			parts = append(parts, pairs[i]+"="+authValue(value))
		}
	}
	return parts
}

// authValue is a value as it is, where everybody can read it so, and quoted
// otherwise (RFC 8601 §2.2: value, or an address).
func authValue(text string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`{|}~@/"
	if text != "" && strings.Trim(text, plain) == "" && strings.Count(text, "@") <= 1 {
		return text
	}
	return quoted(text)
}

// quoted writes a quoted-string. What could end the line is left out, and so are
// octets that are no text.
func quoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case r >= ' ' && r != 0x7f && (r < 0x80 || r > 0xa0) && r != utf8.RuneError && r != '\u2028' && r != '\u2029':
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// ascii is a text of ours, which may quote a stranger's, for receivers without
// SMTPUTF8.
func ascii(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf {
			return '?'
		}
		return r
	}, strings.ReplaceAll(text, "…", "..."))
}
