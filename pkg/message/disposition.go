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
	if known := extensionType(strings.ToLower(path.Ext(name))); known != "" {
		if !utf8.Valid(data) {
			known, _, _ = strings.Cut(known, "; charset=")
		}
		return known
	}
	return http.DetectContentType(data)
}

func extensionType(extension string) string {
	switch extension {
	case ".pdf":
		return "application/pdf"
	case ".zip":
		return "application/zip"
	case ".gz":
		return "application/gzip"
	case ".json":
		return "application/json"
	case ".xml":
		return "application/xml"
	case ".doc":
		return "application/msword"
	case ".xls":
		return "application/vnd.ms-excel"
	case ".ppt":
		return "application/vnd.ms-powerpoint"
	case ".docx":
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case ".pptx":
		return "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	case ".odt":
		return "application/vnd.oasis.opendocument.text"
	case ".ods":
		return "application/vnd.oasis.opendocument.spreadsheet"
	case ".epub":
		return "application/epub+zip"
	case ".pkpass":
		return "application/vnd.apple.pkpass"
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".gif":
		return "image/gif"
	case ".webp":
		return "image/webp"
	case ".svg":
		return "image/svg+xml"
	case ".mp3":
		return "audio/mpeg"
	case ".mp4":
		return "video/mp4"
	case ".txt", ".log":
		return "text/plain; charset=utf-8"
	case ".csv":
		return "text/csv; charset=utf-8"
	case ".html", ".htm":
		return "text/html; charset=utf-8"
	case ".md":
		return "text/markdown; charset=utf-8"
	case ".ics":
		return "text/calendar; charset=utf-8"
	case ".vcf":
		return "text/vcard; charset=utf-8"
	}
	return ""
}
