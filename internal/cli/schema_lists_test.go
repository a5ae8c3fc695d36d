package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestSchemaLists holds the closed lists of the schemas against the constants of
// the types whose values they are.
func TestSchemaLists(t *testing.T) {
	for _, test := range []struct {
		list  string   // file, definition or property, properties within it
		kind  string   // name of the type
		where []string // packages with its constants
	}{
		{"common/reason", "Reason", []string{"pkg/delivery"}},
		{"common/bounce", "Bounce", []string{"pkg/delivery"}},
		{"common/scope", "Scope", []string{"pkg/delivery"}},
		{"common/action", "Action", []string{"pkg/delivery"}},
		{"common/outcome", "Outcome", []string{"pkg/delivery"}},
		{"common/stage", "Stage", []string{"pkg/delivery"}},
		{"common/ptr-status", "PTRStatus", []string{"pkg/delivery"}},
		{"common/set-aside", "ProblemKind", []string{"pkg/list", "internal/cli"}},
		{"common/severity", "Severity", []string{"pkg/finding"}},
		{"common/standard", "Standard", []string{"pkg/check", "pkg/probe", "pkg/verify"}},
		{"common/verdict", "Verdict", []string{"pkg/finding"}},
		{"common/spf-result", "Status", []string{"pkg/spf"}},
		{"common/dmarc-policy", "Policy", []string{"pkg/dmarc"}},
		{"common/decision", "Decision", []string{"pkg/warmup"}},
		{"bounce-1/report/kind", "Kind", []string{"pkg/bounce"}},
		{"bounce-1/report/note", "Note", []string{"pkg/bounce"}},
		{"campaigns-1/campaign/status", "Status", []string{"internal/ledger"}},
		{"check-1/security", "Security", []string{"pkg/dane"}},
		{"check-1/domain/profiles/rules/status", "RuleStatus", []string{"pkg/check"}},
		{"check-1/domain/records/bimi/status", "Status", []string{"pkg/bimi"}},
		{"check-1/domain/records/dane/hosts/status", "HostStatus", []string{"pkg/dane"}},
		{"check-1/domain/records/dkim/keys/algorithm", "Algorithm", []string{"pkg/dkim"}},
		{"check-1/domain/records/dkim/keys/status", "KeyStatus", []string{"pkg/dkim"}},
		{"check-1/domain/records/dmarc/reports/authorization", "Authorization", []string{"pkg/dmarc"}},
		{"check-1/domain/records/dmarc/status", "Status", []string{"pkg/dmarc"}},
		{"check-1/domain/records/dnsbl/lists/health", "Health", []string{"pkg/dnsbl"}},
		{"check-1/domain/records/dnsbl/lists/status", "Status", []string{"pkg/dnsbl"}},
		{"check-1/domain/records/mtasts/fetch", "Status", []string{"pkg/delivery/https", "pkg/mtasts"}},
		{"check-1/domain/records/mtasts/mode", "Mode", []string{"pkg/mtasts"}},
		{"check-1/domain/records/mtasts/status", "LookupStatus", []string{"pkg/mtasts"}},
		{"check-1/domain/records/mx/kind", "MXKind", []string{"pkg/delivery"}},
		{"check-1/domain/records/spf/status", "SPFStatus", []string{"pkg/check"}},
		{"check-1/domain/records/tlsrpt/status", "Status", []string{"pkg/tlsrpt"}},
		{"dkim-key-1/type", "Kind", []string{"pkg/dkim"}},
		{"dmarc-1/decision/result", "Result", []string{"pkg/dmarc"}},
		{"doctor-1/diagnoses/status", "DiagnosisStatus", []string{"internal/ui"}},
		{"event-1/event", "EventKind", []string{"pkg/send"}},
		{"logevent-1/mta", "MTA", []string{"pkg/bounce/maillog"}},
		{"logevent-1/outcome", "Outcome", []string{"pkg/bounce/maillog"}},
		{"probe-1/target/dane/status", "DANEStatus", []string{"pkg/probe"}},
		{"probe-1/target/mtasts/status", "STSStatus", []string{"pkg/probe"}},
		{"probe-1/target/pkix/status", "PKIXStatus", []string{"pkg/probe"}},
		{"probe-1/target/reason", "Reason", []string{"pkg/probe"}},
		{"probe-1/target/service", "Service", []string{"pkg/probe"}},
		{"probe-1/target/tls_versions/ciphers/flaws", "Flaw", []string{"pkg/probe/tlsscan"}},
		{"probe-1/target/tls_versions/ciphers/strength", "Strength", []string{"pkg/probe/tlsscan"}},
		{"probe-1/target/tls_versions/outcome", "Outcome", []string{"pkg/probe/tlsscan"}},
		{"reply-1/class", "Class", []string{"pkg/delivery"}},
		{"sink-event-1/event", "EventKind", []string{"internal/sink"}},
		{"sink-event-1/flaws", "Flaw", []string{"internal/sink"}},
		{"sink-message-1/flaws", "Flaw", []string{"internal/sink"}},
		{"spf-1/question/status", "LookupStatus", []string{"pkg/delivery"}},
		{"spf-1/result/identity", "Identity", []string{"pkg/spf"}},
		{"spf-1/step/kind", "Kind", []string{"pkg/spf"}},
		{"spf-1/step/outcome", "StepOutcome", []string{"pkg/spf"}},
		{"verify-1/dkim/result", "DKIMResult", []string{"pkg/verify"}},
	} {
		t.Run(test.list, func(t *testing.T) {
			listed, constants := listedIn(t, test.list), constantsOf(t, test.kind, test.where)
			if len(listed) == 0 || !slices.Equal(listed, constants) {
				t.Errorf("listed are %q\nand there are %q", listed, constants)
			}
		})
	}
}

// listedIn returns the values of a closed list, in order, without the empty one.
func listedIn(t *testing.T, path string) []string {
	t.Helper()
	names := strings.Split(path, "/")
	text, err := os.ReadFile(filepath.Join(schemas, names[0]+".json"))
	if err != nil {
		t.Fatal(err)
	}
	type schema struct {
		Properties  map[string]json.RawMessage
		Definitions map[string]json.RawMessage `json:"$defs"`
		Items       json.RawMessage
		Enum        []string
	}
	for _, name := range append(names[1:], "") {
		var s schema
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		if s.Items != nil {
			text, s = s.Items, schema{}
			if err := json.Unmarshal(text, &s); err != nil {
				t.Fatal(err)
			}
		}
		if name == "" {
			slices.Sort(s.Enum)
			return slices.DeleteFunc(s.Enum, func(value string) bool { return value == "" })
		}
		if text = s.Definitions[name]; text == nil {
			text = s.Properties[name]
		}
		if text == nil {
			t.Fatalf("there is no %q", name)
		}
	}
	return nil
}

// constantsOf returns the values of all constants of a type, in order.
func constantsOf(t *testing.T, kind string, packages []string) []string {
	t.Helper()
	constant := regexp.MustCompile(`(?m)^\s*(?:const )?\w+\s+(?:\w+\.)?` + kind + `\s+= "([^"]+)"`)
	var values []string
	for _, where := range packages {
		files, err := filepath.Glob(filepath.Join("..", "..", where, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range constant.FindAllStringSubmatch(string(source), -1) {
				values = append(values, match[1])
			}
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}
