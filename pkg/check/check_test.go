package check_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/pkg/check"
)

const key = `s1._domainkey.example.com. TXT "v=DKIM1; k=rsa; p={rsa2048}"` + "\n"

func options(t testing.TB, z zone) check.Options {
	return check.Options{Resolver: z.resolver(t), Selectors: []string{"s1"}, Now: clock}
}

func TestGoodDomain(t *testing.T) {
	d := check.Check(t.Context(), "Example.COM.", options(t, edited(t, withKeys(key))))
	if len(ids(d)) > 0 || d.Verdict != check.VerdictPass || d.Domain != "example.com" {
		t.Errorf("%s %s: %+v", d.Domain, d.Verdict, d.Findings)
	}
	if len(d.Records) != 9 {
		t.Errorf("records of %d standards", len(d.Records))
	}
}

// A fault is a zone with one thing wrong.
type fault struct {
	id    string
	edits string
	also  string // other findings, separated by spaces
	ip    string
	set   func(*world) // what else is as it should not be
}

// faults have what is found, and a fix that mends it.
var faults = []fault{
	{id: "mx-none", edits: "- example.com MX\n", also: "spf-void-lookup"},
	{id: "mx-implicit", edits: "- example.com MX\nexample.com. A 192.0.2.1\n- example.com TXT\nexample.com. TXT \"v=spf1 a -all\"\n", also: "dane-missing"},
	{id: "mx-null-with-others", edits: "example.com. MX 0 .\n"},
	{id: "mx-null-preference", edits: "- example.com MX\n- example.com TXT\n- s1._domainkey.example.com TXT\n*._domainkey.example.com. TXT \"v=DKIM1; p=\"\nexample.com. MX 10 .\nexample.com. TXT \"v=spf1 -all\"\n"},
	{id: "mx-address-literal", edits: "example.com. MX 30 192.0.2.7.\n"},
	{id: "mx-invalid-host", edits: "example.com. MX 30 localhost.\n"},
	{id: "mx-no-such-host", edits: "example.com. MX 30 gone.example.com.\n"},
	{id: "mx-alias", edits: "example.com. MX 30 alias.example.com.\nalias.example.com. CNAME mx3.example.com.\nmx3.example.com. A 192.0.2.3\n_25._tcp.mx3.example.com. TLSA 3 1 1 1111111111111111111111111111111111111111111111111111111111111111\n_25._tcp.mx3.example.com. TLSA 3 1 1 2222222222222222222222222222222222222222222222222222222222222222\n"},
	{id: "mx-private-address", edits: "mx1.example.com. A 10.0.0.1\n"},
	{id: "mx-only-ipv6", edits: "- mx1.example.com A\n- mx2.example.com A\nmx2.example.com. AAAA 2001:db8::2\n"},
	{id: "mx-duplicate", edits: "example.com. MX 30 mx1.example.com.\n"},
	{id: "mx-same-address", edits: "- mx2.example.com A\nmx2.example.com. A 192.0.2.1\n"},
	{id: "mx-ip-no-name", edits: "", ip: "192.0.2.1"},
	{id: "mx-ip-mismatch", edits: "1.2.0.192.in-addr.arpa. PTR other.example.com.\nother.example.com. A 192.0.2.9\n", ip: "192.0.2.1"},
	{id: "mx-ip-generic", edits: "1.2.0.192.in-addr.arpa. PTR 192-0-2-1.dsl.example.net.\n192-0-2-1.dsl.example.net. A 192.0.2.1\n", ip: "192.0.2.1"},
	{id: "mx-ip-private", edits: "1.2.0.192.in-addr.arpa. PTR mx1.example.com.\n- example.com TXT\nexample.com. TXT \"v=spf1 mx ip4:10.0.0.1 -all\"\n", ip: "10.0.0.1"},

	{id: "spf-missing", edits: "- example.com TXT\n"},
	{id: "spf-several-records", edits: "example.com. TXT \"v=spf1 ip4:192.0.2.9 ~all\"\n"},
	{id: "spf-not-a-record", edits: "- example.com TXT\nexample.com. TXT \" v=spf1 mx -all\"\n"},
	{id: "spf-syntax", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx ipv4:192.0.2.9 -all\"\n"},
	{id: "spf-too-many-lookups", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 a:a1.example.com a:a2.example.com a:a3.example.com a:a4.example.com a:a5.example.com a:a6.example.com a:a7.example.com a:a8.example.com a:a9.example.com a:a10.example.com a:a11.example.com -all\"\n" + hosts("a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11")},
	{id: "spf-too-many-void", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx a:v1.example.com a:v2.example.com a:v3.example.com -all\"\n"},
	{id: "spf-too-many-mx", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 ip4:192.0.2.1 mx:m.example.com -all\"\n" + exchangers(11)},
	{id: "spf-loop", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx include:example.com -all\"\n"},
	{id: "spf-include-missing", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx include:gone.example.com -all\"\n"},
	{id: "spf-include-broken", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx include:b.example.com -all\"\nb.example.com. TXT \"v=spf1 ipv4:192.0.2.7 -all\"\n"},
	{id: "spf-bad-target", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx a:" + strings.Repeat("x", 64) + ".example.com -all\"\n"},
	{id: "spf-pass-all", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx +all\"\n"},
	{id: "spf-ip-not-allowed", edits: "9.2.0.192.in-addr.arpa. PTR out.example.com.\nout.example.com. A 192.0.2.9\n", ip: "192.0.2.9"},
	{id: "spf-neutral-all", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx ?all\"\n"},
	{id: "spf-no-all", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx\"\n"},
	{id: "spf-ptr", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx ptr -all\"\n"},
	{id: "spf-behind-all", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx -all ip4:192.0.2.9\"\n"},
	{id: "spf-redirect-ignored", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx -all redirect=b.example.com\"\nb.example.com. TXT \"v=spf1 -all\"\n"},
	{id: "spf-void-lookup", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx a:gone.example.com -all\"\n"},
	{id: "spf-long-record", edits: "example.com. TXT \"" + strings.Repeat("x", 250) + "\" \"" + strings.Repeat("y", 250) + "\"\n"},
	{id: "spf-wide-network", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx ip4:198.0.0.0/8 -all\"\n"},
	{id: "spf-redundant", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx ip4:192.0.2.1 -all\"\n"},
	{id: "spf-unknown-modifier", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx -all flavour=sweet\"\n"},
	{id: "spf-retired-type", edits: "example.com. SPF \"v=spf1 mx -all\"\n"},

	{id: "dkim-selector-missing", edits: "- s1._domainkey.example.com TXT\n", also: "dmarc-reject-without-dkim"},
	{id: "dkim-dangling-alias", edits: "- s1._domainkey.example.com TXT\ns1._domainkey.example.com. CNAME s1.keys.example.net.\n"},
	{id: "dkim-several-records", edits: `s1._domainkey.example.com. TXT "v=DKIM1; k=ed25519; p={ed25519}"` + "\n"},
	{id: "dkim-revoked", edits: "- s1._domainkey.example.com TXT\ns1._domainkey.example.com. TXT \"v=DKIM1; p=\"\n"},
	{id: "dkim-version", edits: key1("k=rsa; v=DKIM1; p={rsa2048}")},
	{id: "dkim-no-key", edits: key1("v=DKIM1; k=rsa")},
	{id: "dkim-repeated-tag", edits: key1("v=DKIM1; k=rsa; k=rsa; p={rsa2048}")},
	{id: "dkim-not-a-tag", edits: key1("v=DKIM1;; k=rsa; p={rsa2048}")},
	{id: "dkim-key-type", edits: key1("v=DKIM1; k=dsa; p={rsa2048}")},
	{id: "dkim-base64", edits: key1("v=DKIM1; p=%%%")},
	{id: "dkim-pem", edits: key1("v=DKIM1; p=-----BEGIN PUBLIC KEY-----{rsa2048}-----END PUBLIC KEY-----")},
	{id: "dkim-quotes", edits: key1(`v=DKIM1\\; k=rsa\\; p={rsa2048}`)},
	{id: "dkim-malformed-key", edits: key1("v=DKIM1; p=MIIBIjANBgkqhkiG")},
	{id: "dkim-key-too-short", edits: key1("v=DKIM1; p={rsa512}")},
	{id: "dkim-large-key", edits: key1("v=DKIM1; p={rsa8192}")},
	{id: "dkim-ed25519-asn1", edits: key1("v=DKIM1; k=ed25519; p={ed25519-asn1}")},
	{id: "dkim-type-mismatch", edits: key1("v=DKIM1; k=ed25519; p={rsa2048}")},
	{id: "dkim-hash", edits: key1("v=DKIM1; h=sha1; p={rsa2048}")},
	{id: "dkim-service", edits: key1("v=DKIM1; s=tlsrpt; p={rsa2048}")},
	{id: "dkim-short-key", edits: key1("v=DKIM1; p={rsa1024}")},
	{id: "dkim-testing", edits: key1("v=DKIM1; t=y:s; p={rsa2048}")},
	{id: "dkim-wildcard", edits: "*._domainkey.example.com. TXT \"v=spf1 -all\"\n"},
	{id: "dkim-wildcard", edits: "*._domainkey.example.com. CNAME keys.example.net.\nkeys.example.net. TXT \"v=DKIM1; p={rsa2048}\"\n"},
	{id: "dkim-old-hash", edits: key1("v=DKIM1; h=sha1:sha256; p={rsa2048}")},
	{id: "dkim-pkcs1", edits: key1("v=DKIM1; p={rsa2048-pkcs1}")},
	{id: "dkim-syntax", edits: key1("v=DKIM1; g=*; p={rsa2048}")},

	{id: "dmarc-missing", edits: "- _dmarc.example.com TXT\n"},
	{id: "dmarc-several-records", edits: "_dmarc.example.com. TXT \"v=DMARC1; p=none\"\n"},
	{id: "dmarc-not-a-record", edits: dmarc1("p=reject; v=DMARC1; rua=mailto:d@example.com")},
	{id: "dmarc-unusable", edits: dmarc1("v=DMARC1; p=block")},
	{id: "dmarc-invalid-policy", edits: dmarc1("v=DMARC1; p=rejekt; rua=mailto:d@example.com")},
	{id: "dmarc-no-policy", edits: dmarc1("v=DMARC1; rua=mailto:d@example.com")},
	{id: "dmarc-report-address", edits: dmarc1("v=DMARC1; p=reject; rua=d@example.com")},
	{id: "dmarc-report-not-authorized", edits: dmarc1("v=DMARC1; p=reject; rua=mailto:d@example.net")},
	{id: "dmarc-report-override", edits: dmarc1("v=DMARC1; p=reject; rua=mailto:d@example.net") + "example.com._report._dmarc.example.net. TXT \"v=DMARC1; rua=mailto:d@example.org\"\n"},
	{id: "dmarc-policy-none", edits: dmarc1("v=DMARC1; p=none; rua=mailto:d@example.com")},
	{id: "dmarc-weak-subdomains", edits: dmarc1("v=DMARC1; p=reject; sp=none; rua=mailto:d@example.com")},
	{id: "dmarc-test-mode", edits: dmarc1("v=DMARC1; p=reject; t=y; rua=mailto:d@example.com")},
	{id: "dmarc-no-reports", edits: dmarc1("v=DMARC1; p=reject")},
	{id: "dmarc-invalid-value", edits: dmarc1("v=DMARC1; p=reject; adkim=x; rua=mailto:d@example.com")},
	{id: "dmarc-syntax", edits: dmarc1("v=DMARC1; p=reject; p=none; rua=mailto:d@example.com")},
	{id: "dmarc-public-suffix", edits: dmarc1("v=DMARC1; p=reject; psd=y; rua=mailto:d@example.com")},
	{id: "dmarc-historic-tag", edits: dmarc1("v=DMARC1; p=reject; pct=100; rua=mailto:d@example.com")},
	{id: "dmarc-unknown-tag", edits: dmarc1("v=DMARC1; p=reject; x=1; rua=mailto:d@example.com")},
	{id: "dmarc-uri-size", edits: dmarc1("v=DMARC1; p=reject; rua=mailto:d@example.com!10m")},
	{id: "dmarc-fo-without-ruf", edits: dmarc1("v=DMARC1; p=reject; fo=1; rua=mailto:d@example.com")},
	{id: "dmarc-policy-order", edits: dmarc1("v=DMARC1; rua=mailto:d@example.com; p=reject")},

	{id: "mtasts-missing", edits: "- _mta-sts.example.com TXT\n"},
	{id: "mtasts-several-records", edits: "_mta-sts.example.com. TXT \"v=STSv1; id=2\"\n"},
	{id: "mtasts-not-a-record", edits: "- _mta-sts.example.com TXT\n_mta-sts.example.com. TXT \"v=STS1; id=2\"\n"},
	{id: "mtasts-invalid-record", edits: "- _mta-sts.example.com TXT\n_mta-sts.example.com. TXT \"v=STSv1; id=2-3\"\n"},
	{id: "tlsrpt-missing", edits: "- _smtp._tls.example.com TXT\n"},
	{id: "tlsrpt-several-records", edits: "_smtp._tls.example.com. TXT \"v=TLSRPTv1; rua=mailto:x@example.com\"\n"},
	{id: "tlsrpt-not-a-record", edits: "- _smtp._tls.example.com TXT\n_smtp._tls.example.com. TXT \"v=TLSRPT1; rua=mailto:x@example.com\"\n"},
	{id: "tlsrpt-unusable", edits: "- _smtp._tls.example.com TXT\n_smtp._tls.example.com. TXT \"v=TLSRPTv1; rua=x@example.com\"\n"},
	{id: "tlsrpt-syntax", edits: "- _smtp._tls.example.com TXT\n_smtp._tls.example.com. TXT \"v=TLSRPTv1; rua=mailto:x@example.com; rua=mailto:y@example.com\"\n"},

	{id: "dane-missing", edits: "- _25._tcp.mx1.example.com TLSA\n- _25._tcp.mx2.example.com TLSA\n"},
	{id: "dane-partial", edits: "- _25._tcp.mx1.example.com TLSA\n"},
	{id: "dane-unusable", edits: "- _25._tcp.mx1.example.com TLSA\n_25._tcp.mx1.example.com. TLSA 1 1 1 1111111111111111111111111111111111111111111111111111111111111111\n"},
	{id: "dane-record", edits: "_25._tcp.mx1.example.com. TLSA 1 1 1 1111111111111111111111111111111111111111111111111111111111111111\n"},
	{id: "dane-exact-match", edits: "_25._tcp.mx1.example.com. TLSA 3 1 0 " + spki + "\n"},
	{id: "dane-single-record", edits: "- _25._tcp.mx1.example.com TLSA\n_25._tcp.mx1.example.com. TLSA 3 1 1 1111111111111111111111111111111111111111111111111111111111111111\n"},

	{id: "bimi-several-records", edits: "default._bimi.example.com. TXT \"v=BIMI1; l=; a=\"\ndefault._bimi.example.com. TXT \"v=BIMI1; l=https://example.com/a.svg\"\n"},
	{id: "bimi-invalid-record", edits: "default._bimi.example.com. TXT \"v=BIMI1; l=http://example.com/a.svg\"\n"},
	{id: "bimi-no-certificate", edits: "default._bimi.example.com. TXT \"v=BIMI1; l=https://example.com/a.svg\"\n"},
	{id: "bimi-dmarc-policy", edits: dmarc1("v=DMARC1; p=none; rua=mailto:d@example.com") + "default._bimi.example.com. TXT \"v=BIMI1; l=https://example.com/a.svg; a=https://example.com/a.pem\"\n", also: "dmarc-policy-none"},

	{id: "parked-no-null-mx", edits: "- example.com MX\n- example.com TXT\n- s1._domainkey.example.com TXT\n*._domainkey.example.com. TXT \"v=DKIM1; p=\"\nexample.com. TXT \"v=spf1 -all\"\n"},
	{id: "parked-spf", edits: nullMX + "- example.com TXT\n- s1._domainkey.example.com TXT\n*._domainkey.example.com. TXT \"v=DKIM1; p=\"\n"},
	{id: "parked-dmarc", edits: nullMX + noSenders + dmarc1("v=DMARC1; p=none; t=y")},
	{id: "parked-dkim", edits: nullMX + "- example.com TXT\n- s1._domainkey.example.com TXT\nexample.com. TXT \"v=spf1 -all\"\n", also: "dkim-selector-missing"},
	{id: "parked-null-mx-with-senders", edits: nullMX + "- example.com TXT\nexample.com. TXT \"v=spf1 ip4:192.0.2.9 -all\"\n- s1._domainkey.example.com TXT\n*._domainkey.example.com. TXT \"v=DKIM1; p=\"\n"},
	{id: "parked-null-mx-with-keys", edits: nullMX + "- example.com TXT\nexample.com. TXT \"v=spf1 -all\"\n"},
}

