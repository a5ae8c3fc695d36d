package delivery_test

import (
	"net/netip"
	"testing"

	"github.com/mailctl/mailctl/pkg/delivery"
)

func TestAddressLiteral(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.1":        "[192.0.2.1]",
		"::ffff:192.0.2.1": "[192.0.2.1]",
		"2001:db8::1":      "[IPv6:2001:db8::1]",
		"fe80::1%eth0":     "[IPv6:fe80::1]",
	} {
		if got := delivery.AddressLiteral(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
}

// TestGreetingWithoutAName says in EHLO where the connection comes from when there is
// no name to say.
func TestGreetingWithoutAName(t *testing.T) {
	opened(t, "> 220 mx.example\n< EHLO [127.0.0.1]\n> 250 mx.example\n< QUIT\n> 221 bye",
		func(_ *delivery.Target, opt *delivery.Options) { opt.LocalName = "" })
}
