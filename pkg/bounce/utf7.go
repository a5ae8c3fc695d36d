package bounce

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf16"
)

// isUTF7 reports whether a charset is UTF-7, in which Exchange wrote its reports.
func isUTF7(name string) bool {
	return name == "utf-7" || strings.HasSuffix(name, "-utf-7")
}

// decodeUTF7 returns text that is in UTF-7 (RFC 2152) in UTF-8: "+" begins UTF-16 in
// base64, which ends at the first octet that is none, or at "-", which belongs to it;
// "+-" is a plus sign. What is not UTF-7 stays as it is.
func decodeUTF7(raw []byte) []byte {
	var b bytes.Buffer
	for {
		plain, rest, found := bytes.Cut(raw, []byte("+"))
		b.Write(plain)
		if !found {
			return b.Bytes()
		}
		n := 0
		for n < len(rest) && isBase64(rest[n]) {
			n++
		}
		text, ok := decodeUTF16(rest[:n])
		switch {
		case n == 0 && bytes.HasPrefix(rest, []byte("-")):
			b.WriteByte('+')
		case ok:
			b.WriteString(text)
		default:
			b.WriteByte('+')
			b.Write(rest[:n])
		}
		if raw = rest[n:]; ok || n == 0 {
			raw = bytes.TrimPrefix(raw, []byte("-"))
		}
	}
}

// decodeUTF16 reads UTF-16 in base64 without padding; false when it is none.
func decodeUTF16(encoded []byte) (string, bool) {
	octets, err := base64.RawStdEncoding.AppendDecode(nil, encoded)
	if err != nil || len(octets) < 2 {
		return "", false
	}
	units := make([]uint16, 0, len(octets)/2)
	for i := 0; i+1 < len(octets); i += 2 {
		units = append(units, uint16(octets[i])<<8|uint16(octets[i+1]))
	}
	return string(utf16.Decode(units)), true
}

func isBase64(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || isDigit(c) || c == '+' || c == '/'
}
