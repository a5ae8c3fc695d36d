package check

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// zoneFiles have one fault in each domain; their README says how they are read.
const zoneFiles = "../../testdata/dns/check"

// goodPolicy covers all mail servers of the files.
const goodPolicy = "version: STSv1 | mode: enforce | mx: *.hosts.example | max_age: 604800"

// A zoneCase is one domain of the files.
type zoneCase struct {
	domain   string
	want     []string // ids of findings, sorted
	unnamed  bool     // no selectors are given
	ip       string
	policy   string   // what is served as its MTA-STS policy
	replaced []string // parts of the good domain that it has its own of
	records  string
}

// readZones returns the cases, and all files as one zone.
func readZones(t *testing.T) ([]zoneCase, string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(zoneFiles, "*.zone"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []zoneCase
	var zone strings.Builder
	good := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		head, rest, _ := strings.Cut(string(text), "$ORIGIN ")
		for block := range strings.SplitSeq(rest, "\n$ORIGIN ") {
			origin, records, _ := strings.Cut(block, "\n")
			zone.WriteString("$ORIGIN " + origin + "\n" + records + "\n")
			if strings.Contains(records, "; want:") {
				cases = append(cases, newZoneCase(origin, head, records))
			}
			if filepath.Base(path) == "good.zone" {
				good = partsOf(records)
			}
		}
	}
	for _, c := range cases {
		zone.WriteString("$ORIGIN " + c.domain + ".\n")
		for part, records := range good {
			if !slices.Contains(c.replaced, part) && c.domain != "good.example" {
				zone.WriteString(records)
			}
		}
	}
	return cases, zone.String()
}

// newZoneCase reads the comments of a domain.
func newZoneCase(origin, head, records string) zoneCase {
	c := zoneCase{domain: strings.TrimSuffix(origin, "."), want: []string{}, records: records}
	c.replaced = strings.Fields(directive(head, "instead of"))
	if strings.Contains(records, "; instead of:") {
		c.replaced = strings.Fields(directive(records, "instead of"))
	}
	c.want = append(c.want, strings.Fields(directive(records, "want"))...)
	slices.Sort(c.want)
	c.unnamed = directive(records, "selectors") == "none"
	c.ip = directive(records, "ip")
	c.policy = goodPolicy
	if policy := directive(records, "policy"); policy != "" {
		c.policy = policy
	}
	return c
}

// directive returns what stands behind a word in a comment.
func directive(text, word string) string {
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, "; "+word+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// partsOf splits the records of the good domain.
func partsOf(records string) map[string]string {
	parts := map[string]string{}
	for piece := range strings.SplitSeq(records, "; part: ") {
		if name, lines, ok := strings.Cut(piece, "\n"); ok && !strings.HasPrefix(name, ";") {
			parts[name] = lines + "\n"
		}
	}
	return parts
}
