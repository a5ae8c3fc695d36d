package delivery_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/delivery"
)

func TestParseDNSServer(t *testing.T) {
	tests := []struct{ text, want string }{
		{"192.0.2.53", "192.0.2.53:53"},
		{" 192.0.2.53:5353 ", "192.0.2.53:5353"},
		{"2001:db8::53", "[2001:db8::53]:53"},
		{"[2001:db8::53]", "[2001:db8::53]:53"},
		{"[2001:db8::53]:54", "[2001:db8::53]:54"},
		{"fe80::1%eth0", "[fe80::1%eth0]:53"},
		{"udp://192.0.2.53", "192.0.2.53:53"},
		{"tcp://192.0.2.53", "tcp://192.0.2.53:53"},
		{"tls://DNS.example", "tls://dns.example:853"},
		{"tls://192.0.2.53:8853", "tls://192.0.2.53:8853"},
		{"tls://[2001:db8::53]", "tls://[2001:db8::53]:853"},
		{"https://dns.example", "https://dns.example/dns-query"},
		{"HTTPS://dns.example/q", "https://dns.example/q"},
		{"https://dns.example/dns-query{?dns}", "https://dns.example/dns-query"},
		{"https://dns.example:8443/", "https://dns.example:8443/dns-query"},
	}
	for _, tt := range tests {
		got, err := delivery.ParseDNSServer(tt.text)
		if err != nil || got.String() != tt.want {
			t.Errorf("%q: got %q, %v; want %q", tt.text, got, err, tt.want)
			continue
		}
		if again, err := delivery.ParseDNSServer(got.String()); err != nil || again != got {
			t.Errorf("%q: read again: got %+v, %v; want %+v", tt.text, again, err, got)
		}
	}
}

func TestParseDNSServerRefuses(t *testing.T) {
	for _, text := range []string{"", "dns.example", "192.0.2.53:0", "192.0.2.53:dns", "192.0.2.53:70000", "1:2:3", "[2001:db8::53", "ftp://192.0.2.53", "https://", "https://user@dns.example/", "tls://", "tls://a..b", "192.0.2"} {
		if got, err := delivery.ParseDNSServer(text); err == nil {
			t.Errorf("%q: got %q", text, got)
		}
	}
	_, err := delivery.ParseDNSServer("dns.example")
	if hints := delivery.Hints(err); len(hints) != 1 {
		t.Errorf("hints: %q", hints)
	}
}

func TestParseResolvConf(t *testing.T) {
	content := "# made by hand\nsearch example.com\nnameserver 192.0.2.53\n nameserver\t2001:db8::53 # second\nnameserver nonsense\nnameserver fe80::1%eth0\noptions edns0\n"
	var got []string
	for _, s := range delivery.ParseResolvConf(content) {
		got = append(got, s.String())
	}
	if diff := cmp.Diff([]string{"192.0.2.53:53", "[2001:db8::53]:53", "[fe80::1%eth0]:53"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := delivery.ParseResolvConf(""); len(got) != 1 || got[0].Addr != "127.0.0.1:53" {
		t.Errorf("empty file: %v", got)
	}
}
