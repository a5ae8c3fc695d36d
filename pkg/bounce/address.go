package bounce

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// addressPattern finds what may be an address in running text.
var addressPattern = regexp.MustCompile(`(?:"[^"\s@]{1,64}"|[^\s<>()\[\],;:"'@=|\\?!“”「」（）：，、。【】《》]{1,64}(?:=[^\s<>()\[\],;:"'@|\\?!]{1,64})?)@[\pL\pN](?:[\pL\pN\-_]{0,62}\.)*[\pL\pN\-]{1,62}`)

// findAddresses returns the addresses in a text as they are written there.
func findAddresses(text string) []string { return addressesBy(parseLoose, text) }

// fieldAddresses is [findAddresses] for a field that holds addresses and nothing else.
func fieldAddresses(text string) []string { return addressesBy(parseNamed, text) }

// addressesBy returns what a text has that parse takes for an address.
func addressesBy(parse func(string) delivery.Address, text string) []string {
	if !strings.Contains(text, "@") {
		return nil
	}
	text = apart(text)
	if found, ok := plainAddresses(parse, text); ok {
		return found
	}
	return searchAddresses(parse, text)
}

// searchAddresses is [addressesBy] for any text.
func searchAddresses(parse func(string) delivery.Address, text string) []string {
	var found []string
	for _, at := range addressPattern.FindAllStringIndex(text, 200) {
		if at[0] > 0 && text[at[0]-1] == '!' { // the end of "gateway!user@host"
			continue
		}
		a := strings.Trim(text[at[0]:at[1]], ".'*`")
		if !parse(a).IsZero() && !inURL(text, at[0]) {
			found = append(found, a)
		}
	}
	return found
}

// inURL reports whether a place in a text is inside a URL.
func inURL(text string, at int) bool {
	const longest = 2000
	text = text[max(0, at-longest):at]
	return strings.Contains(text[strings.LastIndexAny(text, " \t\r\n<>()\"")+1:], "://")
}

// plainAddresses is [addressesBy] for a text of which every address is of letters,
// digits and a few signs, with something around it that parts it from the rest. Most
// are, and need no search; false when one is not.
func plainAddresses(parse func(string) delivery.Address, text string) (found []string, ok bool) {
	const most, longest = 200, 60
	end := 0
	for range most {
		i := strings.IndexByte(text[end:], '@')
		if i < 0 {
			break
		}
		at := end + i
		start := at
		for start > end && (isPlain(text[start-1]) || text[start-1] == '+' || text[start-1] == '_') {
			start--
		}
		before := end
		end = at + 1
		for end < len(text) && isPlain(text[end]) {
			end++
		}
		parted := (start == before && before == 0 || start > before && isParting(text[start-1])) && (end == len(text) || isParting(text[end]))
		a := strings.Trim(text[start:end], ".")
		if domain := end - at - 1; !parted || start == at || at-start > longest || domain < 2 || domain > longest || text[at+1] == '-' || text[at+1] == '.' {
			return nil, false
		}
		if !parse(a).IsZero() {
			found = append(found, a)
		}
	}
	return found, true
}

// isPlain reports whether an octet stands for itself in both parts of an address.
func isPlain(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '.' || c == '-'
}

// isParting reports whether an octet can stand in no address.
func isParting(c byte) bool { return strings.IndexByte(" \t\r\n<>()[],;:", c) >= 0 }

