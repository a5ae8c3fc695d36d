package delivery

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseRelay(t *testing.T) {
	tests := []struct {
		in   string
		want Relay
		err  error
	}{
		{"smtp://relay.example", Relay{Host: "relay.example", Port: 587, Security: SecuritySTARTTLS}, nil},
		{"smtp://relay.example/", Relay{Host: "relay.example", Port: 587, Security: SecuritySTARTTLS}, nil},
		{"SMTPS://Relay.Example.", Relay{Host: "relay.example", Port: 465, Security: SecurityTLS}, nil},
		{"smtp://me@relay.example:2525", Relay{Host: "relay.example", Port: 2525, Security: SecuritySTARTTLS, User: "me"}, nil},
		{"smtp://me@acme.example@relay.example", Relay{Host: "relay.example", Port: 587, Security: SecuritySTARTTLS, User: "me@acme.example"}, nil},
		{"smtp://me%40acme.example@relay.example", Relay{Host: "relay.example", Port: 587, Security: SecuritySTARTTLS, User: "me@acme.example"}, nil},
		{"smtp://relay.example?tls=opportunistic", Relay{Host: "relay.example", Port: 587, Security: SecurityOpportunistic}, nil},
		{"smtp://localhost:25?tls=none", Relay{Host: "localhost", Port: 25, Security: SecurityNone}, nil},
		{"smtp://relay?tls=starttls", Relay{Host: "relay", Port: 587, Security: SecuritySTARTTLS}, nil},
		{"smtp://me@127.0.0.1:25?tls=none&auth=plaintext", Relay{Host: "127.0.0.1", Port: 25, Security: SecurityNone, User: "me", AllowPlaintextAuth: true}, nil},
		{"smtps://[2001:DB8::1]", Relay{Host: "2001:db8::1", Port: 465, Security: SecurityTLS}, nil},
		{"smtps://[::1]:4650", Relay{Host: "::1", Port: 4650, Security: SecurityTLS}, nil},
		{"smtp://bücher.example", Relay{Host: "xn--bcher-kva.example", Port: 587, Security: SecuritySTARTTLS}, nil},
		{"smtp://mail_relay.example", Relay{Host: "mail_relay.example", Port: 587, Security: SecuritySTARTTLS}, nil},

		{in: "smtp://me:secret@relay.example", err: ErrPasswordInURL},
		{in: "smtp://me:@relay.example", err: ErrPasswordInURL},
		{in: "", err: ErrRelay},
		{in: "relay.example", err: ErrRelay},
		{in: "relay.example:587", err: ErrRelay},
		{in: "http://relay.example", err: ErrRelay},
		{in: "smtp:relay.example", err: ErrRelay},
		{in: "smtp://", err: ErrRelay},
		{in: "smtp://:587", err: ErrRelay},
		{in: "smtp://relay.example:", err: ErrRelay},
		{in: "smtp://relay.example:0", err: ErrRelay},
		{in: "smtp://relay.example:65536", err: ErrRelay},
		{in: "smtp://relay.example:smtp", err: ErrRelay},
		{in: "smtp://-relay.example", err: ErrRelay},
		{in: "smtp://relay..example", err: ErrRelay},
		{in: "smtp://relay.example/path", err: ErrRelay},
		{in: "smtp://relay.example#fragment", err: ErrRelay},
		{in: "smtp://relay.example?tls=maybe", err: ErrRelay},
		{in: "smtp://relay.example?tls=tls", err: ErrRelay},
		{in: "smtps://relay.example?tls=none", err: ErrRelay},
		{in: "smtp://relay.example?auth=never", err: ErrRelay},
		{in: "smtp://relay.example?password=secret", err: ErrRelay},
		{in: "smtp://relay.example?a;b", err: ErrRelay},
		{in: "smtp://me:secret@relay.example:x", err: ErrRelay},
		{in: "smtp:me:secret@relay.example", err: ErrRelay},
		{in: "smtp://re lay.example", err: ErrRelay},
		{in: "smtp://relay\xff.example", err: ErrRelay},
		{in: "smtp://relay%ff.example", err: ErrRelay},
	}
	for _, test := range tests {
		got, err := ParseRelay(test.in)
		if diff := cmp.Diff(test.want, got); diff != "" || !errors.Is(err, test.err) {
			t.Errorf("ParseRelay(%q): %v (-want +got):\n%s", test.in, err, diff)
		}
		if err == nil {
			if again, err := ParseRelay(got.String()); err != nil || again != got {
				t.Errorf("%q is printed as %q, and that is %+v, %v", test.in, got, again, err)
			}
			continue
		}
		if strings.Contains(err.Error()+strings.Join(Hints(err), ""), "secret") {
			t.Errorf("ParseRelay(%q) tells the password: %v, %q", test.in, err, Hints(err))
		}
		if len(Hints(err)) == 0 {
			t.Errorf("ParseRelay(%q) gives no hint: %v", test.in, err)
		}
	}
}

func TestRelayRoute(t *testing.T) {
	for _, test := range []struct {
		in   string
		want Route
	}{
		{"smtp://relay.example", Route{Destination: "relay.example", Servers: "relay.example", Targets: []Target{{Host: "relay.example", Port: 587, Security: SecuritySTARTTLS}}}},
		{"smtps://[::1]", Route{Destination: "::1", Servers: "::1", Targets: []Target{{Host: "::1", Addr: netip.IPv6Loopback(), Port: 465, Security: SecurityTLS}}}},
	} {
		relay, err := ParseRelay(test.in)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, relay.Route(), cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.in, diff)
		}
	}
}

func FuzzParseRelay(f *testing.F) {
	for _, seed := range []string{"smtp://me@relay.example:587?tls=none&auth=plaintext", "smtps://[::1]:465", "smtp://bücher.example", "smtp:x:y@z"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		relay, err := ParseRelay(s)
		if err != nil {
			return
		}
		if relay.Host == "" || relay.Port < 1 || relay.Port > 65535 || relay.Security == "" || len(relay.Route().Targets) != 1 {
			t.Fatalf("ParseRelay(%q) = %+v", s, relay)
		}
		again, err := ParseRelay(relay.String())
		if err != nil || again != relay {
			t.Fatalf("ParseRelay(%q) = %+v, printed %q, read again %+v, %v", s, relay, relay, again, err)
		}
	})
}
