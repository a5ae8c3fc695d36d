package check_test

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/spf"
)

// spfWorld is where the records of the tests stand.
const spfWorld = `
example.com. MX 10 mx.example.com.
example.com. A 192.0.2.5
example.com. AAAA 2001:db8:2::5
mx.example.com. A 192.0.2.1
mx.example.com. AAAA 2001:db8:2::1
host.example.com. A 192.0.2.2
host.example.com. AAAA 2001:db8:2::2
relay.example.com. TXT "v=spf1 ip4:198.51.100.0/28 -all"
open.example.com. TXT "v=spf1 +all"
broken.example.com. TXT "v=spf1 ip4:192.0.2.300 -all"
9.2.0.192.in-addr.arpa. PTR out.example.com.
out.example.com. A 192.0.2.9
192.0.2.4.x.example.com. A 127.0.0.2
`

// spfClients are servers that some of the records let pass.
var spfClients = []string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.9", "198.51.100.7", "198.1.2.3", "203.0.113.5", "2001:db8::1"}

// spfTerms are terms of which records are made, whole ones and broken ones; some of
// them refuse, or are there for nobody to pass.
var spfTerms = struct{ senders, others []string }{
	senders: []string{
		"mx", "a:host.example.com", "ip4:192.0.2.3", "ip6:2001:db8::/64", "include:relay.example.com", "exists:%{i}.x.example.com", "ptr",
		"redirect=relay.example.com", "+all", "ip4:198.0.0.0/8", "include:open.example.com", "redirect=open.example.com",
		"a", "a:gone.example.com", "include:gone.example.com", "include:example.com", "include:broken.example.com", "redirect=example.com", "ip4=192.0.2.3", "ip4=here",
		"include:relay.example.com,host.example.com", "a:host.example.com;mx",
		"mx,", "ip4:192.0.2.300", "ip4:192.0.2.3,192.0.2.4", "ipv4:192.0.2.3", "include", "relay.example.com", "include:", "ip4:", "192.0.2.4",
		"a:192.0.2.2", "mx/33", "all,", "foo", "redirect:relay.example.com", "inclde:relay.example.com", "mx\ta", "%{i}",
	},
	others: []string{"-all", "~all", "-all", "~all", "–all", "-all;", "flavour=sweet", "-ip4:192.0.2.3", "~include:relay.example.com", "exp=why.example.com"},
}

// Whatever is wrong with a record, what is offered in its place is valid, and lets
// those pass whom the terms that can be understood let pass.
func TestOfferedSPF(t *testing.T) {
	const records, most = 1000, 6
	random := rand.New(rand.NewPCG(1, 2))
	offered := 0
	for range records {
		var terms []string
		for range 1 + random.IntN(most) {
			if random.IntN(3) > 0 {
				terms = append(terms, spfTerms.senders[random.IntN(len(spfTerms.senders))])
			} else {
				terms = append(terms, spfTerms.others[random.IntN(len(spfTerms.others))])
			}
		}
		text := spf.Version + " " + strings.Join(terms, " ")
		for _, f := range checkSPF(t, text).Findings {
			for _, record := range offeredSPF(t, f.Fix) {
				offered++
				judgeOffer(t, text, f.ID, record, isClosed(terms))
			}
		}
	}
	if offered < records/2 {
		t.Errorf("only %d records were offered", offered)
	}
}

// isClosed reports whether a record is to let nobody pass. What stands behind its
// end does not make it an open one.
func isClosed(terms []string) bool {
	if !slices.ContainsFunc(terms, func(term string) bool { return term != "+all" && slices.Contains(spfTerms.senders, term) }) {
		i := slices.IndexFunc(terms, func(term string) bool { return strings.Contains(term, "all") })
		return i >= 0 && terms[i] != "+all"
	}
	return false
}

