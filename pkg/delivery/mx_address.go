package delivery

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// A PTRStatus says whether an address has a name that leads back to it, which
// large receivers ask of every sender: forward-confirmed reverse DNS.
type PTRStatus string

// The statuses.
const (
	PTRConfirmed PTRStatus = "confirmed" // a name leads back to the address
	PTRMismatch  PTRStatus = "mismatch"  // it is proven that none of the names does
	PTRNone      PTRStatus = "none"      // it is proven that the address has no name
	PTRUnknown   PTRStatus = "unknown"   // a look-up that decides it failed
)

// maxPTRNames is how many names of one address are looked at, as in RFC 7208
// §4.6.4.
const maxPTRNames = 10

// An AddressName is the reverse DNS of an address.
type AddressName struct {
	Addr   netip.Addr
	Status PTRStatus
	PTR    Answer
	Names  []ReverseHost
}

// A ReverseHost is one name of an address.
type ReverseHost struct {
	Name      string
	Forward   Answer // its addresses of the same family
	Confirmed bool   // the address is among them
}

// LookupAddressName finds the names of an address and whether they lead back to
// it, in two waves of look-ups.
func LookupAddressName(ctx context.Context, r Resolver, addr netip.Addr) *AddressName {
	addr = addr.Unmap().WithZone("")
	a := &AddressName{Addr: addr, PTR: LookupPTR(ctx, r, addr)}
	names := a.PTR.Names()
	names = names[:min(len(names), maxPTRNames)]
	questions := make([]Question, len(names))
	for i, name := range names {
		questions[i] = Question{Name: name, Type: TypeA}
		if addr.Is6() {
			questions[i].Type = TypeAAAA
		}
	}
	for i, forward := range LookupAll(ctx, r, questions...) {
		a.Names = append(a.Names, ReverseHost{names[i], forward, slices.Contains(forward.Addrs(), addr)})
	}
	a.Status = a.judge()
	return a
}

func (a *AddressName) judge() PTRStatus {
	confirmed := func(h ReverseHost) bool { return h.Confirmed }
	unknown := func(h ReverseHost) bool { return h.Forward.Unknown() }
	switch {
	case a.PTR.Unknown():
		return PTRUnknown
	case len(a.Names) == 0:
		return PTRNone
	case slices.ContainsFunc(a.Names, confirmed):
		return PTRConfirmed
	case slices.ContainsFunc(a.Names, unknown):
		return PTRUnknown
	default:
		return PTRMismatch
	}
}

// Generic reports whether every name is made from the address, as providers name
// lines that they rent out: "192-0-2-1.dsl.example". Some receivers refuse such
// names. It is false when there are no names.
func (a *AddressName) Generic() bool {
	made := func(h ReverseHost) bool { return isMadeFrom(h.Name, a.Addr) }
	return len(a.Names) > 0 && !slices.ContainsFunc(a.Names, func(h ReverseHost) bool { return !made(h) })
}

// isMadeFrom reports whether a name holds all octets of an IPv4 address, in
// either order, or the whole of an IPv6 address in hexadecimal.
func isMadeFrom(name string, addr netip.Addr) bool {
	if addr.Is6() {
		whole := strings.ReplaceAll(addr.StringExpanded(), ":", "")
		squeezed := strings.NewReplacer("-", "", ".", "", "x", "").Replace(name)
		return strings.Contains(squeezed, whole)
	}
	octets := addr.As4()
	numbers := make([]string, len(octets))
	for i, octet := range octets {
		numbers[i] = strconv.Itoa(int(octet))
	}
	parts := strings.FieldsFunc(name, func(c rune) bool { return c < '0' || c > '9' })
	for i := range parts {
		parts[i] = strings.TrimLeft(parts[i], "0")
		if parts[i] == "" {
			parts[i] = "0"
		}
	}
	forward := strings.Join(numbers, " ")
	slices.Reverse(numbers)
	all := " " + strings.Join(parts, " ") + " "
	return strings.Contains(all, " "+forward+" ") || strings.Contains(all, " "+strings.Join(numbers, " ")+" ")
}
