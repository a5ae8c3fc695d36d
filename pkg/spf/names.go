package spf

import (
	"context"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// clientNames are the names of the client by its reverse DNS.
type clientNames struct {
	validated []string // those that lead back to its address
	void      bool     // there are no names at all
}

// clientNames finds the validated names of the client (§5.5). What the DNS cannot
// tell is as if it were not there. It is asked only once.
func (e *evaluation) clientNames(ctx context.Context, asked *[]Asked) *clientNames {
	if e.names != nil {
		return e.names
	}
	e.names = &clientNames{}
	answer := e.ask(ctx, asked, delivery.ReverseName(e.ip), delivery.TypePTR)
	e.names.void = answer.Absent()
	names := answer.Names()
	names = names[:min(len(names), MaxPTR)]
	questions := make([]delivery.Question, len(names))
	for i, name := range names {
		questions[i] = delivery.Question{Name: name, Type: e.addressType()}
	}
	for i, addresses := range delivery.LookupAll(ctx, e.resolver, questions...) {
		*asked = append(*asked, note(addresses))
		if slices.Contains(addresses.Addrs(), e.ip) {
			e.names.validated = append(e.names.validated, names[i])
		}
	}
	return e.names
}

// bestName is the validated name that %{p} stands for (§7.3): the domain itself,
// or else one below it, or else any.
func (n *clientNames) bestName(domain string) string {
	if slices.Contains(n.validated, domain) {
		return domain
	}
	for _, name := range n.validated {
		if isAtOrBelow(name, domain) {
			return name
		}
	}
	if len(n.validated) > 0 {
		return n.validated[0]
	}
	return "unknown"
}

// isAtOrBelow reports whether a name is a domain or one below it.
func isAtOrBelow(name, domain string) bool {
	name, domain = strings.ToLower(name), strings.ToLower(domain)
	above, ok := strings.CutSuffix(name, domain)
	return ok && (above == "" || strings.HasSuffix(above, "."))
}
