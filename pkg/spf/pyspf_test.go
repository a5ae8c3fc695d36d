package spf_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os/exec"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/pkg/spf"
)

// python is Debian's own, for which python3-spf is packaged.
const python = "/usr/bin/python3"

// values are the records of a zone by name and type.
type values map[string]map[string][]string

// zoneText writes them as a zone file.
func (v values) zoneText() string {
	var b strings.Builder
	for name, types := range v {
		for qtype, list := range types {
			for _, value := range list {
				switch qtype {
				case "TXT":
					value = fmt.Sprintf("%q", value)
				case "MX":
					value = "10 " + value + "."
				case "PTR":
					value += "."
				}
				fmt.Fprintf(&b, "%s. %s %s\n", name, qtype, value)
			}
		}
	}
	return b.String()
}

// randomValues makes policies out of everything that a record can hold, mistakes
// too.
func randomValues(random *rand.Rand) values {
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	v := values{}
	for i := range 5 {
		host := fmt.Sprintf("h%d.example", i)
		v[host] = map[string][]string{"A": {fmt.Sprintf("192.0.2.%d", random.IntN(16))}, "AAAA": {fmt.Sprintf("2001:db8::%x", random.IntN(16))}}
		v[fmt.Sprintf("m%d.example", i)] = map[string][]string{"MX": {host, fmt.Sprintf("h%d.example", random.IntN(5))}}
		v[fmt.Sprintf("%d.2.0.192.in-addr.arpa", random.IntN(16))] = map[string][]string{"PTR": {host}}
		n := func() int { return random.IntN(5) }
		var terms []string
		for range 1 + random.IntN(5) {
			terms = append(terms, pick("", "", "-", "~", "?", "+")+pick(
				fmt.Sprintf("a:h%d.example", n()), fmt.Sprintf("a:h%d.example/30//126", n()), fmt.Sprintf("mx:m%d.example/29", n()),
				fmt.Sprintf("ip4:192.0.2.%d/30", random.IntN(16)), fmt.Sprintf("ip6:2001:DB8::%x/126", random.IntN(16)),
				fmt.Sprintf("include:d%d.example", i+1), fmt.Sprintf("include:%%{l}%d.example", min(i+1, 5)), "ptr:example", fmt.Sprintf("ptr:h%d.example", n()),
				fmt.Sprintf("exists:h%d.%%{d1}", n()), fmt.Sprintf("exists:h%d.%%{d1r}.x.example", n()), "exists:h%{i1}.example",
			))
		}
		if random.IntN(12) == 0 {
			terms = append(terms, pick("a:", "ip4:192.0.2", "mx/33", "foo", "foo=%", "include:x", "a:%{x}.example", "all:", "exp=a.example exp=b.example"))
		}
		terms = append(terms, pick("", "-all", "~all", "?all", "all", fmt.Sprintf("redirect=d%d.example", i+1), "exp=why.example -all"))
		v[fmt.Sprintf("d%d.example", i)] = map[string][]string{"TXT": {strings.TrimSpace("v=spf1 " + strings.Join(terms, " "))}}
	}
	v["d5.example"] = map[string][]string{"TXT": {pick("v=spf1 ip4:192.0.2.0/29 -all", "v=spf1 -all", "v=spf2 -all", "v=spf1")}}
	v["why.example"] = map[string][]string{"TXT": {pick("no", "%{i} of %{s} with %{h}", "%{o1r} %{D}%%%_%-", "100%")}}
	return v
}

// TestAgainstPyspf compares with another implementation. It differs where pyspf
// counts look-ups in its own way: every void answer instead of every term that
// has one, and a redirect that is not reached.
func TestAgainstPyspf(t *testing.T) {
	if err := exec.CommandContext(t.Context(), python, "-c", "import spf").Run(); err != nil {
		t.Skipf("%s has no module spf (Debian's python3-spf): %v", python, err)
	}
	random := rand.New(rand.NewPCG(2014, 4))
	compared := 0
	for range 12 {
		zoneValues := randomValues(random)
		var checks [][2]string
		for i := range 16 {
			checks = append(checks, [2]string{fmt.Sprintf("192.0.2.%d", i), "d@d0.example"}, [2]string{fmt.Sprintf("2001:db8::%x", i), "d@d0.example"})
		}
		theirs := askPyspf(t, zoneValues, checks)
		z := zone(t, zoneValues.zoneText())
		for i, c := range checks {
			if theirs[i][0] == "permerror" && (strings.Contains(theirs[i][1], "Void lookup") || strings.Contains(theirs[i][1], "Too many DNS")) {
				continue
			}
			compared++
			ours := spf.Check(t.Context(), z, spf.Query{IP: netip.MustParseAddr(c[0]), MailFrom: c[1], Helo: "mail.example"})
			explained := ours.Status == spf.Fail && ours.Explanation != "" && ours.Explanation != theirs[i][1]
			if string(ours.Status) != theirs[i][0] || explained {
				t.Fatalf("%s: we say %s (%v) %q, pyspf says %q in\n%s", c[0], ours.Status, ours.Err, ours.Explanation, theirs[i], zoneValues.zoneText())
			}
		}
	}
	if compared < 250 {
		t.Errorf("only %d checks were compared", compared)
	}
}

// askPyspf returns result and explanation of each check.
func askPyspf(t *testing.T, zoneValues values, checks [][2]string) [][2]string {
	t.Helper()
	input, err := json.Marshal(map[string]any{"zone": zoneValues, "checks": checks})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), python, "testdata/pyspf.py")
	command.Stdin = bytes.NewReader(input)
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers [][2]string
	if err := json.Unmarshal(output, &answers); err != nil {
		t.Fatal(err)
	}
	return answers
}