func judgeOffer(t *testing.T, text, id, record string, closed bool) {
	t.Helper()
	parsed, err := spf.Parse(record)
	if err != nil {
		t.Errorf("%s: %q is offered for %q: %v", id, record, text, err)
		return
	}
	if !closed && !slices.ContainsFunc(parsed.Terms, func(term spf.Term) bool {
		return term.Kind == spf.KindRedirect || term.Kind.IsMechanism() && term.Kind != spf.KindAll && term.Qualifier == spf.QualifierPass
	}) {
		t.Errorf("%s: %q is offered for %q, and lets nobody pass", id, record, text)
	}
	before, after := spfPasses(t, understood(text)), spfPasses(t, record)
	switch id {
	case "spf-pass-all", "spf-ptr": // it is said in words, or the aim, that fewer pass
		if len(before) > 0 && len(after) == 0 {
			t.Errorf("%s: nobody of %v passes by %q, offered for %q", id, before, record, text)
		}
	default:
		for _, client := range before {
			if !slices.Contains(after, client) {
				t.Errorf("%s: %s no longer passes by %q, offered for %q", id, client, record, text)
			}
		}
	}
}

// understood is a record without the terms that are not valid.
func understood(text string) string {
	record, _ := spf.Parse(text)
	whole := []string{spf.Version}
	for _, term := range record.Terms {
		if term.Err == nil {
			whole = append(whole, term.Text)
		}
	}
	return strings.Join(whole, " ")
}

func spfZone(t *testing.T, texts ...string) zone {
	t.Helper()
	z := parseZone(t, spfWorld)
	for _, text := range texts {
		z = append(z, parseZone(t, `example.com. TXT "`+strings.ReplaceAll(text, ";", `\;`)+`"`)...)
	}
	return z
}

func checkSPF(t *testing.T, texts ...string) check.Domain {
	t.Helper()
	return check.Check(t.Context(), "example.com", check.Options{
		Resolver: spfZone(t, texts...).resolver(t), Only: []check.Standard{check.StandardSPF}, Now: clock,
	})
}

// spfPasses returns the clients that pass by a record.
func spfPasses(t *testing.T, text string) []string {
	t.Helper()
	resolver := spfZone(t, text).resolver(t)
	var passing []string
	for _, client := range spfClients {
		q := spf.Query{IP: netip.MustParseAddr(client), MailFrom: "news@example.com", Helo: "mx.example.com"}
		if spf.Check(t.Context(), resolver, q).Status == spf.Pass {
			passing = append(passing, client)
		}
	}
	return passing
}

