package delivery

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Errors of [ParseAddress] and [ParseMailbox]; each is wrapped with what exactly
// is wrong.
var (
	// ErrNoAddress means that there was nothing but white space.
	ErrNoAddress = errors.New("no address")
	// ErrAddressSyntax means that the text is not a mailbox of RFC 5321 or 6531.
	ErrAddressSyntax = errors.New("invalid address")
	// ErrAddressTooLong means that a length limit of RFC 5321 §4.5.3.1 is passed.
	ErrAddressTooLong = errors.New("address too long")
)

// The length limits, in octets. The address is what fits between the angle
// brackets of a path of 256 octets; a domain of 253 is the longest the DNS can
// hold (RFC 1035 §2.3.4), a little less than the 255 of RFC 5321 §4.5.3.1.2.
const (
	maxLocal   = 64
	maxDomain  = 253
	maxLabel   = 63
	maxAddress = 254
	maxText    = 4 * maxAddress // in any script, before it becomes A-labels
)

// ParseAddress reads one mailbox address, such as "user@example.com". White
// space around it is ignored; comments, display names, groups and lists are
// refused. The domain may be written in any script and with a trailing dot, and
// must have at least two labels, but for "localhost".
//
// Errors wrap [ErrNoAddress], [ErrAddressSyntax] or [ErrAddressTooLong] and carry
// a [Hint] where one helps.
func ParseAddress(s string) (Address, error) {
	if a, ok := parsePlain(s); ok {
		return a, nil
	}
	text := strings.TrimSpace(s)
	if text == "" {
		return Address{}, ErrNoAddress
	}
	if len(text) > maxText {
		return Address{}, tooLong(text, "the address", len(text), maxAddress)
	}
	if !utf8.ValidString(text) {
		return Address{}, badAddress(text, "it is not valid UTF-8")
	}
	local, domain, err := splitAddress(text)
	if err != nil {
		return Address{}, err
	}
	if local, err = checkLocal(text, local); err != nil {
		return Address{}, err
	}
	if domain, err = checkDomain(text, domain); err != nil {
		return Address{}, err
	}
	a := Address{Local: local, Domain: domain}
	if n := len(a.String()); n > maxAddress {
		return Address{}, tooLong(text, "the address", n, maxAddress)
	}
	return a, nil
}

// parsePlain reads the addresses that nearly every list consists of, an ASCII
// Dot-string and a lower-case ASCII domain, without allocating. It reports false
// for every other and for every wrong one.
func parsePlain(s string) (Address, bool) {
	at := strings.IndexByte(s, '@')
	if at < 1 || at > maxLocal || len(s) > maxAddress {
		return Address{}, false
	}
	local, domain := s[:at], s[at+1:]
	if !isASCII(local) || !isDotString(local) || !isPlainDomain(domain) {
		return Address{}, false
	}
	return Address{Local: local, Domain: domain}, true
}

// splitAddress finds the "@" between the parts. local still has its quotes.
func splitAddress(text string) (local, domain string, err error) {
	end := strings.IndexByte(text, '@')
	if text[0] == '"' {
		end = quotedEnd(text)
	}
	switch {
	case end < 0 && text[0] == '"':
		return "", "", badAddress(text, "the quotes are not closed")
	case end < 0:
		return "", "", badAddress(text, "there is no @")
	case end >= len(text) || text[end] != '@':
		return "", "", badAddress(text, "there is no @ behind the quotes")
	case end == 0:
		return "", "", badAddress(text, "there is nothing before the @")
	case end == len(text)-1:
		return "", "", badAddress(text, "there is nothing behind the @")
	}
	local, domain = text[:end], text[end+1:]
	if strings.ContainsAny(text, "<>,;") && text[0] != '"' {
		return "", "", Hint(badAddress(text, "there is more than an address"),
			"give the bare address, one in each field: user@example.com")
	}
	if strings.IndexByte(domain, '@') >= 0 {
		return "", "", badAddress(text, "there is more than one @")
	}
	return local, domain, nil
}

// quotedEnd returns the index behind the closing quote of the Quoted-string that
// text starts with, or -1.
func quotedEnd(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// checkLocal returns the local part in its normal form.
func checkLocal(text, local string) (string, error) {
	quoted := local[0] == '"'
	if quoted {
		local = unquote(local)
	}
	local = norm.NFC.String(local)
	if local == "" {
		return "", badAddress(text, "the local part is empty")
	}
	if r, ok := unwelcome(local); ok {
		err := badAddress(text, fmt.Sprintf("the local part has the character %U", r))
		return "", Hint(err, fmt.Sprintf("remove the character %U; it may be invisible, and came in when the address was copied", r))
	}
	if !quoted && !isDotString(local) {
		return "", Hint(badAddress(text, localProblem(local)), "check the address for a slip of the pen; only a quoted local part may hold such text")
	}
	if n := len(quoteLocal(local)); n > maxLocal {
		return "", tooLong(text, "the part before the @", n, maxLocal)
	}
	return local, nil
}

// unquote returns the content of a Quoted-string.
func unquote(s string) string {
	s = s[1 : len(s)-1]
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}

// unwelcome finds a character that no local part may hold: control characters,
// and outside ASCII everything that cannot be seen, but for the joiners between
// letters that some scripts need (RFC 5321 §4.1.2 and RFC 6532 §3.1; the latter
// would let more pass).
func unwelcome(local string) (rune, bool) {
	last := rune(0)
	for i, r := range local {
		joiner := (r == '\u200c' || r == '\u200d') && last >= utf8.RuneSelf && i+utf8.RuneLen(r) < len(local)
		if !unicode.IsPrint(r) && !joiner || r == utf8.RuneError {
			return r, true
		}
		last = r
	}
	return 0, false
}

// localProblem says why local is not a Dot-string.
func localProblem(local string) string {
	switch {
	case local[0] == '.' || local[len(local)-1] == '.':
		return "the local part begins or ends with a dot"
	case strings.Contains(local, ".."):
		return "the local part has two dots in a row"
	}
	for i := range len(local) {
		if c := local[i]; c != '.' && !isAtext(c) {
			return fmt.Sprintf("the local part has the character %q", c)
		}
	}
	return "the local part is not valid"
}

func badAddress(text, problem string) error {
	return fmt.Errorf("%w %q: %s", ErrAddressSyntax, shorten(text), problem)
}

func tooLong(text, what string, n, limit int) error {
	return fmt.Errorf("%w %q: %s has %d octets, at most %d are allowed", ErrAddressTooLong, shorten(text), what, n, limit)
}