const (
	// spki is an Ed25519 public key in ASN.1 (RFC 8410 §10.1).
	spki      = "302a300506032b657003210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"
	nullMX    = "- example.com MX\nexample.com. MX 0 .\n"
	noSenders = "- example.com TXT\nexample.com. TXT \"v=spf1 -all\"\n- s1._domainkey.example.com TXT\n*._domainkey.example.com. TXT \"v=DKIM1; p=\"\n"
)

func key1(record string) string {
	return "- s1._domainkey.example.com TXT\ns1._domainkey.example.com. TXT \"" + record + "\"\n"
}

func dmarc1(record string) string {
	return "- _dmarc.example.com TXT\n_dmarc.example.com. TXT \"" + record + "\"\n"
}

func hosts(names string) string {
	var b strings.Builder
	for i, name := range strings.Fields(names) {
		b.WriteString(name + ".example.com. A 192.0.2." + string(rune('0'+i%10)) + string(rune('0'+i/10)) + "\n")
	}
	return strings.ReplaceAll(b.String(), "192.0.2.0", "198.51.100.")
}

func exchangers(n int) string {
	var b strings.Builder
	for i := range n {
		name := "m" + string(rune('a'+i)) + ".example.com."
		b.WriteString("m.example.com. MX 10 " + name + "\n" + name + " A 198.51.100.1\n")
	}
	return b.String()
}

