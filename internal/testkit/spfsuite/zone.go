package spfsuite

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"go.yaml.in/yaml/v3"
)

// zoneOf writes the records of a scenario as a zone file. What times out is
// whatever a name with TIMEOUT has no records of. Records of the retired type
// count as TXT where a name has none.
func zoneOf(t testing.TB, data map[string][]yaml.Node) (text string, silent map[string][]uint16) {
	t.Helper()
	var zone strings.Builder
	zone.WriteString(". SOA . . 1 1 1 1 1\n")
	silent = map[string][]uint16{}
	for _, name := range slices.Sorted(maps.Keys(data)) {
		records, timeout := recordsOf(t, data[name])
		if _, ok := records["TXT"]; !ok {
			records["TXT"] = records["SPF"]
		}
		types := []uint16{dns.TypeTXT, dns.TypeSPF, dns.TypeA, dns.TypeAAAA, dns.TypeMX, dns.TypePTR}
		for kind, list := range records {
			for _, data := range list {
				fmt.Fprintf(&zone, "%s. %s %s\n", escape(name, "."), kind, data)
				types = slices.DeleteFunc(types, func(qtype uint16) bool { return dns.TypeToString[qtype] == kind })
			}
		}
		if timeout {
			silent[name] = types
		}
	}
	return zone.String(), silent
}

// recordsOf returns the data of the records at a name by their types, as a zone
// file has it, and whether there is a TIMEOUT. "NONE" is no record.
func recordsOf(t testing.TB, nodes []yaml.Node) (records map[string][]string, timeout bool) {
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
			records[kind] = append(records[kind], dataOf(kind, values))
		}
	}
	return records, timeout
}

// dataOf writes the values of a record: MX have two, TXT one for each string.
func dataOf(kind string, values []string) string {
	switch kind {
	case "A", "AAAA":
		return values[0]
	case "MX":
		return values[0] + " " + escape(values[1], ".") + "."
	case "PTR", "CNAME":
		return escape(strings.TrimSuffix(values[0], "."), ".") + "."
	}
	var strs []string
	for _, value := range values {
		for octets := range slices.Chunk([]rune(value), 250) {
			strs = append(strs, `"`+escape(string(octets), "")+`"`)
		}
	}
	return strings.Join(strs, " ")
}

// escape writes octets for a zone file; letters, digits and those of keep stay.
// In the suite "\xNN" means an octet, which YAML makes a character of.
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
