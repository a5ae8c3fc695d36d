package check_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// A signing is what is published of a zone's signatures.
type signing string

const (
	signedWell   signing = "well"
	signedNot    signing = "not"
	signedNoDS   signing = "without DS"
	signedOther  signing = "the DS of another key"
	signedBefore signing = "before a record changed"
)

// A signedZone is a zone below "example", and what the zone above has of it.
type signedZone struct {
	text, above string
}

// withTLSA is a zone whose mail server has two TLSA records.
const withTLSA = `@ SOA ns.example. hostmaster.example. 1 3600 600 86400 300
@ NS ns.example.
@ MX 10 mx
mx A 192.0.2.25
_25._tcp.mx TLSA 3 1 1 1111111111111111111111111111111111111111111111111111111111111111
_25._tcp.mx TLSA 3 1 1 2222222222222222222222222222222222222222222222222222222222222222
`

// publish signs a zone, in one way or another.
func publish(t *testing.T, domain, text string, how signing) signedZone {
	t.Helper()
	zone, ds := testkit.Zone{Origin: domain + ".", Text: text}.Signed(t)
	switch how {
	case signedNot:
		return signedZone{text, ""}
	case signedNoDS:
		return signedZone{zone.Text, ""}
	case signedOther:
		_, other := testkit.Zone{Origin: domain + ".", Text: text}.Signed(t)
		return signedZone{zone.Text, other}
	case signedBefore:
		return signedZone{strings.Replace(zone.Text, "1111", "1112", 1), ds}
	case signedWell:
	}
	return signedZone{zone.Text, ds}
}

// serveSigned serves zones below a signed root, and returns a resolver that
// validates and one that does not.
func serveSigned(t *testing.T, zones map[string]signedZone) (validating, believing delivery.Resolver) {
	t.Helper()
	var root strings.Builder
	root.WriteString("@ SOA ns.example. hostmaster.example. 1 3600 600 86400 300\n@ NS ns.example.\nns.example. A 192.0.2.53\n")
	var all []testkit.Zone
	for _, domain := range slices.Sorted(maps.Keys(zones)) {
		root.WriteString(domain + ". NS ns.example.\n" + zones[domain].above + "\n")
		all = append(all, testkit.Zone{Origin: domain + ".", Text: zones[domain].text})
	}
	top, anchor := testkit.Zone{Origin: ".", Text: root.String()}.Signed(t)
	server := testkit.NSD(t, append(all, top)...)
	dial := func(addr string) delivery.Resolver {
		s, err := delivery.ParseDNSServer(addr)
		if err != nil {
			t.Fatal(err)
		}
		return client(t, delivery.ClientOptions{Servers: []delivery.DNSServer{s}})
	}
	return dial(testkit.Unbound(t, server, anchor)), dial(testkit.Unbound(t, server))
}

// signedFaults are signatures with one thing wrong. "dnssec-not-validated" is
// wrong with the resolver.
var signedFaults = []struct {
	id  string
	how signing
	mx  signing // of the zone of the mail server; "" when that is the same
}{
	{id: "dnssec-bogus", how: signedOther},
	{id: "dnssec-no-ds", how: signedNoDS},
	{id: "dnssec-unsigned", how: signedNot},
	{id: "dnssec-not-validated", how: signedWell},
	{id: "dane-bogus", how: signedBefore},
	{id: "dane-bogus", how: signedOther},
	{id: "dane-bogus", how: signedWell, mx: signedBefore},
	{id: "dane-insecure", how: signedNot},
	{id: "dane-insecure", how: signedWell, mx: signedNot},
	{id: "dane-mx-insecure", how: signedNot, mx: signedWell},
}

// Signatures are mended as the fixes say, in a zone behind a resolver that
// validates.
func TestSignedFaultsAndFixes(t *testing.T) {
	t.Parallel()
	zones := map[string]signedZone{}
	texts := map[string]string{}
	domainOf := func(i int) string { return "d" + string(rune('a'+i)) + ".example" }
	for i, f := range signedFaults {
		domain := domainOf(i)
		texts[domain] = withTLSA
		if f.mx != "" {
			texts["mx-"+domain] = withTLSA
			zones["mx-"+domain] = publish(t, "mx-"+domain, withTLSA, f.mx)
			texts[domain] = strings.Replace(withTLSA, "MX 10 mx", "MX 10 mx.mx-"+domain+".", 1)
		}
		zones[domain] = publish(t, domain, texts[domain], f.how)
	}
	validating, believing := serveSigned(t, zones)
	look := func(r delivery.Resolver, i int) check.Domain {
		return check.Check(t.Context(), domainOf(i), check.Options{Resolver: r, Only: []check.Standard{check.StandardDNSSEC, check.StandardDANE}})
	}
	mended := maps.Clone(zones)
	for i, f := range signedFaults {
		resolver := validating
		if f.id == "dnssec-not-validated" {
			resolver = believing
		}
		before := finding(look(resolver, i), f.id)
		if before.ID == "" {
			t.Fatalf("%s: no %s: %v", domainOf(i), f.id, ids(look(resolver, i)))
		}
		mendSigned(t, mended, texts, before.Fix)
	}
	validating, _ = serveSigned(t, mended)
	for i, f := range signedFaults {
		if after := look(validating, i); finding(after, f.id).ID != "" {
			t.Errorf("%s is still there at %s: %+v", f.id, domainOf(i), after.Findings)
		}
	}
}

// signing again is what a fix of signatures can ask for.
var signZone = regexp.MustCompile(`^sign the zone of (?:\S+\.)?((?:mx-)?d[a-z]\.example)\b`)

// mendSigned does what a fix says: it signs a zone and publishes its DS record, or
// publishes a DS record as it stands in the fix.
func mendSigned(t *testing.T, zones map[string]signedZone, texts map[string]string, fix string) {
	t.Helper()
	if m := signZone.FindStringSubmatch(fix); m != nil {
		zones[m[1]] = publish(t, m[1], texts[m[1]], signedWell)
		return
	}
	if domain, _, ok := strings.Cut(fix, ". IN DS "); ok {
		zones[domain] = signedZone{zones[domain].text, fix}
		return
	}
	if fix != "ask a resolver that validates: --resolver <resolver>" {
		t.Errorf("nobody knows how to do this: %q", fix)
	}
}