// What is found is the fault, and when somebody did what its fix says, it is gone
// and nothing else is broken.
func TestFaultsAndFixes(t *testing.T) {
	for _, test := range slices.Concat(faults, otherFaults, webFaults) {
		t.Run(test.id, func(t *testing.T) {
			w := newWorld(t, test)
			before := w.check()
			want := append(strings.Fields(test.also), test.id)
			if got := ids(before); !sameIDs(got, want) {
				t.Fatalf("found %v, want %v\n%+v", got, want, before.Findings)
			}
			fix := finding(before, test.id).Fix
			w.carryOut(fix)
			after := w.check()
			if left := finding(after, test.id); left.ID != "" {
				t.Errorf("still there after\n%s\n%+v", fix, left)
			}
			for _, id := range ids(after) {
				if finding(after, id).Severity == check.SeverityError && !slices.Contains(want, id) {
					t.Errorf("the fix brings %s\n%s", id, fix)
				}
			}
		})
	}
}

// editedKey edits the good zone with a good key in it.
func editedKey(t testing.TB, edits string) zone {
	t.Helper()
	const drop = "- s1._domainkey.example.com TXT\n"
	rest, dropped := strings.Replace(edits, drop, "", 1), strings.Contains(edits, drop)
	if !dropped {
		rest += key
	}
	return edited(t, withKeys(rest))
}

