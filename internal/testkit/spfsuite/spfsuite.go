// Package spfsuite has the test suite of RFC 7208: checks, and the zones they are
// made against. The suite lies beside the repository.
package spfsuite

import (
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/mailctl/mailctl/internal/testkit"
)

// Tests is how many tests the suite has.
const Tests = 203

// A Scenario is one document of the suite: records, and checks against them.
type Scenario struct {
	Name  string
	Tests []Test
	Zone  string // a zone file
	// Silent are the questions that get no answer: types by name.
	Silent map[string][]uint16
}

// A Test is one check and what may come of it.
type Test struct {
	Name                 string
	Helo, Host, MailFrom string // Host is the address of the client
	Results              []string
	// Explanation is that of a fail; nil when any will do.
	Explanation *string
}

// document is how the suite writes a scenario.
type document struct {
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

// Read reads all of the suite. The test is skipped where it is missing.
func Read(t testing.TB) []Scenario {
	t.Helper()
	file, err := os.Open(filepath.Join(projectRoot(t), "../shared/corpora/spf/rfc7208-tests.yml"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the test suite of RFC 7208 is not beside the repository, at ../shared/corpora/spf")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var scenarios []Scenario
	count := 0
	for decoder := yaml.NewDecoder(file); ; {
		var d document
		err := decoder.Decode(&d)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		count += len(d.Tests)
		scenarios = append(scenarios, d.scenario(t))
	}
	if count != Tests {
		t.Errorf("read %d tests, the suite has %d", count, Tests)
	}
	return scenarios
}

// projectRoot is the folder of the module, above that of the test.
func projectRoot(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			err = os.ErrNotExist
		}
		folder = parent
	}
	t.Fatalf("no go.mod above the test: %v", err)
	return ""
}

func (d document) scenario(t testing.TB) Scenario {
	t.Helper()
	s := Scenario{Name: d.Description}
	for _, name := range slices.Sorted(maps.Keys(d.Tests)) {
		test := d.Tests[name]
		s.Tests = append(s.Tests, Test{
			Name: name, Helo: test.Helo, Host: test.Host, MailFrom: test.MailFrom,
			Results: test.Result, Explanation: test.Explanation,
		})
	}
	s.Zone, s.Silent = zoneOf(t, d.ZoneData)
	return s
}

// Serve starts a name server with the records of a scenario.
func (s Scenario) Serve(t testing.TB) *testkit.DNS {
	t.Helper()
	server := testkit.NewDNS(t, s.Zone)
	for name, types := range s.Silent {
		for _, qtype := range types {
			server.Fault(name, qtype, testkit.DNSSilent)
		}
	}
	return server
}

// Judge fails the test when a result or its explanation is not what the suite
// wants.
func (test Test) Judge(t testing.TB, result, explanation string) {
	t.Helper()
	if !slices.Contains(test.Results, result) {
		t.Errorf("%s: got %s, want %v", test.Name, result, test.Results)
	}
	if test.Explanation == nil {
		return
	}
	if want := strings.TrimPrefix(*test.Explanation, "DEFAULT"); explanation != want {
		t.Errorf("%s: got explanation %q, want %q", test.Name, explanation, want)
	}
}
