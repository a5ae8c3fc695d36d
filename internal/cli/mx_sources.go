package cli

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A source is an address to send from, and its share of the recipients.
type source struct {
	addr   netip.Addr
	weight int
}

// sources are the addresses that --from-ip names; none is whatever the system
// chooses.
type sources []source

const maxWeight = 1_000_000

// parseSources reads "192.0.2.1" and "192.0.2.1=3".
func parseSources(texts []string) (sources, error) {
	var all sources
	for _, text := range texts {
		ip, weight, weighted := strings.Cut(strings.TrimSpace(text), "=")
		addr, err := netip.ParseAddr(strings.TrimSpace(ip))
		s := source{addr: addr.Unmap(), weight: 1}
		if weighted {
			var bad error
			s.weight, bad = strconv.Atoi(strings.TrimSpace(weight))
			err = errors.Join(err, bad)
		}
		if err != nil || s.weight < 1 || s.weight > maxWeight {
			return nil, delivery.Hint(fmt.Errorf("invalid --from-ip %q", text), "write an address of this machine, and its share if it has one: 192.0.2.1=3")
		}
		if slices.ContainsFunc(all, func(other source) bool { return other.addr == s.addr }) {
			return nil, delivery.Hint(fmt.Errorf("--from-ip %s is there twice", s.addr), "give it once, with a greater share")
		}
		all = append(all, s)
	}
	return all, nil
}

// addrs returns the addresses.
func (s sources) addrs() []netip.Addr {
	var all []netip.Addr
	for _, one := range s {
		all = append(all, one.addr)
	}
	return all
}

// check refuses addresses that are not this machine's: from there nobody could
// be reached.
func (s sources) check(ctx context.Context) error {
	for _, one := range s {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(one.addr.String(), "0"))
		if err != nil {
			return delivery.Hint(fmt.Errorf("--from-ip %s cannot be sent from: %w", one.addr, err), "name an address that this machine has")
		}
		if err := listener.Close(); err != nil {
			return err
		}
	}
	return nil
}

// fitting returns those of a family in which one of the targets can be reached.
func (s sources) fitting(targets []delivery.Target) sources {
	return slices.DeleteFunc(slices.Clone(s), func(one source) bool { return len(ofFamily(targets, one.addr)) == 0 })
}

// notReached is the error for a domain that has addresses of the other family only.
func notReached(domain string, from netip.Addr) error {
	err := fmt.Errorf("%w that %s can reach", delivery.ErrNoExchanger, from)
	return &delivery.RouteError{Domain: domain, Err: delivery.Hint(err, "send from an address of the other family, too: another --from-ip")}
}

// ofFamily returns the targets in the family of an address.
func ofFamily(targets []delivery.Target, addr netip.Addr) []delivery.Target {
	return slices.DeleteFunc(slices.Clone(targets), func(t delivery.Target) bool { return t.Addr.Is4() != addr.Is4() })
}

// pick returns the place of the address that a recipient is written to from:
// always the same one in a campaign, since greylisting knows senders by it.
func (s sources) pick(campaign, recipient string) int {
	total := 0
	for _, one := range s {
		total += one.weight
	}
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(campaign + "\x00" + recipient)) // it cannot fail
	at := int(hash.Sum64() % uint64(total))                  //nolint:gosec // both are small and not negative
	for i, one := range s {
		if at < one.weight {
			return i
		}
		at -= one.weight
	}
	return 0
}
