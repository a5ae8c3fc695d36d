package check_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/check"
)

// good is a domain about which there is nothing to say.
const good = `
example.com. SOA ns.example.com. hostmaster.example.com. 1 3600 600 86400 60
example.com. DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==
example.com. MX 10 mx1.example.com.
example.com. MX 20 mx2.example.com.
example.com. TXT "v=spf1 mx -all"
example.com. TXT "some-verification=1"
mx1.example.com. A 192.0.2.1
mx1.example.com. AAAA 2001:db8::1
mx2.example.com. A 192.0.2.2
_25._tcp.mx1.example.com. TLSA 3 1 1 1111111111111111111111111111111111111111111111111111111111111111
_25._tcp.mx1.example.com. TLSA 3 1 1 2222222222222222222222222222222222222222222222222222222222222222
_25._tcp.mx2.example.com. TLSA 3 1 1 1111111111111111111111111111111111111111111111111111111111111111
_25._tcp.mx2.example.com. TLSA 2 1 1 2222222222222222222222222222222222222222222222222222222222222222
_dmarc.example.com. TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.com"
_mta-sts.example.com. TXT "v=STSv1; id=1"
_smtp._tls.example.com. TXT "v=TLSRPTv1; rua=mailto:tls@example.com"
`

// A zone is the records of a test.
type zone []dns.RR

func parseZone(t testing.TB, text string) zone {
	t.Helper()
	var z zone
	parser := dns.NewZoneParser(strings.NewReader(text), ".", "")
	parser.SetDefaultTTL(300)
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		z = append(z, rr)
	}
	if err := parser.Err(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return z
}

func (z zone) String() string {
	var b strings.Builder
	for _, rr := range z {
		b.WriteString(rr.String() + "\n")
	}
	return b.String()
}

// replacing puts records into the zone as somebody would who pastes a fix: in
// place of those of the same name and type, among the TXT records of a domain
// only in place of those that are about SPF. What is to be removed goes.
func (z zone) replacing(t testing.TB, fix string) zone {
	t.Helper()
	result := slices.Clone(z)
	pasted := parseZone(t, fix)
	for _, rr := range pasted {
		result = slices.DeleteFunc(result, func(old dns.RR) bool { return serveTheSame(old, rr) })
	}
	for line := range strings.Lines(fix) {
		if gone, ok := strings.CutPrefix(strings.TrimSpace(line), "; remove: "); ok {
			for _, rr := range parseZone(t, gone) {
				n := len(result)
				result = slices.DeleteFunc(result, func(old dns.RR) bool { return dns.IsDuplicate(old, rr) })
				if len(result) == n {
					t.Errorf("the fix removes what is not there: %s", gone)
				}
			}
		}
	}
	return append(result, pasted...)
}

func serveTheSame(a, b dns.RR) bool {
	if !strings.EqualFold(a.Header().Name, b.Header().Name) || a.Header().Rrtype != b.Header().Rrtype {
		return false
	}
	txt, ok := a.(*dns.TXT)
	return !ok || strings.HasPrefix(a.Header().Name, "_") || strings.Contains(a.Header().Name, "._") ||
		strings.Contains(strings.ToLower(strings.Join(txt.Txt, "")), "spf")
}

// edited makes a zone from the good one: "- NAME TYPE" takes records away, other
// lines add some.
func edited(t testing.TB, edits string) zone {
	t.Helper()
	z := parseZone(t, good)
	var added []string
	for line := range strings.Lines(edits) {
		fields := strings.Fields(line)
		if len(fields) == 3 && fields[0] == "-" {
			n := len(z)
			z = slices.DeleteFunc(z, func(rr dns.RR) bool {
				return rr.Header().Name == fields[1]+"." && dns.Type(rr.Header().Rrtype).String() == fields[2] && !strings.Contains(rr.String(), "verification")
			})
			if len(z) == n {
				t.Fatalf("nothing is taken away by %q", line)
			}
			continue
		}
		added = append(added, line)
	}
	return append(z, parseZone(t, strings.Join(added, ""))...)
}

func (z zone) resolver(t testing.TB) *zonetest.Resolver {
	t.Helper()
	return zonetest.New(t, z.String()).Sign()
}

// ids are those of findings that are no praise, sorted, each once.
func ids(d check.Domain) []string {
	var list []string
	for _, f := range d.Findings {
		if f.Severity != check.SeverityOK {
			list = append(list, f.ID)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func finding(d check.Domain, id string) check.Finding {
	for _, f := range d.Findings {
		if f.ID == id {
			return f
		}
	}
	return check.Finding{}
}

func clock() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) }

// keys are public keys in base64, made once.
var keys = sync.OnceValue(func() map[string]string {
	made := map[string]string{}
	for name, bits := range map[string]int{"rsa1024": 1024, "rsa2048": 2048} {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			panic(err)
		}
		der, _ := x509.MarshalPKIXPublicKey(&key.PublicKey)
		made[name] = base64.StdEncoding.EncodeToString(der)
		made[name+"-pkcs1"] = base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(&key.PublicKey))
	}
	for name, bits := range map[string]uint{"rsa512": 512, "rsa8192": 8192} {
		modulus := new(big.Int).Lsh(big.NewInt(3), bits-2) // nobody verifies with it
		der, _ := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: modulus.Add(modulus, big.NewInt(1)), E: 65537})
		made[name] = base64.StdEncoding.EncodeToString(der)
	}
	public, _, _ := ed25519.GenerateKey(rand.Reader)
	der, _ := x509.MarshalPKIXPublicKey(public)
	made["ed25519"] = base64.StdEncoding.EncodeToString(public)
	made["ed25519-asn1"] = base64.StdEncoding.EncodeToString(der)
	return made
})

// withKeys puts keys in place of {rsa2048} and the like, cut into strings.
func withKeys(text string) string {
	for name, key := range keys() {
		var parts []string
		for ; len(key) > 200; key = key[200:] {
			parts = append(parts, key[:200])
		}
		text = strings.ReplaceAll(text, "{"+name+"}", strings.Join(append(parts, key), `" "`))
	}
	return text
}
