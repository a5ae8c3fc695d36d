package ui

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/check"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file of testdata, which -update writes.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); -update takes it over:\n%s", path, diff)
	}
}

// sampleReport has every severity, several domains, and texts that the forms
// have to escape.
func sampleReport() []CheckedDomain {
	broken := check.Domain{
		Domain: "broken.example", Verdict: check.VerdictFail, Waves: 4,
		Findings: []check.Finding{
			{
				ID: "spf-too-many-lookups", Severity: check.SeverityError, Standard: check.StandardSPF, Subject: "broken.example",
				Message: "the SPF record needs 12 look-ups and receivers stop at 10: they take it for an error, 100% of the time",
				Fix:     `broken.example. 3600 IN TXT "v=spf1 include:_spf.mail.example ip4:192.0.2.0/24 ip4:198.51.100.0/24 ip6:2001:db8::/32 -all"`,
				Record:  "v=spf1 include:_spf.mail.example include:_spf.news.example include:_spf.crm.example include:_spf.shop.example a mx -all",
				Ref:     "RFC 7208 §4.6.4",
			},
			{
				ID: "policy-mx", Severity: check.SeverityError, Standard: check.StandardPolicy, Subject: "broken.example",
				Message: "the policy names mx1.broken.example, which is not published", Fix: "publish it, or change the policy file",
			},
			{
				ID: "dkim-unknown", Severity: check.SeverityUnknown, Standard: check.StandardDKIM, Subject: "s1._domainkey.broken.example",
				Message: "the name server did not answer, so that nobody knows whether there is a key; try again",
			},
			{
				ID: "dmarc-unknown-tag", Severity: check.SeverityWarning, Standard: check.StandardDMARC, Subject: "_dmarc.broken.example",
				Message: "the tag <pct|x> is not known, and `receivers` pass over it",
				Record:  "v=DMARC1; p=none; pct|x=\x1b[31m1; rua=mailto:a@broken.example", Ref: "RFC 9989 §4.7",
			},
			{
				ID: "mtasts-missing", Severity: check.SeverityNotice, Standard: check.StandardMTASTS, Subject: "broken.example",
				Message: "there is no MTA-STS policy", Ref: "RFC 8461",
			},
			{ID: "mx-ok", Severity: check.SeverityOK, Standard: check.StandardMX, Subject: "broken.example", Message: "2 hosts, all found"},
			{ID: "tlsrpt-ok", Severity: check.SeverityOK, Standard: check.StandardTLSRPT, Subject: "broken.example", Message: "reports go to a@broken.example"},
		},
		Records: map[check.Standard]any{check.StandardMX: map[string]any{"hosts": []string{"mx2.broken.example"}}},
		Profiles: []check.Profile{{Receiver: "gmail", Date: "2026-11-01", Rules: []check.RuleResult{
			{Rule: "gmail-dmarc", Status: check.RulePass, Text: "bulk senders publish DMARC with at least p=none", Why: "p=none", Source: "https://support.google.com/a/answer/81126"},
			{Rule: "gmail-spf", Status: check.RuleFail, Text: "bulk senders publish SPF", Why: "the record is in error", Source: "https://support.google.com/a/answer/81126"},
			{Rule: "gmail-tls", Status: check.RuleNotCheckable, Text: "mail comes over TLS", Why: "only a session shows it", Source: "https://support.google.com/a/answer/81126"},
		}}},
	}
	good := check.Domain{
		Domain: "xn--bcher-kva.example", Verdict: check.VerdictPass, Records: map[check.Standard]any{},
		Findings: []check.Finding{{ID: "spf-ok", Severity: check.SeverityOK, Standard: check.StandardSPF, Subject: "xn--bcher-kva.example", Message: "4 look-ups"}},
	}
	return []CheckedDomain{
		{Domain: broken, Place: Place{"mail policy.yaml", 3}, Lines: map[int]Place{1: {"mail policy.yaml", 7}}},
		{Domain: good},
	}
}

