package spf

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

const (
	// maxTarget is the longest name that is looked up (§7.3).
	maxTarget = 253
	// maxExplanation bounds an expanded explanation; replies of 512 octets a line
	// carry far less.
	maxExplanation = 16 << 10
)

// target expands the domain-spec of a term; an empty one means the domain of the
// record. It reports whether the name can be looked up. The error is that too
// much was looked up for it.
func (e *evaluation) target(ctx context.Context, spec Macro, domain string, step *Step) (string, bool, error) {
	if spec.IsZero() {
		return domain, true, nil
	}
	if spec.Uses("p") && e.names == nil {
		// Asking for the client's names is one of the look-ups that are counted (§4.6.4).
		if err := e.count(); err != nil {
			return "", false, err
		}
	}
	name := fitName(spec.expand(e.values(ctx, domain, &step.Asked)))
	if spec.Uses("sl") && !isASCII(e.local) {
		return name, false, nil // never matches (RFC 8616 §4)
	}
	_, err := delivery.DNSName(name)
	return name, err == nil, nil
}

// fitName takes the dot at the end away, and labels from the left until the name
// is no longer than the DNS allows (§7.3).
func fitName(name string) string {
	name = strings.TrimSuffix(name, ".")
	for len(name) > maxTarget {
		_, rest, ok := strings.Cut(name, ".")
		if !ok {
			return name
		}
		name = rest
	}
	return name
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// values returns the function that knows what the letters stand for (§7.2) in a
// record of the domain.
func (e *evaluation) values(ctx context.Context, domain string, asked *[]Asked) func(byte) string {
	return func(letter byte) string {
		switch letter {
		case 's':
			return e.local + "@" + e.domain
		case 'l':
			return e.local
		case 'o':
			return e.domain
		case 'd':
			return domain
		case 'i':
			return dotted(e.ip)
		case 'p':
			return e.clientNames(ctx, asked).bestName(domain)
		case 'v':
			if e.ip.Is4() {
				return "in-addr"
			}
			return "ip6"
		case 'h':
			return e.helo
		case 'c':
			return e.ip.String()
		case 'r':
			if e.query.Receiver == "" {
				return "unknown"
			}
			return e.query.Receiver
		default: // 't', the last one that parseExpand lets through
			return strconv.FormatInt(max(e.query.Time.Unix(), 0), 10)
		}
	}
}

// dotted writes an address with a dot between all its parts: octets of IPv4, and
// of IPv6 the nibbles, in upper case as the test suite of the RFC has them.
func dotted(ip netip.Addr) string {
	if ip.Is4() {
		return ip.String()
	}
	nibbles := make([]string, 0, 32)
	for _, b := range ip.As16() {
		nibbles = append(nibbles, fmt.Sprintf("%X", b>>4), fmt.Sprintf("%X", b&15))
	}
	return strings.Join(nibbles, ".")
}

// explain finds the explanation of the record that decided (§6.2). It costs
// nothing of what is counted.
func (e *evaluation) explain(ctx context.Context, v verdict) (string, error) {
	var asked []Asked
	name := fitName(v.exp.expand(e.values(ctx, v.domain, &asked)))
	answer := e.resolver.Lookup(ctx, name, delivery.TypeTXT)
	texts := answer.Texts()
	if len(texts) != 1 {
		return "", fmt.Errorf("%w: %s has %d TXT records", errUnusableExplained, name, len(texts))
	}
	text, err := parseMacro(texts[0], inText, true)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errUnusableExplained, err)
	}
	explanation := text.expand(e.values(ctx, v.domain, &asked))
	if len(explanation) > maxExplanation {
		return "", fmt.Errorf("%w: it has more than %d octets", errUnusableExplained, maxExplanation)
	}
	return explanation, nil
}
