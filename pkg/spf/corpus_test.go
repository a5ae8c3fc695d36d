package spf_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/spf"
)

// corpusFile is the test suite of RFC 7208, beside the repository.
const corpusFile = "../../../shared/corpora/spf/rfc7208-tests.yml"

// corpusTests is how many tests the suite has.
const corpusTests = 203

// A scenario is one document of the suite: a zone, and checks against it.
type scenario struct {
	Description string
	Tests       map[string]struct {
		Helo, Host, MailFrom string
		Result               oneOrMore
		Explanation          *string
	}
	ZoneData map[string][]yaml.Node
}

// oneOrMore is a string or a list of them.
type oneOrMore []string

func (o *oneOrMore) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.SequenceNode {
		return node.Decode((*[]string)(o))
	}
	*o = []string{node.Value}
	return nil
}

func readCorpus(t *testing.T) []scenario {
	t.Helper()
	file, err := os.Open(filepath.FromSlash(corpusFile))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("the test suite of RFC 7208 is not at %s", corpusFile)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var scenarios []scenario
	for decoder := yaml.NewDecoder(file); ; {
		var s scenario
		err := decoder.Decode(&s)
		if errors.Is(err, io.EOF) {
			return scenarios
		}
		if err != nil {
			t.Fatal(err)
		}
		scenarios = append(scenarios, s)
	}
}

// zone writes the records of a scenario as a zone file, and lists the names at
// which some types time out.
func (s scenario) zone(t *testing.T) (text string, silent map[string][]uint16) {
	t.Helper()
	var b strings.Builder
	b.WriteString(". SOA . . 1 1 1 1 1\n")
	silent = make(map[string][]uint16)
	for name, nodes := range s.ZoneData {
		owner := escape(name, ".") + "."
		records, timeout := decodeRecords(t, nodes)
		if !slices.ContainsFunc(records, func(r record) bool { return r.kind == "TXT" }) {
			for _, r := range records {
				if r.kind == "SPF" { // counts as TXT unless the name has TXT of its own
					records = append(records, record{"TXT", r.values})
				}
			}
		}
		present := make(map[string]bool)
		for _, r := range records {
			present[r.kind] = true
			if data := r.data(); data != "" {
				fmt.Fprintf(&b, "%s %s %s\n", owner, r.kind, data)
			}
		}
		if timeout {
			silent[name] = missingTypes(present, records)
		}
	}
	return b.String(), silent
}

// missingTypes are those that a TIMEOUT is about: whatever the name has no
// records of. "TXT: NONE" takes the TXT records away and is no record itself.
func missingTypes(present map[string]bool, records []record) []uint16 {
	if slices.ContainsFunc(records, func(r record) bool { return r.kind == "TXT" && slices.Equal(r.values, []string{"NONE"}) }) {
		present["TXT"] = false
	}
	var missing []uint16
	for _, qtype := range []uint16{delivery.TypeTXT, delivery.TypeSPF, delivery.TypeA, delivery.TypeAAAA, delivery.TypeMX, delivery.TypePTR} {
		if !present[delivery.TypeName(qtype)] {
			missing = append(missing, qtype)
		}
	}
	return missing
}

// A record of the suite: MX have two values, TXT one for each string.
type record struct {
	kind   string
	values []string
}

func decodeRecords(t *testing.T, nodes []yaml.Node) (records []record, timeout bool) {
	t.Helper()
	for _, node := range nodes {
		if node.Kind == yaml.ScalarNode {
			timeout = timeout || node.Value == "TIMEOUT"
			continue
		}
		var fields map[string]oneOrMore
		if err := node.Decode(&fields); err != nil {
			t.Fatal(err)
		}
		for kind, values := range fields {
			records = append(records, record{kind, values})
		}
	}
	return records, timeout
}

