package bounce

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// The places in a pattern of return-paths.
const (
	verpLocal  = "{local}"
	verpDomain = "{domain}"
)

// verpRecipient finds the recipient that our return-path named, to which the
// message came back.
func (m *message) verpRecipient() delivery.Address {
	candidates := m.addressees()
	candidates = append(candidates, findAddresses(m.original.get("Return-Path"))...)
	for _, c := range candidates {
		var a delivery.Address
		if m.opt.VERP != "" {
			a = matchVERP(c, m.opt.VERP)
		} else {
			a = m.guessVERP(c)
		}
		if !a.IsZero() {
			return a
		}
	}
	return delivery.Address{}
}

// matchVERP takes the recipient out of a return-path by its pattern.
func matchVERP(returnPath, pattern string) delivery.Address {
	before, rest, ok := strings.Cut(pattern, verpLocal)
	between, after, ok2 := strings.Cut(rest, verpDomain)
	if !ok || !ok2 || between == "" {
		return delivery.Address{}
	}
	if len(returnPath) < len(before)+len(after) || !strings.EqualFold(returnPath[:len(before)], before) ||
		!strings.EqualFold(returnPath[len(returnPath)-len(after):], after) {
		return delivery.Address{}
	}
	middle := returnPath[len(before) : len(returnPath)-len(after)]
	i := strings.LastIndex(middle, between)
	if i < 0 {
		return delivery.Address{}
	}
	return parseLoose(middle[:i] + "@" + middle[i+len(between):])
}

// guessVERP is [guessVERP] with whom the message that came back was sent to.
func (m *message) guessVERP(returnPath string) delivery.Address {
	if !strings.Contains(returnPath, "=") {
		return delivery.Address{}
	}
	return guessVERP(returnPath, slices.Concat(m.originalTo(), m.receivedFor()))
}

// verpPrefix finds what stands before the recipient in return-paths of known makes:
// the account and a check sum (SendGrid), the message (Mailgun, ezmlm), the list
// (Mailman).
var verpPrefix = regexp.MustCompile(`(?i)^(?:bounces\+[0-9]{1,12}-[0-9a-f]{4}-|bounce\+[0-9a-f]{6}\.[0-9a-f]{1,12}-|[^+=]+-return-[0-9]{1,12}-|[^+=]*bounces?\+)`)

// guessVERP reads "anything+local=domain@ours" and "anything-local=domain@ours". Where
// the recipient begins, whom the message that came back was sent to tells, else a known
// make, else the first sign; nothing does when either sign may be the recipient's own.
func guessVERP(returnPath string, sentTo []delivery.Address) delivery.Address {
	at := strings.LastIndexByte(returnPath, '@')
	if at < 0 || len(returnPath) > 3 && strings.EqualFold(returnPath[:3], "srs") { // SRS names a sender
		return delivery.Address{}
	}
	local := returnPath[:at]
	equal := strings.LastIndexByte(local, '=')
	if equal < 0 || !strings.Contains(local[equal:], ".") {
		return delivery.Address{}
	}
	local, domain := local[:equal], local[equal+1:]
	for _, to := range sentTo {
		begin := len(local) - len(to.Local)
		if begin > 0 && strings.EqualFold(local[begin:], to.Local) && strings.EqualFold(domain, to.Domain) && strings.IndexByte("+-", local[begin-1]) >= 0 {
			return to
		}
	}
	if prefix := verpPrefix.FindString(local); prefix != "" {
		return parseLoose(local[len(prefix):] + "@" + domain)
	}
	begin := strings.IndexAny(local, "+-")
	if begin < 0 || local[begin] == '-' && strings.Contains(local, "+") {
		return delivery.Address{}
	}
	return parseLoose(local[begin+1:] + "@" + domain)
}

// ValidVERP reports whether a pattern for [Options] names both parts of an
// address, with something between them.
func ValidVERP(pattern string) bool {
	_, rest, ok := strings.Cut(pattern, verpLocal)
	between, _, ok2 := strings.Cut(rest, verpDomain)
	return ok && ok2 && between != "" && strings.Contains(pattern, "@")
}
