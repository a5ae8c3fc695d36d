package probe

import (
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// judgeName holds what a mail exchanger calls itself against the names of its
// address. Nil means that nobody looked.
func (r *Result) judgeName(e Endpoint, a *delivery.AddressName) {
	if a == nil || r.Name == "" {
		return
	}
	r.ReverseName = &ReverseName{Status: a.Status, Names: []string{}}
	for _, host := range a.Names {
		r.ReverseName.Names = append(r.ReverseName.Names, host.Name)
		if strings.EqualFold(strings.TrimSuffix(host.Name, "."), strings.TrimSuffix(r.Name, ".")) {
			r.ReverseName.SameAsEHLO = true
		}
	}
	switch a.Status {
	case delivery.PTRNone, delivery.PTRMismatch:
		r.add(e, note{id: "smtp-ptr-missing", record: strings.Join(a.PTR.Lines(), "\n")})
	case delivery.PTRConfirmed:
		if !r.ReverseName.SameAsEHLO {
			r.add(e, note{id: "smtp-ptr-name", record: strings.Join(a.PTR.Lines(), "\n"), what: "the server calls itself " + r.Name + ", and its address is called " + strings.Join(r.ReverseName.Names, ", ")})
		}
	case delivery.PTRUnknown:
	}
}
