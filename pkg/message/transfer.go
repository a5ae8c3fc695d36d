package message

import (
	"bytes"
	"encoding/base64"
)

// A transferEncoding is a Content-Transfer-Encoding (RFC 2045 §6).
type transferEncoding string

const (
	encoding7bit   transferEncoding = "7bit"
	encoding8bit   transferEncoding = "8bit"
	encodingQuoted transferEncoding = "quoted-printable"
	encodingBase64 transferEncoding = "base64"
)

// base64Line is how many octets make a line of base64 (76 characters, RFC 2045 §6.8).
const base64Line = 57

// chooseEncoding returns how a text part travels. ASCII in short lines goes as it
// is. Everything else is encoded, in the form that is shorter, unless 8-bit text
// is allowed. The boundary must not occur in what is not encoded.
func chooseEncoding(body []byte, eightBit bool, boundary string) transferEncoding {
	s := survey(body)
	clash := bytes.Contains(body, []byte(boundary))
	switch {
	case clash:
		return encodingBase64
	case s.plain && s.high == 0 && s.longest <= foldAt:
		return encoding7bit
	case s.plain && eightBit && s.longest <= maxLine:
		return encoding8bit
	case s.high*4 > len(body):
		return encodingBase64
	}
	return encodingQuoted
}

type bodySurvey struct {
	high    int  // octets above 127
	longest int  // octets of the longest line
	plain   bool // no control characters but tab and line ends, no "From " some mailbox formats would change
}

func survey(body []byte) bodySurvey {
	s := bodySurvey{plain: true}
	for len(body) > 0 {
		line, rest, _ := bytes.Cut(body, []byte("\n"))
		body = rest
		s.longest = max(s.longest, len(line))
		for _, c := range line {
			switch octets[c] {
			case octetHigh:
				s.high++
			case octetControl:
				s.plain = false
			}
		}
		if bytes.HasPrefix(line, []byte("From ")) {
			s.plain = false
		}
	}
	return s
}

// The classes of octets that transfer encodings tell apart.
const (
	octetLiteral = iota // stands for itself in quoted-printable
	octetEquals         // printable, but quoted
	octetControl
	octetHigh
)

// octets gives the class of every octet.
var octets = classifyOctets()

func classifyOctets() (table [256]byte) {
	for c := range table {
		switch {
		case c >= 0x80:
			table[c] = octetHigh
		case c < ' ' && c != '\t' || c == 0x7f:
			table[c] = octetControl
		case c == '=':
			table[c] = octetEquals
		}
	}
	return table
}

// appendEncoded adds a text with "\n" as its only line end in its transfer
// encoding. On the wire every line, also the last, ends with CRLF.
func appendEncoded(dst, body []byte, encoding transferEncoding) []byte {
	switch encoding {
	case encodingBase64:
		return appendBase64(dst, appendLines(nil, body, appendPlain))
	case encodingQuoted:
		return appendLines(dst, body, appendQuoted)
	}
	return appendLines(dst, body, appendPlain)
}

// appendLines adds every line of a text, encoded, with CRLF behind it.
func appendLines(dst, text []byte, encode func(dst, line []byte) []byte) []byte {
	for more := true; more; {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte("\n"))
		dst = append(encode(dst, line), "\r\n"...)
		more = len(text) > 0
	}
	return dst
}

func appendPlain(dst, line []byte) []byte { return append(dst, line...) }

// onlyNewlines returns text with "\n" as its only line end.
func onlyNewlines(text []byte) []byte {
	if bytes.IndexByte(text, '\r') < 0 {
		return text
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
}

// appendBase64 adds data in lines of base64.
func appendBase64(dst, data []byte) []byte {
	for len(data) > 0 {
		n := min(base64Line, len(data))
		dst = base64.StdEncoding.AppendEncode(dst, data[:n])
		dst = append(dst, "\r\n"...)
		data = data[n:]
	}
	return dst
}

// quotedLine is how many characters a line of quoted-printable may have (RFC 2045
// §6.7, rule 5).
const quotedLine = 76

// appendQuoted adds a line without its end in quoted-printable (RFC 2045 §6.7),
// broken softly where it is long. Beyond what must be quoted, a dot alone and a
// "From " at the beginning are, because some servers change them.
func appendQuoted(dst, line []byte) []byte {
	used := 0
	if len(line) == 1 && line[0] == '.' || bytes.HasPrefix(line, []byte("From ")) {
		dst, used = appendOctet(dst, line[0]), 3
		line = line[1:]
	}
	for len(line) > 0 {
		run := literalRun(line)
		if run == 0 {
			if used+3 > quotedRoom(used, 3, len(line) == 1) {
				dst, used = append(dst, "=\r\n"...), 0
			}
			dst = appendOctet(dst, line[0])
			line = line[1:]
			used += 3
			continue
		}
		run = min(run, quotedRoom(used, run, run == len(line))-used)
		if run == 0 {
			dst, used = append(dst, "=\r\n"...), 0
			continue
		}
		dst = append(dst, line[:run]...)
		line = line[run:]
		used += run
	}
	return dst
}

// quotedRoom returns how long the line may get: one less than the limit, for the
// "=" of a soft break, unless what follows is the last and fits.
func quotedRoom(used, width int, last bool) int {
	if last && used+width <= quotedLine {
		return quotedLine
	}
	return quotedLine - 1
}

// literalRun returns how many octets at the start of a line need no quoting. White
// space at its very end does.
func literalRun(line []byte) int {
	n := 0
	for n < len(line) && octets[line[n]] == octetLiteral {
		n++
	}
	if n == len(line) && (line[n-1] == ' ' || line[n-1] == '\t') {
		n--
	}
	return n
}

func appendOctet(dst []byte, c byte) []byte {
	const hex = "0123456789ABCDEF"
	return append(dst, '=', hex[c>>4], hex[c&15])
}

// hasHigh reports whether text has octets above 127.
func hasHigh[T string | []byte](text T) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return true
		}
	}
	return false
}
