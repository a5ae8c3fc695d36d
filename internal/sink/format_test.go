package sink

import (
	"fmt"
	"strconv"
	"strings"
)

// format writes a personality the way parse reads it.
func format(p *Personality) string {
	var b strings.Builder
	entry := func(indent, key, value string) { fmt.Fprintf(&b, "%s%s: %s\n", indent, key, value) }
	entry("", "about", quote(p.About))
	if p.host != "" {
		entry("", "host", quote(p.host))
	}
	if p.maxSize > 0 {
		entry("", "max_size", strconv.Itoa(p.maxSize))
	}
	if p.maxRecipients > 0 {
		entry("", "max_recipients", strconv.Itoa(p.maxRecipients))
	}
	share := func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
	if r := p.receiver; r != nil {
		b.WriteString("receiver:\n")
		entry("  ", "reputation", share(r.reputation))
		entry("  ", "volume", strconv.Itoa(r.volume))
		entry("  ", "growth", share(r.growth))
		entry("  ", "hour", share(r.hour))
		entry("  ", "gain", share(r.gain))
		entry("  ", "loss", share(r.loss))
		if r.complaints > 0 {
			entry("  ", "complaints", share(r.complaints))
		}
	}
	if len(p.rules) > 0 {
		b.WriteString("rules:\n")
	}
	for _, r := range p.rules {
		entry("- ", "name", quote(r.name))
		entry("  ", "at", string(r.at))
		formatPatterns(entry, "to", r.to)
		formatPatterns(entry, "from", r.from)
		if r.share > 0 {
			entry("  ", "share", strconv.FormatFloat(r.share, 'g', -1, 64))
		}
		if r.first > 0 {
			entry("  ", "first", strconv.Itoa(r.first))
		}
		if r.wait > 0 {
			entry("  ", "wait", r.wait.String())
		}
		if r.after > 0 {
			entry("  ", "after", strconv.Itoa(r.after))
		}
		if r.open > 0 {
			entry("  ", "connections", strconv.Itoa(r.open))
		}
		if r.unsigned {
			entry("  ", "unsigned", "true")
		}
		if r.below > 0 {
			entry("  ", "below", share(r.below))
		}
		if r.over != "" {
			entry("  ", "over", string(r.over))
		}
		if r.hold > 0 {
			entry("  ", "hold", r.hold.String())
		}
		if r.most > 0 {
			entry("  ", "delay", r.least.String()+".."+r.most.String())
		}
		if r.reply != nil {
			lines := r.reply.Lines
			text := fmt.Sprintf("%d %s %s", r.reply.Code, r.reply.Enhanced, strings.Join(lines, fmt.Sprintf("\n%d ", r.reply.Code)))
			entry("  ", "reply", quote(text))
		}
		if r.accept {
			entry("  ", "accept", "true")
		}
		if r.hangUp {
			entry("  ", "close", "true")
		}
	}
	return b.String()
}

func formatPatterns(entry func(indent, key, value string), key string, patterns []pattern) {
	if len(patterns) == 0 {
		return
	}
	texts := make([]string, len(patterns))
	for i, p := range patterns {
		texts[i] = quote(p.text)
	}
	entry("  ", key, "["+strings.Join(texts, ", ")+"]")
}

// quote writes a double-quoted YAML scalar.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\U%08X`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
