package arch

import (
	"path"
	"slices"
	"strings"
)

// module is the path of this module.
const module = "github.com/mailctl/mailctl"

// An arrow says which packages of this module some packages may import. All are
// path.Match patterns of folders below the module's own; the folders inside one
// go with it. A package that no arrow starts from is a violation: draw one.
type arrow struct {
	from []string
	to   []string
}

var (
	features  = []string{"pkg/send", "pkg/warmup", "pkg/bounce", "pkg/list", "pkg/message"}
	standards = []string{"pkg/spf", "pkg/dkim", "pkg/dmarc", "pkg/mtasts", "pkg/tlsrpt", "pkg/dane", "pkg/bimi", "pkg/dnsbl"}
)

var arrows = []arrow{
	{from: []string{"cmd/mailctl"}, to: []string{"internal/cli"}},
	{from: []string{"internal/cli"}, to: []string{"internal/ui", "internal/ledger", "internal/sink", "pkg/*"}},
	{from: []string{"internal/ui"}, to: []string{"pkg/*"}},
	{from: []string{"internal/ledger"}, to: []string{"pkg/send", "pkg/delivery"}},
	{from: []string{"internal/sink"}, to: []string{"pkg/delivery"}},
	{from: []string{"internal/testkit"}, to: []string{"pkg/delivery"}},
	{from: []string{"internal/arch"}},
	{from: features, to: []string{"pkg/delivery"}},
	{from: standards, to: []string{"pkg/delivery"}},
	{from: []string{"pkg/check", "pkg/verify"}, to: append([]string{"pkg/delivery", "pkg/finding"}, standards...)},
	{from: []string{"pkg/probe"}, to: []string{"pkg/delivery", "pkg/finding"}},
	{from: []string{"pkg/finding"}},
	{from: []string{"pkg/delivery"}},
}

// tests stand for all test files, and internal/testkit with them.
const tests = "tests"

// homes are the only packages that may know some libraries.
var homes = map[string]string{
	"github.com/spf13/cobra":            "internal/cli",
	"github.com/spf13/pflag":            "internal/cli",
	"github.com/spf13/viper":            "internal/cli",
	"github.com/charmbracelet/lipgloss": "internal/ui",
	"charm.land":                        "internal/ui",
	"github.com/guptarohit/asciigraph":  "internal/ui",
	"github.com/arran4/golang-ical":     "internal/ui",
	"modernc.org/sqlite":                "internal/ledger",
	"github.com/pressly/goose/v3":       "internal/ledger",
	"github.com/rogpeppe/go-internal":   tests,
	"github.com/google/go-cmp":          tests,
	"go.uber.org/goleak":                tests,
	"pgregory.net/rapid":                tests,
	module + "/internal/testkit":        tests,

	"github.com/santhosh-tekuri/jsonschema/v6": tests,
}

// coreLibraries are the modules that pkg/delivery may build on.
var coreLibraries = []string{"github.com/miekg/dns", "golang.org/x"}

// judgeImport says what is wrong with a package importing another, or "".
// Tests may also use what is made for tests.
func judgeImport(from, to string, test bool) string {
	if reason := judgeHome(from, to, test); reason != "" {
		return reason
	}
	own, inModule := strings.CutPrefix(to, module+"/")
	switch {
	case inModule && within(own, "internal/testkit"):
		return ""
	case inModule:
		return judgeArrow(from, own)
	case within(from, "pkg/delivery") && !test && isLibrary(to) && !within(to, coreLibraries...):
		return "pkg/delivery may import the standard library, miekg/dns and golang.org/x only"
	}
	return ""
}

// judgeHome holds libraries to the packages that may know them.
func judgeHome(from, to string, test bool) string {
	for library, home := range homes {
		known := test || within(from, home) || (home == tests && within(from, "internal/testkit"))
		if within(to, library) && !known {
			return "only " + home + " may import it"
		}
	}
	return ""
}

// judgeArrow holds an import inside the module to the arrows.
func judgeArrow(from, to string) string {
	for _, a := range arrows {
		if !within(from, a.from...) {
			continue
		}
		if within(to, a.to...) || slices.ContainsFunc(a.from, func(p string) bool { return within(from, p) && within(to, p) }) {
			return ""
		}
		return "no arrow allows it"
	}
	return "no arrow starts from this package"
}

// within tells whether a slash-separated path matches one of the patterns or
// lies below such a match.
func within(name string, patterns ...string) bool {
	for _, pattern := range patterns {
		parts := strings.Split(name, "/")
		n := strings.Count(pattern, "/") + 1
		if len(parts) < n {
			continue
		}
		if ok, _ := path.Match(pattern, strings.Join(parts[:n], "/")); ok {
			return true
		}
	}
	return false
}

// isLibrary tells whether an import path is outside the standard library.
func isLibrary(to string) bool {
	first, _, _ := strings.Cut(to, "/")
	return strings.Contains(first, ".")
}