func sameIDs(got, want []string) bool {
	slices.Sort(want)
	return slices.Equal(got, slices.Compact(want))
}

// What is at every name of a domain is taken away where it stands, and left alone when
// it is not about DKIM.
func TestWildcardAtTheDomain(t *testing.T) {
	const noKey = "- s1._domainkey.example.com TXT\n"
	for _, test := range []struct{ name, edits, subject, fix string }{
		{"SPF", noKey + "*.example.com. TXT \"v=spf1 -all\"\n", "", ""},
		{"alias", noKey + "*.example.com. CNAME example.com.\n", "", ""},
		{
			"key and SPF", noKey + "*.example.com. TXT \"v=DKIM1; k=ed25519; p={ed25519}\"\n*.example.com. TXT \"v=spf1 -all\"\n",
			"*.example.com", withKeys("; remove: *.example.com. IN TXT \"v=DKIM1; k=ed25519; p={ed25519}\""),
		},
		{
			"two records", "*._domainkey.example.com. TXT \"a\"\n*._domainkey.example.com. TXT \"b\"\n",
			"*._domainkey.example.com", "; remove: *._domainkey.example.com. TXT \"a\"\n; remove: *._domainkey.example.com. TXT \"b\"",
		},
		{
			"alias to a key", "*._domainkey.example.com. CNAME k.example.net.\nk.example.net. TXT \"v=DKIM1; k=ed25519; p={ed25519}\"\n",
			"*._domainkey.example.com", "; remove: *._domainkey.example.com. CNAME k.example.net.",
		},
	} {
		got := finding(newWorld(t, fault{edits: test.edits}).check(), "dkim-wildcard")
		if got.Subject != test.subject || got.Fix != test.fix {
			t.Errorf("%s: about %q: %q, want %q", test.name, got.Subject, got.Fix, test.fix)
		}
	}
}