// What is offered for an address that does not pass lets it pass.
func TestSPFOfferForAddress(t *testing.T) {
	for text, want := range map[string]string{
		"v=spf1 mx ip4=192.0.2.3 -all":                  "v=spf1 ip4:192.0.2.3 mx -all",
		"v=spf1 -ip4:192.0.2.3 ip4:192.0.2.3 ~all":      "v=spf1 ip4:192.0.2.3 -ip4:192.0.2.3 ~all",
		"v=spf1 mx ip4=here redirect=relay.example.com": "v=spf1 ip4:192.0.2.3 mx ip4=here redirect=relay.example.com",
	} {
		d := check.Check(t.Context(), "example.com", check.Options{
			Resolver: spfZone(t, text).resolver(t), Only: []check.Standard{check.StandardSPF}, Now: clock, IPs: []netip.Addr{netip.MustParseAddr("192.0.2.3")},
		})
		got := offeredSPF(t, finding(d, "spf-ip-not-allowed").Fix)
		if len(got) != 1 || got[0] != want || !slices.Contains(spfPasses(t, got[0]), "192.0.2.3") {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// offeredSPF returns the SPF records in a fix, wherever they stand in it.
func offeredSPF(t *testing.T, fix string) []string {
	t.Helper()
	var records []string
	for line := range strings.Lines(fix) {
		_, text, ok := strings.Cut(line, ` IN TXT "`)
		if !ok {
			continue
		}
		text = strings.ReplaceAll(strings.TrimSuffix(strings.TrimSpace(text), `"`), `" "`, "")
		if !strings.HasPrefix(text, spf.Version) {
			t.Errorf("no SPF record: %q", line)
		}
		records = append(records, text)
	}
	return records
}

// What is offered for records that are broken in the ways that people break them.
func TestSPFOffers(t *testing.T) {
	const words = ""
	for _, test := range []struct{ text, id, want string }{
		{"v=spf1 mx, -all", "spf-syntax", "v=spf1 mx -all"},
		{"v=spf1 ip4:192.0.2.1,192.0.2.2 -all", "spf-syntax", "v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 -all"},
		{"v=spf1 include relay.example.com -all", "spf-syntax", "v=spf1 include:relay.example.com -all"},
		{"v=spf1 include:relay.example.com,include:host.example.com -all", "spf-include-missing", "v=spf1 include:relay.example.com include:host.example.com -all"},
		{"v=spf1 ip4=192.0.2.3 -all", "spf-unknown-modifier", "v=spf1 ip4:192.0.2.3 -all"},
		{"v=spf1 mx ip4:192.0.2.300 -all", "spf-syntax", words},
		{"v=spf1 ip4:192.0.2.300 -all", "spf-syntax", words},
		{"v=spf1 ptr -all", "spf-ptr", words},
		{"v=spf1 a:gone.example.com ptr -all", "spf-ptr", words},
		{"v=spf1 include:example.com -all", "spf-loop", words},
		{"v=spf1 redirect=relay.example.com -all", "spf-redirect-ignored", words},
		{"v=spf1 -all mx", "spf-behind-all", words},
		{"v=spf1 include:gone.example.com -all", "spf-include-missing", words},
		{"v=spf1 include:broken.example.com -all", "spf-include-broken", words},
		{"v=spf1 a:gone.example.com -all", "spf-void-lookup", words},
		{"v=spf1 a:v1.example.com a:v2.example.com a:v3.example.com -all", "spf-too-many-void", words},
		{"v=spf1 +all", "spf-pass-all", words},
		{"v=spf1 ?all", "spf-neutral-all", words},
		{"v=spf1", "spf-no-all", words},
		{"v=spf1 ip4:198.0.0.0/8 -all", "spf-wide-network", words},
		{"v=spf1" + strings.Repeat(" exists:%{i}.x.example.com", 11) + " -all", "spf-too-many-lookups", "v=spf1" + strings.Repeat(" exists:%{i}.x.example.com", 10) + " -all"},
		{"v=spf1 -all flavour=sweet", "spf-unknown-modifier", "v=spf1 -all"},
		{" v=spf1 mx ip4:192.0.2.3 -all", "spf-not-a-record", "v=spf1 mx ip4:192.0.2.3 -all"},
		{"v=spf1;mx;ip4:192.0.2.3;-all", "spf-not-a-record", "v=spf1 mx ip4:192.0.2.3 -all"},
		{"v=spf2 ip4:192.0.2.3 -all", "spf-not-a-record", words},
	} {
		fix := finding(checkSPF(t, test.text), test.id).Fix
		got := strings.Join(offeredSPF(t, fix), "\n")
		if got != test.want || fix == "" {
			t.Errorf("%q: %s offers %q, want %q\n%s", test.text, test.id, got, test.want, fix)
		}
	}
	for want, texts := range map[string][]string{
		"v=spf1 mx ip4:192.0.2.3 ~all":             {"v=spf1 mx -all", "v=spf1 ip4:192.0.2.3, ~all"},
		"v=spf1 mx include:relay.example.com ~all": {"v=spf1 mx exp=why.example.com -all", "v=spf1 redirect=relay.example.com", "v=spf1 exp=x.example.com -all"},
		words: {"v=spf1 mx -all", "v=spf1 ip4:192.0.2.300 -all"},
	} {
		if got := strings.Join(offeredSPF(t, finding(checkSPF(t, texts...), "spf-several-records").Fix), "\n"); got != want {
			t.Errorf("%q: %q, want %q", texts, got, want)
		}
	}
}
