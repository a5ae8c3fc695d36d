package delivery

import (
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// An Address is the address of a mailbox (RFC 5321 §4.1.2, RFC 6531 §3.3) in its
// normal form, so that two equal values are one mailbox. The zero Address is the
// null reverse-path.
type Address struct {
	// Local is the local part without quotes, in NFC, its case kept.
	Local string
	// Domain is lower-case and made of A-labels, without a trailing dot; or an
	// address literal, "[192.0.2.1]" or "[IPv6:2001:db8::1]".
	Domain string
}

// IsZero reports whether a is the null reverse-path.
func (a Address) IsZero() bool { return a == Address{} }

// String returns the address as it is sent in commands, the local part quoted
// when it needs to be, and "" for the zero Address.
func (a Address) String() string {
	if a.IsZero() {
		return ""
	}
	return quoteLocal(a.Local) + "@" + a.Domain
}

// Unicode returns the address as people write it, the domain in U-labels. It is
// for showing, not for sending.
func (a Address) Unicode() string {
	if a.IsZero() {
		return ""
	}
	domain, err := idna.Display.ToUnicode(a.Domain)
	if err != nil || strings.HasPrefix(a.Domain, "[") {
		domain = a.Domain
	}
	return quoteLocal(a.Local) + "@" + domain
}

// Key returns what identifies the mailbox among others: the local part exactly
// as it is, "@" and the domain. RFC 5321 §2.4 lets only the receiver decide
// whether the case of a local part matters.
func (a Address) Key() string { return a.Local + "@" + a.Domain }

// NeedsSMTPUTF8 reports whether the address can only be sent to a server that
// offers SMTPUTF8 (RFC 6531), because its local part is not ASCII.
func (a Address) NeedsSMTPUTF8() bool { return !isASCII(a.Local) }

// quoteLocal returns a local part as it is sent: a Dot-string where it can be,
// else a Quoted-string (RFC 5321 §4.1.2).
func quoteLocal(local string) string {
	if isDotString(local) {
		return local
	}
	var b strings.Builder
	b.Grow(len(local) + 4)
	b.WriteByte('"')
	for i := range len(local) {
		if c := local[i]; c == '"' || c == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(local[i])
	}
	b.WriteByte('"')
	return b.String()
}

// isDotString reports whether local needs no quotes: atoms with single dots
// between them.
func isDotString(local string) bool {
	if local == "" {
		return false
	}
	dot := true // a dot may not come next
	for i := range len(local) {
		switch c := local[i]; {
		case c == '.':
			if dot {
				return false
			}
			dot = true
		case isAtext(c):
			dot = false
		default:
			return false
		}
	}
	return !dot
}

// atext holds the characters of an atom besides letters and digits (RFC 5322
// §3.2.3).
const atext = "!#$%&'*+-/=?^_`{|}~"

// isAtext reports whether c may be part of an atom; octets above ASCII may, by
// RFC 6531 §3.3.
func isAtext(c byte) bool {
	return isLetterDigit(c) || c >= 0x80 || strings.IndexByte(atext, c) >= 0
}

func isLetterDigit(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || isDigit(c)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// parseLiteral reads an address literal (RFC 5321 §4.1.3) and returns its normal
// form.
func parseLiteral(s string) (string, bool) {
	inner, ok := strings.CutSuffix(strings.TrimPrefix(s, "["), "]")
	if !ok {
		return "", false
	}
	const tag = "IPv6:"
	if len(inner) > len(tag) && strings.EqualFold(inner[:len(tag)], tag) {
		ip, err := netip.ParseAddr(inner[len(tag):])
		if err != nil || !ip.Is6() || ip.Zone() != "" {
			return "", false
		}
		return "[" + tag + ip.String() + "]", true
	}
	ip, err := netip.ParseAddr(inner)
	if err != nil || !ip.Is4() {
		return "", false
	}
	return "[" + ip.String() + "]", true
}
