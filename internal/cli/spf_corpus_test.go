package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"go.yaml.in/yaml/v3"

	"github.com/mailctl/mailctl/internal/testkit"
)

// The test suite of RFC 7208, beside the repository, and how many tests it has.
const (
	corpusFile  = "../../../shared/corpora/spf/rfc7208-tests.yml"
	corpusTests = 203
)

// A corpusScenario is one document of the suite: a zone, and checks against it.
type corpusScenario struct {
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

// TestSPFCorpus runs the test suite of RFC 7208 through the command line, against
// a name server.
func TestSPFCorpus(t *testing.T) {
	t.Parallel()
	file, err := os.Open(filepath.FromSlash(corpusFile))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("the test suite of RFC 7208 is not at %s", corpusFile)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	count := 0
	for decoder := yaml.NewDecoder(file); ; {
		var s corpusScenario
		if err := decoder.Decode(&s); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		count += len(s.Tests)
		t.Run(s.Description, s.run)
	}
	if count != corpusTests {
		t.Errorf("ran %d tests, the suite has %d", count, corpusTests)
	}
}

// run checks everything in a scenario.
func (s corpusScenario) run(t *testing.T) {
	t.Parallel()
	server := s.serve(t)
	for name, test := range s.Tests {
		got, code := runJSON[struct{ Schema, Result, Explanation string }](t, "spf", "--resolver", server.Addr, "--dns-timeout", "150ms",
			"--ip="+test.Host, "--mail-from="+test.MailFrom, "--helo="+test.Helo)
		if !slices.Contains(test.Result, got.Result) || got.Schema != "mailctl.spf/1" {
			t.Errorf("%s: got %+v, want %v", name, got, test.Result)
		}
		if test.Explanation != nil && got.Explanation != strings.TrimPrefix(*test.Explanation, "DEFAULT") {
			t.Errorf("%s: got explanation %q, want %q", name, got.Explanation, *test.Explanation)
		}
		want := map[string]int{"pass": exitOK, "temperror": exitUnfinished}
		if wanted, ok := want[got.Result]; (ok && code != wanted) || (!ok && code != exitWrong) {
			t.Errorf("%s: %s with exit code %d", name, got.Result, code)
		}
	}
}

// runJSON runs a command with --format json and returns what it prints.
func runJSON[T any](t *testing.T, args ...string) (result T, code int) {
	t.Helper()
	var stdout, stderr strings.Builder
	env := OSEnvironment()
	env.Stdin, env.Stdout, env.Stderr = strings.NewReader(""), &stdout, &stderr
	env.Lookup = func(string) (string, bool) { return "", false }
	env.Terminal = func(any) (int, bool) { return 0, false }
	code = Run(t.Context(), env, append(args, "--format", "json"))
	if err := json.Unmarshal([]byte(stdout.String()), &result); err != nil {
		t.Errorf("%q: %v\n%s%s", args, err, stdout.String(), stderr.String())
	}
	return result, code
}

// serve starts a name server with the records of a scenario. What times out is
// whatever a name with TIMEOUT has no records of. Records of the retired type
// count as TXT where a name has none.
func (s corpusScenario) serve(t *testing.T) *testkit.DNS {
	t.Helper()
	var zone strings.Builder
	zone.WriteString(". SOA . . 1 1 1 1 1\n")
	silent := map[string][]uint16{}
	for name, nodes := range s.ZoneData {
		records, timeout := corpusRecords(t, nodes)
		if _, ok := records["TXT"]; !ok {
			records["TXT"] = records["SPF"]
		}
		types := []uint16{dns.TypeTXT, dns.TypeSPF, dns.TypeA, dns.TypeAAAA, dns.TypeMX, dns.TypePTR}
		for kind, list := range records {
			for _, data := range list {
				fmt.Fprintf(&zone, "%s. %s %s\n", corpusEscape(name, "."), kind, data)
				types = slices.DeleteFunc(types, func(qtype uint16) bool { return dns.TypeToString[qtype] == kind })
			}
		}
		if timeout {
			silent[name] = types
		}
	}
	server := testkit.NewDNS(t, zone.String())
	for name, types := range silent {
		for _, qtype := range types {
			server.Fault(name, qtype, testkit.DNSSilent)
		}
	}
	return server
}

// corpusRecords returns the data of the records at a name by their types, as a
// zone file has it, and whether there is a TIMEOUT. "NONE" is no record.
func corpusRecords(t *testing.T, nodes []yaml.Node) (records map[string][]string, timeout bool) {
	t.Helper()
	records = map[string][]string{}
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
			if len(values) == 0 || values[0] == "NONE" {
				records[kind] = append([]string{}, records[kind]...)
				continue
			}
			records[kind] = append(records[kind], corpusData(kind, values))
		}
	}
	return records, timeout
}

func corpusData(kind string, values []string) string {
	switch kind {
	case "A", "AAAA":
		return values[0]
	case "MX":
		return values[0] + " " + corpusEscape(values[1], ".") + "."
	case "PTR", "CNAME":
		return corpusEscape(strings.TrimSuffix(values[0], "."), ".") + "."
	}
	var strs []string
	for _, value := range values {
		for octets := range slices.Chunk([]rune(value), 250) {
			strs = append(strs, `"`+corpusEscape(string(octets), "")+`"`)
		}
	}
	return strings.Join(strs, " ")
}

// corpusEscape writes octets for a zone file; letters, digits and those of keep
// stay. In the suite "\xNN" means an octet, which YAML makes a character of.
func corpusEscape(text, keep string) string {
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
