package dmarc

import (
	"net/url"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/taglist"
)

// readURIs splits the value of rua or ruf at its commas (RFC 9989 §4.8,
// dmarc-urilist).
func (r *Record) readURIs(tag taglist.Tag) []URI {
	var uris []URI
	pos := tag.ValuePos
	for piece := range strings.SplitSeq(tag.Value, ",") {
		raw := strings.Trim(piece, " \t\r\n")
		at := pos + strings.Index(piece, raw)
		u, problems := parseURI(raw)
		u.Pos = at
		for _, kind := range problems {
			r.Problems = append(r.Problems, Problem{kind, strings.ToLower(tag.Name), raw, at})
		}
		uris = append(uris, u)
		pos += len(piece) + 1
	}
	return uris
}

// parseURI reads one report destination.
func parseURI(raw string) (URI, []ProblemKind) {
	u := URI{Raw: raw}
	var problems []ProblemKind
	text := raw
	if i := strings.LastIndexByte(raw, '!'); i >= 0 && isSize(raw[i+1:]) {
		// Reporters ignore the limit (RFC 9989 §4.8, obs-dmarc-report-size).
		text, u.Size = raw[:i], strings.ToLower(raw[i+1:])
		problems = append(problems, ProblemURISize)
	}
	scheme, rest, ok := strings.Cut(text, ":")
	switch {
	case !ok || !isScheme(scheme):
		if _, err := delivery.ParseAddress(text); err == nil {
			return u, append(problems, ProblemURINoScheme)
		}
		return u, append(problems, ProblemURISyntax)
	case !isURI(rest) || strings.IndexByte(rest, '!') >= 0:
		return u, append(problems, ProblemURISyntax)
	}
	u.Scheme, u.Valid = strings.ToLower(scheme), true
	if u.Scheme != "mailto" {
		if parsed, err := url.Parse(text); err == nil {
			u.Host, _ = delivery.DNSName(parsed.Hostname()) // a URI without a host has none
		}
		return u, append(problems, ProblemURIScheme)
	}
	if address, ok := mailtoAddress(rest); ok {
		u.Address, u.Host = address, address.Domain
	} else {
		problems = append(problems, ProblemURIAddress)
	}
	return u, problems
}

// mailtoAddress returns the one address of a mailto URI without its scheme (RFC
// 6068 §2).
func mailtoAddress(rest string) (delivery.Address, bool) {
	to, _, _ := strings.Cut(rest, "?")
	to, err := url.PathUnescape(to)
	if err != nil {
		return delivery.Address{}, false
	}
	address, err := delivery.ParseAddress(to)
	return address, err == nil
}

// isScheme follows RFC 3986 §3.1.
func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		letter := 'a' <= c && c <= 'z'
		other := '0' <= s[i] && s[i] <= '9' || strings.IndexByte("+-.", s[i]) >= 0
		if !letter && (i == 0 || !other) {
			return false
		}
	}
	return s != ""
}

// isURI reports whether what stands behind the scheme consists of characters that
// RFC 3986 §2 allows, and whether each "%" has its two hexadecimal digits.
func isURI(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z', '0' <= c && c <= '9':
		case c == '%':
			if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return false
			}
			i += 2
		case strings.IndexByte("-._~:/?#[]@!$&'()*+,;=", c) < 0:
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

// isSize follows obs-dmarc-report-size: digits and one of k, m, g and t.
func isSize(s string) bool {
	digits := strings.TrimRight(s, "kmgtKMGT")
	if digits == "" || len(s)-len(digits) > 1 {
		return false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return true
}