// data writes the values of a record for a zone file; empty for no record.
func (r record) data() string {
	switch r.kind {
	case "A", "AAAA":
		return r.values[0]
	case "MX":
		return r.values[0] + " " + escape(r.values[1], ".") + "."
	case "PTR", "CNAME":
		return escape(strings.TrimSuffix(r.values[0], "."), ".") + "."
	}
	if slices.Equal(r.values, []string{"NONE"}) {
		return ""
	}
	var strs []string
	for _, value := range r.values {
		for octets := range slices.Chunk([]rune(value), 250) {
			strs = append(strs, `"`+escape(string(octets), "")+`"`)
		}
	}
	return strings.Join(strs, " ")
}

// escape writes octets for a zone file; those of keep and letters stay. In the
// suite "\xNN" means an octet, which YAML makes a character of.
func escape(text, keep string) string {
	var b strings.Builder
	for _, r := range text {
		if r < 0x80 && (strings.ContainsRune(keep+"-_", r) || '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z') {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "\\%03d", byte(r))
		}
	}
	return b.String()
}

// A silence is a resolver that cannot tell what the suite says times out.
type silence struct {
	delivery.Resolver
	silent map[string][]uint16
}

var errSilence = errors.New("no answer in time")

func (s silence) Lookup(ctx context.Context, name string, qtype uint16) delivery.Answer {
	if slices.Contains(s.silent[name], qtype) {
		return delivery.Answer{Name: name, Type: qtype, Status: delivery.LookupUnknown, Cause: delivery.CauseTimeout, Err: errSilence}
	}
	return s.Resolver.Lookup(ctx, name, qtype)
}

// runCorpus checks every test of the suite with the resolver made for its zone.
func runCorpus(t *testing.T, resolver func(t *testing.T, zone string, silent map[string][]uint16) delivery.Resolver) {
	count := 0
	for _, s := range readCorpus(t) {
		zone, silent := s.zone(t)
		r := resolver(t, zone, silent)
		for name, test := range s.Tests {
			count++
			t.Run(s.Description+"/"+name, func(t *testing.T) {
				got := spf.Check(t.Context(), r, spf.Query{
					IP: netip.MustParseAddr(test.Host), MailFrom: test.MailFrom, Helo: test.Helo,
				})
				if !slices.Contains(test.Result, string(got.Status)) {
					t.Errorf("got %s (%v), want %v", got.Status, got.Err, test.Result)
				}
				if test.Explanation != nil && got.Explanation != strings.TrimPrefix(*test.Explanation, "DEFAULT") {
					t.Errorf("got explanation %q, want %q", got.Explanation, *test.Explanation)
				}
				if (got.Err != nil) != slices.Contains([]spf.Status{spf.None, spf.TempError, spf.PermError}, got.Status) {
					t.Errorf("%s with error %v", got.Status, got.Err)
				}
			})
		}
	}
	if count != corpusTests {
		t.Errorf("ran %d tests, the suite has %d", count, corpusTests)
	}
}

func TestCorpus(t *testing.T) {
	runCorpus(t, func(t *testing.T, zone string, silent map[string][]uint16) delivery.Resolver {
		z, err := delivery.ParseZone(strings.NewReader(zone), "rfc7208")
		if err != nil {
			t.Fatal(err)
		}
		return silence{z, silent}
	})
}

func TestCorpusThroughNameServer(t *testing.T) {
	runCorpus(t, func(t *testing.T, zone string, silent map[string][]uint16) delivery.Resolver {
		server := testkit.NewDNS(t, zone)
		for name, types := range silent {
			for _, qtype := range types {
				server.Fault(name, qtype, testkit.DNSSilent)
			}
		}
		address, err := delivery.ParseDNSServer(server.Addr)
		if err != nil {
			t.Fatal(err)
		}
		client, err := delivery.NewClient(delivery.ClientOptions{Servers: []delivery.DNSServer{address}, Timeout: 100 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := client.Close(); err != nil {
				t.Error(err)
			}
		})
		return client
	})
}
