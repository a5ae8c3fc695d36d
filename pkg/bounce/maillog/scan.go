package maillog

import (
	"net/netip"
	"strings"
	"time"
)

// cutPath takes "<address>" from the front of a text, and returns the address. A
// quoted local part may hold any character, brackets too (RFC 5321 §4.1.2).
func cutPath(text string) (address, rest string, ok bool) {
	if text == "" || text[0] != '<' {
		return "", text, false
	}
	end := 1
	if len(text) > 1 && text[1] == '"' {
		for end = 2; end < len(text) && text[end] != '"'; end++ {
			if text[end] == '\\' {
				end++
			}
		}
	}
	if end >= len(text) {
		return "", text, false
	}
	n := strings.IndexByte(text[end:], '>')
	if n < 0 {
		return "", text, false
	}
	return text[1 : end+n], text[end+n+1:], true
}

// cutHost takes "host[192.0.2.1]:25" or "host [192.0.2.1]:25" apart; there may
// be a socket's path in the brackets, which is no address.
func cutHost(text string) (string, netip.Addr) {
	host, inside, ok := strings.Cut(text, "[")
	host = strings.Trim(host, " ")
	if !ok {
		return host, netip.Addr{}
	}
	inside, _, _ = strings.Cut(inside, "]")
	addr, err := netip.ParseAddr(strings.TrimPrefix(inside, "IPv6:"))
	if err != nil {
		return host, netip.Addr{}
	}
	return host, addr.Unmap().WithZone("")
}

// maxDelay is more than any message waits; what is longer is a mistake.
const maxDelay = 10 * 365 * 24 * time.Hour

// spell reads a length of time: "1.25" seconds, "2+01:02:03" as Sendmail writes
// it, or "1d02h03m04s" as Exim and OpenSMTPD do. It is 0 for anything else.
func spell(text string) time.Duration {
	if strings.Contains(text, ":") {
		return seconds(clockTime(text))
	}
	total := 0.0
	for text != "" {
		n, rest := cutDecimal(text)
		if len(rest) == len(text) {
			return 0
		}
		if rest == "" {
			return seconds(total + n)
		}
		unit := strings.IndexByte("smhdw", rest[0])
		if unit < 0 {
			return 0
		}
		total += n * [...]float64{1, 60, 3600, 86400, 604800}[unit]
		text = rest[1:]
	}
	return seconds(total)
}

// clockTime reads "01:02:03", and days before a plus, in seconds.
func clockTime(text string) float64 {
	total := 0.0
	days, clock, ok := strings.Cut(text, "+")
	if ok {
		total, _ = cutDecimal(days)
		total *= 24
	} else {
		clock = text
	}
	base := 0.0
	for part := range strings.SplitSeq(clock, ":") {
		n, rest := cutDecimal(part)
		if rest != "" {
			return 0
		}
		base = base*60 + n
	}
	return total*3600 + base
}

func seconds(n float64) time.Duration {
	return time.Duration(min(n, maxDelay.Seconds()) * float64(time.Second))
}

// cutDecimal takes a number such as "1.25" from the front of a text.
func cutDecimal(text string) (float64, string) {
	n, unit := 0.0, 0.0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '.' && unit == 0:
			unit = 1
		case !isDigit(c):
			return n, text[i:]
		case unit == 0:
			n = n*10 + float64(c-'0')
		default:
			unit /= 10
			n += unit * float64(c-'0')
		}
	}
	return n, ""
}
