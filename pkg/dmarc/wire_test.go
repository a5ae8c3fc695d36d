package dmarc

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// The bound of RFC 9989 §4.10 as a name server sees it, and how many look-ups wait
// for each other.
func TestAtTheServer(t *testing.T) {
	server := testkit.NewDNS(t, `
_dmarc.example.com. TXT "v=DMARC1; p=reject; sp=none; np=quarantine; rua=mailto:a@example.net"
example.com._report._dmarc.example.net. TXT "v=DMARC1"
`)
	address, err := delivery.ParseDNSServer(server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	client, err := delivery.NewClient(delivery.ClientOptions{Servers: []delivery.DNSServer{address}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	const author = "a.b.c.d.e.f.g.h.i.j.k.example.com"
	ctx, rounds := delivery.CountRounds(t.Context())
	e, err := Evaluate(ctx, client, Input{Author: author, DKIM: []Identifier{{"x.y.example.com", AuthPass}}})
	if err != nil || e.Result != ResultPass || e.Discovery.Policy != PolicyQuarantine {
		t.Fatalf("%+v, %v", e, err)
	}
	walk, identifier, other := 0, 0, []string{}
	for _, question := range server.Asked() {
		switch {
		case strings.HasSuffix(question, "y.example.com. TXT"):
			identifier++
		case strings.HasPrefix(question, "_dmarc."):
			walk++
		default:
			other = append(other, question)
		}
	}
	if diff := cmp.Diff([]string{author + ". A"}, other); diff != "" || walk != 8 || identifier != 2 {
		t.Errorf("%d queries of the author's walk, %d more of the identifier's (-want +got)\n%s", walk, identifier, diff)
	}
	if rounds.Waves() != 3 {
		t.Errorf("%d waves, want those of the walk, the existence and the identifier", rounds.Waves())
	}
	ctx, rounds = delivery.CountRounds(t.Context())
	to := Destinations(ctx, client, e.Discovery)
	if to[0].Authorization != Authorized || rounds.Waves() != 1 || rounds.Queries() != 1 {
		t.Errorf("%s, %d waves, %d queries", to[0].Authorization, rounds.Waves(), rounds.Queries())
	}
}
