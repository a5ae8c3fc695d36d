package bounce

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/quotedprintable"
	"slices"
	"strings"
)

// Bounds of what is looked at in one message.
const (
	maxDepth = 6   // multipart within multipart
	maxParts = 100 // of one message
)

// A part is a message or one of its body parts (RFC 2045). Messages inside are
// not taken apart.
type part struct {
	header   header
	media    string // type in lower case, "text/plain" when none is named
	params   map[string]string
	body     []byte // encoded
	children []*part
}

// parsePart reads a message or a body part. Broken MIME is read as far as it goes.
func parsePart(raw []byte) *part {
	left := maxParts
	return readPart(raw, 0, &left)
}

func readPart(raw []byte, depth int, left *int) *part {
	*left--
	p := &part{}
	p.header, p.body = parseHeader(raw)
	p.media, p.params = mediaType(p.header.get("Content-Type"))
	if !strings.HasPrefix(p.media, "multipart/") || depth == maxDepth {
		return p
	}
	bodies := splitParts(p.body, p.params["boundary"], *left)
	if len(bodies) == 0 {
		bodies = splitParts(p.body, guessBoundary(p.body), *left)
		for i, body := range bodies {
			bodies[i] = withoutTorn(body)
		}
	}
	for _, body := range bodies {
		if *left <= 0 {
			break
		}
		p.children = append(p.children, readPart(body, depth+1, left))
	}
	return p
}

// unwrapped returns the report that a gateway wrapped in itself as an attachment,
// known by its own Message-ID; else p.
func (p *part) unwrapped() *part {
	id := p.header.get("Message-ID")
	if id == "" || p.media == "multipart/report" {
		return p
	}
	for _, child := range p.children {
		if child.media != "message/rfc822" {
			continue
		}
		if inner := parsePart(child.content()); inner.media == "multipart/report" && inner.header.get("Message-ID") == id {
			return inner
		}
	}
	return p
}

// mediaType reads a Content-Type field, also one that breaks the rules.
func mediaType(value string) (string, map[string]string) {
	if strings.TrimSpace(value) == "" {
		return "text/plain", nil
	}
	media, params, err := mime.ParseMediaType(value)
	if err == nil {
		return media, params
	}
	first, rest, _ := strings.Cut(value, ";")
	params = map[string]string{}
	for piece := range strings.SplitSeq(rest, ";") {
		name, text, ok := strings.Cut(piece, "=")
		if ok {
			params[strings.ToLower(strings.TrimSpace(name))] = strings.Trim(strings.TrimSpace(text), `"`)
		}
	}
	return strings.ToLower(strings.TrimSpace(first)), params
}

// guessBoundary finds the boundary of a body whose Content-Type names none that is
// there: the first line that begins with two hyphens and is followed by a header.
// Between them may stand the rest of the boundary, torn off where it has a space.
func guessBoundary(body []byte) string {
	for range 50 {
		if len(body) == 0 {
			return ""
		}
		line, rest := cutLine(body)
		next, _ := cutLine(withoutTorn(rest))
		if name, _, ok := cutField(next); ok && len(line) > 4 && bytes.HasPrefix(line, []byte("--")) &&
			strings.HasPrefix(strings.ToLower(name), "content-") {
			return string(bytes.TrimRight(line[2:], " \t"))
		}
		body = rest
	}
	return ""
}

// withoutTorn leaves out the first line of a part when it is indented, which no
// field is.
func withoutTorn(part []byte) []byte {
	line, rest := cutLine(part)
	if len(line) > 0 && (line[0] == ' ' || line[0] == '\t') {
		return rest
	}
	return part
}

// splitParts returns what stands between the boundary lines (RFC 2046 §5.1.1),
// at most n pieces. The last one needs no boundary behind it.
func splitParts(body []byte, boundary string, n int) [][]byte {
	if boundary == "" {
		return nil
	}
	mark := []byte("--" + boundary)
	var parts [][]byte
	start, at := -1, 0
	for at < len(body) && len(parts) < n {
		end := len(body)
		if i := bytes.IndexByte(body[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		isMark, last := boundaryLine(body[at:end], mark)
		if isMark && start >= 0 {
			parts = append(parts, body[start:at])
		}
		if isMark {
			start = end
		}
		if last {
			return parts
		}
		at = end
	}
	if start >= 0 && start < len(body) && len(parts) < n {
		parts = append(parts, body[start:])
	}
	return parts
}

// boundaryLine reports whether a line parts what is above from what is below, and
// whether nothing follows it.
func boundaryLine(line, mark []byte) (is, last bool) {
	rest, ok := bytes.CutPrefix(line, mark)
	rest = bytes.TrimRight(rest, " \t\r\n")
	last = ok && bytes.Equal(rest, []byte("--"))
	return ok && (len(rest) == 0 || last), last
}

// content returns the body with its transfer encoding undone (RFC 2045 §6).
func (p *part) content() []byte {
	switch strings.ToLower(strings.TrimSpace(p.header.get("Content-Transfer-Encoding"))) {
	case "base64":
		return decodeBase64(p.body)
	case "quoted-printable":
		text, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(p.body)))
		if err != nil && len(text) == 0 {
			return p.body
		}
		return text
	}
	return p.body
}

// decodeBase64 reads base64 and passes over what is none (RFC 2045 §6.8). A body
// that is not base64 at all stays what it is.
func decodeBase64(body []byte) []byte {
	compact := make([]byte, 0, len(body))
	other := 0
	for _, c := range body {
		switch {
		case 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/':
			compact = append(compact, c)
		case c != '\r' && c != '\n' && c != '=':
			other++
		}
	}
	if other > len(compact)/8 {
		return body
	}
	text := make([]byte, base64.RawStdEncoding.DecodedLen(len(compact)))
	n, _ := base64.RawStdEncoding.Decode(text, compact)
	return text[:n]
}

// text returns a text part in UTF-8 with plain line ends; markup is taken off.
func (p *part) text() string {
	text := string(decodeCharset(p.content(), p.params["charset"]))
	text = lineEnds.Replace(text)
	if p.media == "text/html" || p.media == "text/plain" && looksLikeHTML(text) {
		return lineEnds.Replace(plainText(text))
	}
	return text
}

// lineEnds makes line ends plain, and spaces that do not break ordinary ones.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ")

// find returns the first part, in reading order, that is of one of the types.
func (p *part) find(media ...string) *part {
	if slices.Contains(media, p.media) {
		return p
	}
	for _, child := range p.children {
		if found := child.find(media...); found != nil {
			return found
		}
	}
	return nil
}
