package bounce

import (
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
			a = guessVERP(c)
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

// guessVERP reads "anything+local=domain@ours" and "anything-local=domain@ours".
func guessVERP(returnPath string) delivery.Address {
	at := strings.LastIndexByte(returnPath, '@')
	if at < 0 {
		return delivery.Address{}
	}
	local := returnPath[:at]
	equal := strings.LastIndexByte(local, '=')
	if equal < 0 || !strings.Contains(local[equal:], ".") {
		return delivery.Address{}
	}
	begin := strings.IndexAny(local[:equal], "+-")
	if begin < 0 {
		return delivery.Address{}
	}
	return parseLoose(local[begin+1:equal] + "@" + local[equal+1:])
}

// ValidVERP reports whether a pattern for [Options] names both parts of an
// address, with something between them.
func ValidVERP(pattern string) bool {
	_, rest, ok := strings.Cut(pattern, verpLocal)
	between, _, ok2 := strings.Cut(rest, verpDomain)
	return ok && ok2 && between != "" && strings.Contains(pattern, "@")
}
