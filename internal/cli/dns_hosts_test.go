package cli

import (
	"fmt"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// TestLocalNames finds hosts where a program that connects to them by name does.
func TestLocalNames(t *testing.T) {
	behind := zonetest.New(t, `
. SOA ns.example. h.example. 1 60 60 60 60
listed.example. AAAA 2001:db8::9
listed.example. MX 10 mx.example.
other.example. A 192.0.2.9
`)
	const hosts = "# a comment\n127.0.0.2 Listed.Example vm # another\n192.0.2.7\tvm\n::ffff:192.0.2.8 vm\nfe80::1%eth0 link\nnonsense x.example\n127.0.0.9 localhost a;b\n"
	for _, test := range []struct {
		name   string
		qtype  uint16
		family int
		want   string
	}{
		{"localhost", delivery.TypeA, 0, "found [127.0.0.1]"},
		{"localhost.", delivery.TypeAAAA, 0, "no-such-record []"},
		{"LOCALHOST", delivery.TypeMX, 0, "no-such-record []"},
		{"a.localhost", delivery.TypeA, 4, "found [127.0.0.1]"},
		{"localhost", delivery.TypeAAAA, 6, "found [::1]"},
		{"vm", delivery.TypeA, 0, "found [127.0.0.2 192.0.2.7 192.0.2.8]"},
		{"vm", delivery.TypeMX, 0, "no-such-record []"},
		{"listed.example", delivery.TypeA, 0, "found [127.0.0.2]"},
		{"listed.example", delivery.TypeAAAA, 0, "no-such-record []"},
		{"listed.example", delivery.TypeMX, 0, "found []"},
		{"other.example", delivery.TypeA, 0, "found [192.0.2.9]"},
		{"link", delivery.TypeAAAA, 0, "no-such-name []"},
		{"..", delivery.TypeA, 0, "unknown []"},
	} {
		answer := newLocalNames(behind, hosts, test.family).Lookup(t.Context(), test.name, test.qtype)
		if got := fmt.Sprintf("%s %v", answer.Status, answer.Addrs()); got != test.want {
			t.Errorf("%s %s: %s, want %s", test.name, delivery.TypeName(test.qtype), got, test.want)
		}
	}
}