// parseLoose reads an address, also one whose dots stand where RFC 5321 §4.1.2
// does not allow them without quotes; Japanese carriers gave such addresses out.
func parseLoose(s string) delivery.Address {
	a, err := delivery.ParseAddress(s)
	if err == nil {
		return a
	}
	local, domain, ok := strings.Cut(s, "@")
	if !ok || strings.ContainsAny(local, `"\`) || !strings.HasSuffix(local, ".") && !strings.Contains(local, "..") {
		return delivery.Address{}
	}
	if a, err = delivery.ParseAddress(`"` + local + `"@` + domain); err != nil {
		return delivery.Address{}
	}
	return a
}

// parseNamed is [parseLoose] where an address is bound to stand, as in a field. There
// its host may be one of a network without a domain, "root@mailhost", and a path of UUCP
// may stand for it.
func parseNamed(s string) delivery.Address {
	s = unpathed(s)
	if a := parseLoose(s); !a.IsZero() {
		return a
	}
	const domain = ".invalid" // RFC 2606 §2
	a := parseLoose(strings.TrimSpace(s) + domain)
	a.Domain = strings.TrimSuffix(a.Domain, domain)
	if isLocal(a) && strings.ContainsFunc(a.Domain, unicode.IsLetter) {
		return a
	}
	return delivery.Address{}
}

// unpathed writes a path of UUCP, "host!user" or "gateway!host!user", as the address that
// it leads to.
func unpathed(s string) string {
	end := strings.LastIndexByte(s, '!')
	if end < 1 || strings.IndexByte(s, '@') >= 0 {
		return s
	}
	return s[end+1:] + "@" + s[strings.LastIndexByte(s[:end], '!')+1:end]
}

// isLocal reports whether the host of an address is one of a network without a domain.
func isLocal(a delivery.Address) bool { return !strings.ContainsAny(a.Domain, ".[") }

// parseMailbox reads one address, with or without angle brackets and remarks;
// zero when there is none.
func parseMailbox(text string) delivery.Address {
	text = strings.TrimSpace(text)
	if a := parseNamed(strings.Trim(text, "<> ")); !a.IsZero() {
		return a
	}
	for _, s := range findAddresses(text) {
		return parseLoose(s)
	}
	return delivery.Address{}
}

// x400Pattern finds a recipient as X.400 writes it, with the Internet's address as one
// of its attributes: "c=US;a= ;p=Acme;dda:SMTP=anna@one.example;" or
// "/DD.RFC-822=anna(a)one.example/C=US/" (RFC 2156 §4.1).
var x400Pattern = regexp.MustCompile(`(?im)^[ \t]*(?:[a-z]{1,4}=[^;\n]*;[ \t]*|/[a-z]{1,4}=[^/\n]*)*[;/ \t]*(?:dda:|dd\.)(?:smtp|rfc-?822)=([^\s;/@()]+)(?:@|\(a\))([^\s;/@()]+)`)

// withoutX400 writes recipients in the form of X.400 as addresses.
func withoutX400(text string) string {
	if !strings.Contains(text, "822=") && !strings.Contains(text, "SMTP=") && !strings.Contains(text, "smtp=") {
		return text
	}
	return x400Pattern.ReplaceAllString(text, "$1@$2")
}

// parseTyped reads an address field of a delivery status, "rfc822; user@example.com"
// (RFC 3464 §2.1.2) or "utf-8; …" (RFC 6533 §3).
func parseTyped(value string) delivery.Address {
	kind, text, ok := strings.Cut(value, ";")
	if !ok {
		text = kind
	}
	if strings.EqualFold(strings.TrimSpace(kind), "utf-8") {
		text = unescapeUnitext(text)
	}
	return parseMailbox(text)
}

// unescapeUnitext undoes \x{20AC} (RFC 6533 §3).
func unescapeUnitext(text string) string {
	return unitext.ReplaceAllStringFunc(text, func(s string) string {
		var r rune
		for _, c := range s[3 : len(s)-1] {
			r = r<<4 | hexDigit(c)
		}
		return string(r)
	})
}

var unitext = regexp.MustCompile(`\\x\{[0-9A-Fa-f]{2,6}\}`)

func hexDigit(c rune) rune {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}

// sameMailbox compares addresses without regard to case: people who write
// bounces do not care about it.
func sameMailbox(a, b delivery.Address) bool {
	return strings.EqualFold(a.Local, b.Local) && a.Domain == b.Domain
}
