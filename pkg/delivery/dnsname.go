package delivery

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/miekg/dns"
)

// maxName is the longest name in text without the dot at its end: 255 octets on
// the wire (RFC 1035 §2.3.4).
const maxName = 253

// DNSName returns a name as the DNS asks for it: lower-case, other scripts as
// A-labels (RFC 5891 §5), no dot at the end; "." is the root. Octets stand for
// themselves and any ASCII character may be in a label, for such names do exist.
// The error is [ErrInvalidName].
func DNSName(name string) (string, error) {
	ascii := strings.TrimSuffix(name, ".")
	if !isASCII(ascii) {
		var err error
		if ascii, err = labelsToASCII(ascii); err != nil {
			return "", invalidName(name, err.Error())
		}
	}
	ascii = lowerASCII(ascii)
	switch {
	case name == ".":
		return ".", nil
	case ascii == "":
		return "", invalidName(name, "it is empty")
	case len(ascii) > maxName:
		return "", invalidName(name, fmt.Sprintf("it has %d octets, at most %d are allowed", len(ascii), maxName))
	}
	for label := range strings.SplitSeq(ascii, ".") {
		if label == "" {
			return "", invalidName(name, "it has an empty label")
		}
		if len(label) > maxLabel {
			return "", invalidName(name, fmt.Sprintf("it has a label of %d octets, at most %d are allowed", len(label), maxLabel))
		}
	}
	return ascii, nil
}

// labelsToASCII turns the labels in other scripts into A-labels and leaves the
// others alone: "_dmarc" stands before any domain.
func labelsToASCII(name string) (string, error) {
	if !utf8.ValidString(name) {
		return "", errors.New("it is not UTF-8")
	}
	labels := strings.Split(name, ".")
	for i, label := range labels {
		if isASCII(label) {
			continue
		}
		ascii, err := domainProfile.ToASCII(label)
		if err != nil {
			return "", fmt.Errorf("the label %q is not a valid internationalized one", label)
		}
		labels[i] = ascii
	}
	return strings.Join(labels, "."), nil
}

func invalidName(name, problem string) error {
	const most = 80
	if len(name) > most {
		name = name[:most] + "..."
	}
	return fmt.Errorf("%q is %w: %s", name, ErrInvalidName, problem)
}

// escapeName writes a name as miekg/dns wants it: with master-file escapes
// (RFC 1035 §5.1) and a dot at the end.
func escapeName(name string) string {
	if name == "." {
		return name
	}
	var b strings.Builder
	for i := range len(name) {
		switch c := name[i]; {
		case c == '.' || c == '-' || c == '_' || isLetterDigit(c):
			b.WriteByte(c)
		case c > ' ' && c < 0x7f:
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "\\%03d", c)
		}
	}
	b.WriteByte('.')
	return b.String()
}

// plainName is a name of miekg/dns as we write it: lower-case, no dot at the end,
// octets as they are but for a dot inside a label, which keeps its backslash.
func plainName(name string) string {
	if name == "." {
		return name
	}
	name = strings.TrimSuffix(dns.CanonicalName(name), ".")
	if strings.IndexByte(name, '\\') < 0 {
		return name
	}
	return lowerASCII(unescapeBut(name, '.'))
}

// unescape undoes the master-file escapes of a character string (RFC 1035 §5.1),
// in which miekg/dns keeps them.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	return unescapeBut(s, 0)
}

// unescapeBut undoes all escapes except that of the octet keep.
func unescapeBut(s string, keep byte) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c != '\\' || i+1 == len(s):
		case i+3 < len(s) && isDigit(s[i+1]) && isDigit(s[i+2]) && isDigit(s[i+3]):
			c = (s[i+1]-'0')*100 + (s[i+2]-'0')*10 + s[i+3] - '0'
			i += 3
		default:
			c = s[i+1]
			i++
			if c == keep {
				out = append(out, '\\')
			}
		}
		out = append(out, c)
	}
	return string(out)
}

// lowerASCII lowers ASCII letters only: octets above them belong to nobody's
// alphabet in the DNS (RFC 4343 §3).
func lowerASCII(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			lower := []byte(s)
			for ; i < len(lower); i++ {
				if 'A' <= lower[i] && lower[i] <= 'Z' {
					lower[i] += 'a' - 'A'
				}
			}
			return string(lower)
		}
	}
	return s
}
