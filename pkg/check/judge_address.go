package check

import (
	"fmt"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// judgeAddress judges the reverse DNS of an address that sends.
func judgeAddress(c *collector, f *facts, a *delivery.AddressName) {
	subject, reverse := a.Addr.String(), delivery.ReverseName(a.Addr)
	if !isPublic(a.Addr) {
		c.add(note{id: "mx-ip-private", subject: subject, what: subject + " is not an address of the public internet", fix: "name the address that receivers see: --ip <public address>"})
		return
	}
	switch a.Status {
	case delivery.PTRUnknown:
		c.add(note{id: "mx-ip-unknown", subject: subject, what: whyUnknown(unknownName(a))})
	case delivery.PTRNone:
		name := "mail." + f.domain
		c.add(note{id: "mx-ip-no-name", subject: subject, what: subject + " has no name in the reverse DNS", fix: lines(reverse+". IN PTR "+absolute(name), addressLine(name, a.Addr))})
	case delivery.PTRMismatch:
		name := a.Names[0].Name
		c.add(note{
			id: "mx-ip-mismatch", subject: subject, what: fmt.Sprintf("%s has the name %s, which does not lead back to it", subject, name),
			record: raw(a.PTR), fix: forwardFix(a),
		})
	case delivery.PTRConfirmed:
		if a.Generic() {
			name := "mail." + f.domain
			c.add(note{
				id: "mx-ip-generic", subject: subject, what: fmt.Sprintf("%s has the name %s, which looks like that of a dial-up or rented line", subject, a.Names[0].Name),
				record: raw(a.PTR), fix: lines(reverse+". IN PTR "+absolute(name), addressLine(name, a.Addr)),
			})
		}
	}
}

// forwardFix gives the first name of an address that address too, next to those it
// has.
func forwardFix(a *delivery.AddressName) string {
	forward := a.Names[0].Forward
	list := []string{addressLine(forward.Target(), a.Addr)} // an alias has no addresses of its own
	for _, addr := range forward.Addrs() {
		list = append(list, addressLine(forward.Target(), addr))
	}
	return lines(list...)
}

func unknownName(a *delivery.AddressName) delivery.Answer {
	if a.PTR.Unknown() {
		return a.PTR
	}
	var answers []delivery.Answer
	for _, name := range a.Names {
		answers = append(answers, name.Forward)
	}
	return firstUnknown(answers...)
}
