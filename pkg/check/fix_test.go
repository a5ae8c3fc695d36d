package check_test

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/internal/testkit/marktest"
	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dkim"
)

// A world is what a domain publishes, and how somebody looks at it.
type world struct {
	t      testing.TB
	domain string
	zone   zone
	opt    check.Options
	web    *testkit.Web // nil when nothing is fetched
	marks  *marktest.Authority
	server string // the resolver's, when it matters
}

func newWorld(t testing.TB, f fault) *world {
	t.Helper()
	w := &world{t: t, domain: "example.com", zone: editedKey(t, f.edits), opt: check.Options{Selectors: []string{"s1"}, Now: clock}}
	if f.ip != "" {
		w.opt.IPs = []netip.Addr{netip.MustParseAddr(f.ip)}
	}
	if f.set != nil {
		f.set(w)
	}
	return w
}

// check looks at the domain.
func (w *world) check() check.Domain {
	w.t.Helper()
	resolver := delivery.Resolver(w.zone.resolver(w.t))
	if w.server != "" {
		resolver = fromServer{resolver, w.server}
	}
	opt := w.opt
	opt.Resolver = resolver
	if w.web != nil {
		opt.HTTP = w.web.Client(resolver)
	}
	return check.Check(w.t.Context(), w.domain, opt)
}

// holes are what only the reader of a fix knows.
var holes = map[string]string{
	"<IPv4 address>":              "192.0.2.77",
	"<public address>":            "192.0.2.1",
	"<mail server>":               "mx2.example.com",
	"<selector>":                  "odd",
	"<host>":                      "logos.example.com",
	"<SHA-256 of the public key>": strings.Repeat("3", 64),
	"<resolver>":                  "192.0.2.53",
}

// readFix fills in what only the reader knows, and tells what there is to do from
// the records to paste.
func readFix(fix string) (todo, records string) {
	for hole, value := range holes {
		fix = strings.ReplaceAll(fix, hole, value)
	}
	if _, err := delivery.ParseZone(strings.NewReader(fix), "fix"); err == nil {
		return "", fix
	}
	todo, records, _ = strings.Cut(fix, "\n")
	return todo, records
}

// ways are what a fix can tell somebody to do besides pasting records.
var ways = []struct {
	words *regexp.Regexp
	do    func(w *world, match []string)
}{
	{regexp.MustCompile("`mailctl dkim keygen --domain (\\S+) --selector (\\S+) --key \\S+`, publish the record that it prints, and sign with the key"), (*world).makeKey},
	{regexp.MustCompile(`(?m)name the servers that send, with ip4: and ip6:, in place of (.+)$`), (*world).nameServers},
	{regexp.MustCompile(`when nothing sends for it, publish (v=spf1 -all) in place of its SPF record`), (*world).publishSPF},
	{regexp.MustCompile(`take the record at (\S+) away when`), (*world).takeAway},
	{regexp.MustCompile(`(?m)--selector (\S+)$`), func(w *world, m []string) { w.opt.Selectors = m[1:] }},
	{regexp.MustCompile(`(?m)--ip (\S+)$`), func(w *world, m []string) { w.opt.IPs = []netip.Addr{netip.MustParseAddr(m[1])} }},
	{regexp.MustCompile(`(?m)--resolver (tls://\S+)$`), func(w *world, m []string) { w.server = m[1] + ":853" }},
	{regexp.MustCompile(`(?m)^; first serve this policy\n; at https://(\S+):\n((?:;   .*\n)+)`), (*world).servePolicy},
	{regexp.MustCompile(`(?m)^serve https://(\S+/mta-sts.txt) (?:with a certificate that is valid for mta-sts\.example\.com|as text/plain)$`), (*world).serveWell},
	{regexp.MustCompile(`(?m)^serve the policy at https://(\S+/mta-sts.txt) itself, in place of the redirect$`), (*world).serveWell},
	{regexp.MustCompile(`(?m)^serve the indicator at https://(\S+)$`), (*world).serveLogo},
	{regexp.MustCompile(`(?m)^convert it to SVG Tiny PS .* and serve it at https://(\S+)$`), (*world).serveLogo},
	{regexp.MustCompile(`(?m)^serve the mark certificate at https://(\S+)$`), (*world).serveMark},
	{regexp.MustCompile(`(?m)^have an authority for marks issue another mark certificate for example\.com, and serve it, .* at https://(\S+)$`), (*world).serveMark},
}

// record is a line to paste, or to take away.
var record = regexp.MustCompile(`(?m)^(?:; remove: )?\S+\. (?:IN )?[A-Z]+ `)

// carryOut does what a fix says, to the letter, and fails the test when it says
// nothing that can be done.
func (w *world) carryOut(fix string) {
	w.t.Helper()
	todo, records := readFix(fix)
	done := false
	for _, way := range ways {
		if m := way.words.FindStringSubmatch(todo + "\n" + records); m != nil {
			way.do(w, m)
			done = true
		}
	}
	if record.MatchString(records) {
		w.zone = w.zone.replacing(w.t, records)
		done = true
	}
	if !done {
		w.t.Fatalf("nobody knows how to do this: %q", fix)
	}
}

// makeKey makes a key as the command does, and publishes it.
func (w *world) makeKey(match []string) {
	w.t.Helper()
	key, err := dkim.Generate(dkim.RSA2048)
	if err != nil {
		w.t.Fatal(err)
	}
	signer, err := dkim.NewSigner(match[1], match[2], key)
	if err != nil {
		w.t.Fatal(err)
	}
	record, err := signer.Record()
	if err != nil {
		w.t.Fatal(err)
	}
	w.takeAway([]string{"", record.Name}) // an alias has nothing beside it
	w.zone = append(w.zone, parseZone(w.t, record.Zone())...)
	w.opt.Selectors = []string{match[2]}
}

// takeAway removes all records at a name.
func (w *world) takeAway(match []string) {
	name := dns.Fqdn(match[1])
	w.zone = slices.DeleteFunc(slices.Clone(w.zone), func(rr dns.RR) bool { return rr.Header().Name == name })
}

// nameServers writes one network in place of the terms that are named.
func (w *world) nameServers(match []string) {
	for _, rr := range w.zone {
		txt, ok := rr.(*dns.TXT)
		if !ok || txt.Hdr.Name != "example.com." || !strings.HasPrefix(txt.Txt[0], "v=spf1") {
			continue
		}
		terms := strings.Fields(strings.Join(txt.Txt, ""))
		for i, term := range terms {
			if slices.Contains(strings.Split(match[1], " and "), term) {
				terms[i] = "ip4:198.51.100.0/28"
			}
		}
		w.publishSPF([]string{"", strings.Join(terms, " ")})
		return
	}
}

func (w *world) publishSPF(match []string) {
	w.zone = w.zone.replacing(w.t, `example.com. TXT "`+match[1]+`"`)
}