// Nothing stands beside an alias: what mends a record is for the name at its end.
func TestFixesAtTheEndOfAliases(t *testing.T) {
	for _, test := range []struct{ id, name, wrong string }{
		{"mtasts-invalid-record", "_mta-sts.example.com", "v=STSv1; id=a-b"},
		{"mtasts-not-a-record", "_mta-sts.example.com", "v=STS1; id=2"},
		{"tlsrpt-unusable", "_smtp._tls.example.com", "v=TLSRPTv1; rua=x@example.com"},
		{"tlsrpt-syntax", "_smtp._tls.example.com", "v=TLSRPTv1; rua=mailto:x@example.com; rua=mailto:y@example.com"},
		{"dmarc-policy-none", "_dmarc.example.com", "v=DMARC1; p=none; rua=mailto:d@example.com"},
	} {
		edits := "- " + test.name + " TXT\n" + test.name + ". CNAME there.example.net.\nthere.example.net. TXT \"" + test.wrong + "\"\n"
		got := finding(newWorld(t, fault{edits: edits}).check(), test.id)
		if !strings.HasPrefix(got.Fix, "there.example.net. IN TXT ") {
			t.Errorf("%s: %q", test.id, got.Fix)
		}
	}
	got := finding(newWorld(t, fault{edits: "- _mta-sts.example.com TXT\n_mta-sts.example.com. CNAME there.example.net.\nthere.example.net. TXT \"v=spf1 include:hosts.example -all\"\n"}).check(), "mtasts-missing")
	if !strings.Contains(got.Fix, "\n_mta-sts.example.com. IN TXT ") {
		t.Errorf("no record at the end of an alias: %q", got.Fix)
	}
	for text, id := range map[string]string{"v=spf1 mx +all": "spf-pass-all", "v=spf1 a:a.example a:b.example a:c.example ip4:192.0.2.1 -all": "spf-too-many-void"} {
		z := parseZone(t, "alias.example. CNAME there.example.\nthere.example. MX 10 mx.example.\nthere.example. TXT \""+text+"\"\nmx.example. A 192.0.2.2\n")
		got := finding(check.Check(t.Context(), "alias.example", check.Options{Resolver: z.resolver(t), Only: []check.Standard{check.StandardSPF}, Now: clock}), id)
		if !strings.HasPrefix(got.Fix, "there.example. IN TXT ") {
			t.Errorf("%s: %q", id, got.Fix)
		}
	}
}