// printReport prints a report in one form.
func printReport(t *testing.T, format string, style Style, report []CheckedDomain) string {
	t.Helper()
	var out bytes.Buffer
	p := NewCheckPrinter(&out, style, format, CheckOptions{FailOn: check.SeverityError, Version: "v1.2.3", Several: len(report) > 1})
	for _, d := range report {
		if err := p.Print(d); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.End(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// stable leaves out of SARIF what changes with the rules.
func stable(t *testing.T, format, text string) string {
	t.Helper()
	if format != "sarif" {
		return text
	}
	var log map[string]any
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		t.Fatal(err)
	}
	run := log["runs"].([]any)[0].(map[string]any)
	run["tool"].(map[string]any)["driver"].(map[string]any)["rules"] = "left out"
	for _, r := range run["results"].([]any) {
		delete(r.(map[string]any), "ruleIndex")
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(log); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCheckFormats(t *testing.T) {
	for _, format := range CheckFormats() {
		t.Run(format, func(t *testing.T) {
			got := printReport(t, format, Style{Width: 80}, sampleReport())
			golden(t, "check."+format, stable(t, format, got))
		})
	}
}

// TestCheckTextObeysNothing shows that a record cannot move the cursor, and that
// only records are wider than the screen.
func TestCheckTextObeysNothing(t *testing.T) {
	text := printReport(t, "text", Style{Width: 80}, sampleReport())
	for line := range strings.Lines(text) {
		if strings.ContainsAny(line, "\x1b\r\u202e") {
			t.Errorf("a control character is left in %q", line)
		}
		if len([]rune(line)) > 81 && !strings.Contains(line, " IN TXT ") {
			t.Errorf("too wide: %q", line)
		}
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"plain\n": "plain\n", "a\x1b[2Jb": `a\x1b[2Jb`, "\xff": `\xff`, "\u202eabc": `\u202eabc`, "\u009b1m": `\u009b1m`, "ü�": "ü�",
	} {
		if got := printable(in); got != want {
			t.Errorf("printable(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestCheckTextOfSilence shows that a name server which does not answer is not
// blamed once for every selector.
func TestCheckTextOfSilence(t *testing.T) {
	d := check.Domain{Domain: "lost.example", Verdict: check.VerdictUnknown}
	for _, selector := range []string{"s1", "s2", "s3"} {
		d.Findings = append(d.Findings, check.Finding{
			ID: "dkim-unknown", Severity: check.SeverityUnknown, Standard: check.StandardDKIM,
			Subject: selector + "._domainkey.lost.example", Message: "timeout",
		})
	}
	want := `lost.example  unknown  3 unknown

  unknown  dkim-unknown  s1._domainkey.lost.example
           timeout
           the same at s2._domainkey.lost.example, s3._domainkey.lost.example
`
	if diff := cmp.Diff(want, printReport(t, "text", Style{Width: 80}, []CheckedDomain{{Domain: d}})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCheckTextOfOneRecord warns of fixes that would undo each other.
func TestCheckTextOfOneRecord(t *testing.T) {
	const name = "_dmarc.a.example"
	d := check.Domain{Domain: "a.example", Verdict: check.VerdictWarn, Findings: []check.Finding{
		{ID: "dmarc-policy-none", Severity: check.SeverityWarning, Message: "none", Fix: name + `. IN TXT "v=DMARC1; p=quarantine; pct=50"`},
		{ID: "dmarc-historic-tag", Severity: check.SeverityNotice, Message: "pct", Fix: "; a comment\n" + name + `. IN TXT "v=DMARC1; p=none"`},
		{ID: "mtasts-missing", Severity: check.SeverityNotice, Message: "none", Fix: `_mta-sts.a.example. IN TXT "v=STSv1; id=1"`},
	}}
	got := printReport(t, "text", Style{Width: 80}, []CheckedDomain{{Domain: d}})
	want := "\n  More than one finding is about the TXT record of _dmarc.a.example. Each shows\n" +
		"  the record with its own mistake mended: publish one, check again, and go on.\n"
	if !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s", got)
	}
	d.Findings = d.Findings[1:]
	if got := printReport(t, "text", Style{Width: 80}, []CheckedDomain{{Domain: d}}); strings.Contains(got, "More than one") {
		t.Errorf("got\n%s", got)
	}
}

// told is what every form must say about a finding.
func told(domain, id, severity string) string { return domain + " " + id + " " + severity }

// TestCheckFormatsAgree reads the machine's forms again and compares what they
// say.
func TestCheckFormatsAgree(t *testing.T) {
	report := sampleReport()
	want := map[string]bool{}
	for _, d := range report {
		for _, f := range d.Findings {
			want[told(d.Domain.Domain, f.ID, string(f.Severity))] = true
		}
	}
	for format, read := range map[string]func(*testing.T, string) map[string]bool{
		"json": readJSON, "jsonl": readJSONLines, "csv": readCSV, "sarif": readSARIF,
		"junit": readJUnit, "github": readGitHub, "markdown": readMarkdown,
	} {
		got := read(t, printReport(t, format, Style{Width: 80}, report))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", format, diff)
		}
	}
}

func toldBy(domains []check.Domain) map[string]bool {
	got := map[string]bool{}
	for _, d := range domains {
		for _, f := range d.Findings {
			got[told(d.Domain, f.ID, string(f.Severity))] = true
		}
	}
	return got
}

func readJSON(t *testing.T, text string) map[string]bool {
	var r check.Report
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	if r.Schema != check.Schema {
		t.Errorf("schema %q", r.Schema)
	}
	return toldBy(r.Domains)
}

func readJSONLines(t *testing.T, text string) map[string]bool {
	var domains []check.Domain
	for line := range strings.Lines(text) {
		var d check.Domain
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatal(err)
		}
		domains = append(domains, d)
	}
	return toldBy(domains)
}

func readCSV(t *testing.T, text string) map[string]bool {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, row := range rows[1:] {
		got[told(row[0], row[4], row[2])] = true
	}
	return got
}

// readSARIF also holds the log against its schema.
func readSARIF(t *testing.T, text string) map[string]bool {
	testkit.ValidateJSON(t, "../../testdata/schema/sarif-schema-2.1.0.json", []byte(text))
	var log struct {
		Schema string `json:"$schema"`
		Runs   []struct {
			Tool       sarifTool
			Results    []sarifResult
			Properties struct{ Passed []check.Finding }
		}
	}
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(log.Schema, "sarif-schema-2.1.0.json") || len(log.Runs) != 1 {
		t.Errorf("schema %q, %d runs", log.Schema, len(log.Runs))
	}
	run := log.Runs[0]
	got := map[string]bool{}
	for _, r := range run.Results {
		f := r.Properties
		domain := strings.TrimSuffix(r.Locations[0].Logical[0].QualifiedName, "/"+f.Subject)
		got[told(domain, r.RuleID, string(f.Severity))] = true
		if r.Message.Text == "" || (r.Kind != "fail") != (r.Level == "none") {
			t.Errorf("result %+v", r)
		}
		if r.RuleIndex != nil && run.Tool.Driver.Rules[*r.RuleIndex].ID != r.RuleID {
			t.Errorf("rule %d is %q, want %q", *r.RuleIndex, run.Tool.Driver.Rules[*r.RuleIndex].ID, r.RuleID)
		}
	}
	for _, f := range run.Properties.Passed {
		domain := f.Subject
		got[told(domain, f.ID, string(f.Severity))] = true
	}
	return got
}

// TestCheckSARIFStreams shows that results leave as they come, so that a long list
// is never held in memory, and that a log without any is one.
func TestCheckSARIFStreams(t *testing.T) {
	var out bytes.Buffer
	p := NewCheckPrinter(&out, Style{}, "sarif", CheckOptions{})
	d := sampleReport()[0]
	if err := p.Print(d); err != nil {
		t.Fatal(err)
	}
	for _, f := range d.Findings {
		if f.Severity != check.SeverityOK && !strings.Contains(out.String(), `"ruleId":"`+f.ID+`"`) {
			t.Errorf("%s is not printed yet", f.ID)
		}
	}
	if got := readSARIF(t, printReport(t, "sarif", Style{}, nil)); len(got) > 0 {
		t.Errorf("read %v out of nothing", got)
	}
}

func readJUnit(t *testing.T, text string) map[string]bool {
	var suites struct {
		Suites []junitSuite `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(text), &suites); err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, suite := range suites.Suites {
		for _, c := range suite.Cases {
			id, _, _ := strings.Cut(c.Name, " ")
			severity, _, _ := strings.Cut(c.Output, ":")
			switch {
			case c.Failure != nil:
				severity = c.Failure.Type
			case c.Skipped != nil:
				severity = "unknown"
			}
			got[told(suite.Name, id, severity)] = true
		}
	}
	return got
}

func readGitHub(t *testing.T, text string) map[string]bool {
	shown := regexp.MustCompile(`^::(error|warning|notice) (?:.*,)?title=([^%]+)%3A ([a-z-]+)( \(unknown\))?::.`)
	hidden := regexp.MustCompile(`^::debug::([^:]+): ([a-z-]+): .`)
	got := map[string]bool{}
	for line := range strings.Lines(text) {
		if m := shown.FindStringSubmatch(line); m != nil {
			severity := m[1]
			if m[4] != "" {
				severity = "unknown"
			}
			got[told(m[2], m[3], severity)] = true
		} else if m := hidden.FindStringSubmatch(line); m != nil {
			got[told(m[1], m[2], "ok")] = true
		} else {
			t.Errorf("no workflow command: %q", line)
		}
	}
	return got
}

func readMarkdown(_ *testing.T, text string) map[string]bool {
	heading := regexp.MustCompile(`^## (\S+): `)
	row := regexp.MustCompile(`^\| (error|unknown|warning|notice|ok) \| ([a-z-]+) \| .* \|$`)
	got, domain := map[string]bool{}, ""
	for line := range strings.SplitSeq(text, "\n") {
		if m := heading.FindStringSubmatch(line); m != nil {
			domain = m[1]
		} else if m := row.FindStringSubmatch(line); m != nil {
			got[told(domain, m[2], m[1])] = true
		}
	}
	return got
}

// TestCheckJUnit reads the XML as programs do.
func TestCheckJUnit(t *testing.T) {
	for failOn, failures := range map[check.Severity]int{check.SeverityError: 2, check.SeverityWarning: 3, check.SeverityNotice: 4} {
		var out bytes.Buffer
		p := NewCheckPrinter(&out, Style{}, "junit", CheckOptions{FailOn: failOn})
		if err := p.Print(sampleReport()[0]); err != nil {
			t.Fatal(err)
		}
		if err := p.End(); err != nil {
			t.Fatal(err)
		}
		var got struct {
			XMLName xml.Name     `xml:"testsuites"`
			Suites  []junitSuite `xml:"testsuite"`
		}
		if err := xml.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		s := got.Suites[0]
		if fmt.Sprint(s.Tests, s.Failures, s.Skipped, len(s.Cases)) != fmt.Sprint(7, failures, 1, 7) {
			t.Errorf("--fail-on %s: %d tests, %d failures, %d skipped, %d cases", failOn, s.Tests, s.Failures, s.Skipped, len(s.Cases))
		}
	}
}

// TestCheckEmpty prints a report of nothing, which must still be read.
func TestCheckEmpty(t *testing.T) {
	for format, want := range map[string]string{
		"text": "", "json": `{"schema":"mailctl.check/1","domains":[]}` + "\n", "jsonl": "", "github": "", "markdown": "",
		"csv": "domain,verdict,severity,standard,id,subject,message,fix,record,ref\n",
	} {
		if got := printReport(t, format, Style{Width: 80}, nil); got != want {
			t.Errorf("%s: %q, want %q", format, got, want)
		}
	}
}

func TestFoldRecords(t *testing.T) {
	const long = `_dmarc.acme.example. IN TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc-reports@acme.example"`
	const folded = "_dmarc.acme.example. IN TXT (\n  \"v=DMARC1; p=quarantine; rua=mailto:dmarc-reports@acme.example\"\n)"
	for zone, want := range map[string]string{
		long:                          folded,
		"a. IN TXT \"short\"":         "a. IN TXT \"short\"",
		"; in words\n" + long + "\nx": "; in words\n" + folded + "\nx",
		"; " + long:                   "; " + long,
	} {
		if got := FoldRecords(zone, Style{Width: 80, Terminal: true}); got != want {
			t.Errorf("%q: %q, want %q", zone, got, want)
		}
		if !isZone(long) || !isZone(folded) {
			t.Errorf("%q is no zone", folded)
		}
	}
}
