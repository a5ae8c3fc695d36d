package message

import (
	"fmt"
	"net/http"
	"path"
	"strings"
	"unicode/utf8"
)

// disposition returns a Content-Disposition (RFC 2183) with a file name, which is
// encoded and continued by RFC 2231 where it is not short ASCII.
func disposition(kind, name string) string {
	const lineRoom = 60 // leaves room for " filename*99*=" and ";"
	quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
	if !hasHigh(name) && len(quoted) <= lineRoom {
		return kind + ";\r\n filename=" + quoted
	}
	parts := chunks(percentEncode(name), lineRoom-len("UTF-8''"))
	if len(parts) == 1 {
		return kind + ";\r\n filename*=UTF-8''" + parts[0]
	}
	var b strings.Builder
	b.WriteString(kind)
	for i, p := range parts {
		if i == 0 {
			p = "UTF-8''" + p
		}
		fmt.Fprintf(&b, ";\r\n filename*%d*=%s", i, p)
	}
	return b.String()
}

// percentEncode encodes every octet that is not an attribute-char (RFC 5987 §3.2.1).
func percentEncode(text string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("!#$&+-.^_`|~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// chunks cuts percent-encoded text into parts of at most size octets, never
// inside an encoded octet.
func chunks(text string, size int) []string {
	var parts []string
	for len(text) > size {
		at := size
		if i := strings.LastIndexByte(text[:at], '%'); i > at-3 && i >= 0 {
			at = i
		}
		parts = append(parts, text[:at])
		text = text[at:]
	}
	return append(parts, text)
}

// contentType tells a file's media type by the extension of its name, or by its
// content. The machine's own tables are not asked: they differ.
func contentType(name string, data []byte) string {
	if known := extensionTypes[strings.ToLower(path.Ext(name))]; known != "" {
		if !utf8.Valid(data) {
			known, _, _ = strings.Cut(known, "; charset=")
		}
		return known
	}
	return http.DetectContentType(data)
}

// extensionTypes are the media types of what is commonly attached.
var extensionTypes = map[string]string{
	".pdf":    "application/pdf",
	".zip":    "application/zip",
	".gz":     "application/gzip",
	".json":   "application/json",
	".xml":    "application/xml",
	".doc":    "application/msword",
	".xls":    "application/vnd.ms-excel",
	".ppt":    "application/vnd.ms-powerpoint",
	".docx":   "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx":   "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".pptx":   "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".odt":    "application/vnd.oasis.opendocument.text",
	".ods":    "application/vnd.oasis.opendocument.spreadsheet",
	".epub":   "application/epub+zip",
	".pkpass": "application/vnd.apple.pkpass",
	".png":    "image/png",
	".jpg":    "image/jpeg",
	".jpeg":   "image/jpeg",
	".gif":    "image/gif",
	".webp":   "image/webp",
	".svg":    "image/svg+xml",
	".mp3":    "audio/mpeg",
	".mp4":    "video/mp4",
	".txt":    "text/plain; charset=utf-8",
	".log":    "text/plain; charset=utf-8",
	".csv":    "text/csv; charset=utf-8",
	".html":   "text/html; charset=utf-8",
	".htm":    "text/html; charset=utf-8",
	".md":     "text/markdown; charset=utf-8",
	".ics":    "text/calendar; charset=utf-8",
	".vcf":    "text/vcard; charset=utf-8",
}
