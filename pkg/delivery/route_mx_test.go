package delivery_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/delivery"
)

const routeZone = `
two.example.       MX 20 b.mx.example.
two.example.       MX 10 a.mx.example.
same.example.      MX 10 b.mx.example.
same.example.      MX 10 a.mx.example.
a.mx.example.      A 192.0.2.1
a.mx.example.      A 192.0.2.2
a.mx.example.      AAAA 2001:db8::1
b.mx.example.      AAAA 2001:db8::2
implicit.example.  A 192.0.2.3
null.example.      MX 0 .
nothing.example.   TXT "here"
dead.example.      MX 10 gone.example.
shaky.example.     MX 10 shaky-mx.example.
literal.example.   MX 10 192.0.2.9.
literal.example.   MX 20 b.mx.example.
workspace.example. MX 1 aspmx.l.google.com.
workspace.example. MX 5 alt1.aspmx.l.google.com.
mixed.example.     MX 1 aspmx.l.google.com.
mixed.example.     MX 5 a.mx.example.
aspmx.l.google.com. A 192.0.2.4
alt1.aspmx.l.google.com. A 192.0.2.5
alias.example.     CNAME two.example.
`

func TestRouteMX(t *testing.T) {
	t.Parallel()
	resolver := zonetest.New(t, routeZone).Fail(delivery.CauseServFail, "servfail.example", "shaky-mx.example")
	for _, tt := range []struct {
		domain, destination string
		targets             string
		err                 error
		status              string
		reason              delivery.Reason
		bounce              delivery.Bounce
	}{
		{domain: "two.example", destination: "a.mx.example+1~", targets: "192.0.2.1 2001:db8::1 192.0.2.2 2001:db8::2"},
		{domain: "alias.example", destination: "a.mx.example+1~", targets: "192.0.2.1 2001:db8::1 192.0.2.2 2001:db8::2"},
		{domain: "same.example", destination: "a.mx.example+1~", targets: "2001:db8::2 192.0.2.1 2001:db8::1 192.0.2.2"},
		{domain: "implicit.example", destination: "implicit.example", targets: "192.0.2.3"},
		{domain: "literal.example", destination: "b.mx.example", targets: "2001:db8::2"},
		{domain: "[192.0.2.7]", destination: "[192.0.2.7]", targets: "192.0.2.7"},
		{domain: "[IPv6:2001:db8::7]", destination: "[IPv6:2001:db8::7]", targets: "2001:db8::7"},
		{domain: "workspace.example", destination: "gmail", targets: "192.0.2.4 192.0.2.5"},
		{domain: "mixed.example", destination: "a.mx.example+1~", targets: "192.0.2.4 192.0.2.1 2001:db8::1 192.0.2.2"},
		{domain: "null.example", err: delivery.ErrNullMX, status: "5.1.10", reason: delivery.ReasonDomainNoMail, bounce: delivery.BounceHard},
		{domain: "absent.example", err: delivery.ErrNoSuchDomain, status: "5.1.2", reason: delivery.ReasonDomainUnknown, bounce: delivery.BounceHard},
		{domain: "nothing.example", err: delivery.ErrNoMailServer, status: "5.1.2", reason: delivery.ReasonDomainUnknown, bounce: delivery.BounceHard},
		{domain: "dead.example", err: delivery.ErrNoExchanger, status: "4.4.4", reason: delivery.ReasonRouting, bounce: delivery.BounceSoft},
		{domain: "shaky.example", err: delivery.ErrRouteUnknown, status: "4.4.3", reason: delivery.ReasonRouting, bounce: delivery.BounceSoft},
		{domain: "servfail.example", err: delivery.ErrRouteUnknown, status: "4.4.3", reason: delivery.ReasonRouting, bounce: delivery.BounceSoft},
	} {
		t.Run(tt.domain, func(t *testing.T) {
			route, err := delivery.RouteMX(t.Context(), resolver, tt.domain, delivery.MXOptions{})
			if !errors.Is(err, tt.err) || (err != nil) != (tt.err != nil) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if failed := new(delivery.RouteError); errors.As(err, &failed) {
				v := failed.Verdict()
				got := []any{failed.Status().String(), v.Reason, v.Bounce, v.Class == delivery.ClassPermanent}
				want := []any{tt.status, tt.reason, tt.bounce, tt.bounce == delivery.BounceHard}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
				return
			}
			if !strings.HasPrefix(route.Destination, tt.destination) || route.Targets[0].Port != 25 {
				t.Errorf("destination %q port %d, want %q", route.Destination, route.Targets[0].Port, tt.destination)
			}
			if got := addresses(route); got != tt.targets {
				t.Errorf("targets %q, want %q", got, tt.targets)
			}
		})
	}
}

func addresses(route delivery.Route) string {
	var all []string
	for _, target := range route.Targets {
		all = append(all, target.Addr.String())
	}
	return strings.Join(all, " ")
}

// TestRouteMXShuffles shows that only hosts of equal preference change places.
func TestRouteMXShuffles(t *testing.T) {
	t.Parallel()
	resolver := zonetest.New(t, routeZone)
	reverse := delivery.MXOptions{Port: 2525, Shuffle: func(n int, swap func(i, j int)) {
		for i := range n / 2 {
			swap(i, n-1-i)
		}
	}}
	for domain, want := range map[string]string{
		"two.example":  "192.0.2.1 2001:db8::1 192.0.2.2 2001:db8::2",
		"same.example": "192.0.2.1 2001:db8::1 192.0.2.2 2001:db8::2",
	} {
		route, err := delivery.RouteMX(t.Context(), resolver, domain, reverse)
		if err != nil || addresses(route) != want || route.Targets[0].Port != 2525 {
			t.Errorf("%s: %q, %v, want %q", domain, addresses(route), err, want)
		}
	}
}

func TestReceivers(t *testing.T) {
	t.Parallel()
	for hosts, want := range map[string]string{
		"aspmx.l.google.com alt1.aspmx.l.google.com":                    "gmail",
		"smtp.google.com aspmx2.googlemail.com":                         "gmail",
		"aspmx.l.google.com mx.other.example":                           "",
		"mta5.am0.yahoodns.net":                                         "yahoo",
		"hotmail-com.olc.protection.outlook.com":                        "outlook",
		"acme-example.mail.protection.outlook.com":                      "microsoft365",
		"acme-example.o-v1.mx.microsoft":                                "microsoft365",
		"eu-smtp-inbound-1.mimecast.com eu-smtp-inbound-2.mimecast.com": "mimecast-eu",
		"eu-smtp-inbound-1.mimecast.com us-smtp-inbound-1.mimecast.com": "",
		"notgoogle.com": "",
		"":              "",
	} {
		if got := delivery.ProviderOf(strings.Fields(hosts)); got != want {
			t.Errorf("%q: %q, want %q", hosts, got, want)
		}
	}
	eu := delivery.ReceiverFor("mimecast-eu")
	if eu.Shape.Connections != 10 || eu.Name != "mimecast-eu" || len(eu.Sources) != 2 {
		t.Errorf("mimecast-eu: %+v", eu)
	}
	if other := delivery.ReceiverFor("mx.example.net"); other.Name != "" || other.Shape.Messages != 100 {
		t.Errorf("anyone: %+v", other)
	}
}
