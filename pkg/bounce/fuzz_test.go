package bounce

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// FuzzParse feeds whole messages: whatever comes, there is at least one report,
// each is safe to show, and its recipient reads back as itself.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob(filepath.Join(bounces, "*.eml"))
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		reports, err := Parse(bytes.NewReader(raw), Options{MaxBytes: 64 << 10})
		if err != nil || len(reports) == 0 || len(reports) > maxRecipients {
			t.Fatalf("%d reports, %v", len(reports), err)
		}
		for _, r := range reports {
			checkReport(t, r)
		}
	})
}

func checkReport(t *testing.T, r Report) {
	t.Helper()
	for _, text := range append([]string{r.Diagnostic, r.MessageID, r.ReportingMTA, r.RemoteMTA}, r.Reply.Lines...) {
		if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
			t.Errorf("not safe to show: %q", text)
		}
	}
	for _, a := range []delivery.Address{r.Recipient, r.Original} {
		if again, err := delivery.ParseAddress(a.String()); !a.IsZero() && (err != nil || again != a) && parseNamed(a.String()) != a {
			t.Errorf("recipient %q reads back as %q: %v", a, again, err)
		}
	}
	switch {
	case r.Kind == KindNone && (r.Note == "" || r.Verdict.Bounce != delivery.BounceNone):
		t.Errorf("not a bounce, yet %+v", r)
	case r.Kind == KindDelay && r.Verdict.Bounce == delivery.BounceHard:
		t.Errorf("a delay that is hard: %+v", r)
	}
}

// FuzzMatchVERP writes a recipient into a pattern and reads it back.
func FuzzMatchVERP(f *testing.F) {
	f.Add("anna", "one.example", "bounce+{local}={domain}@acme.example")
	f.Add("a=b", "two.example", "{local}={domain}@b.example")
	f.Fuzz(func(t *testing.T, local, domain, pattern string) {
		a, err := delivery.ParseAddress(local + "@" + domain)
		if err != nil || a.Local != local || a.Domain != domain || !ValidVERP(pattern) || strings.Count(pattern, "{") != 2 {
			return
		}
		between := pattern[strings.Index(pattern, verpLocal)+len(verpLocal) : strings.Index(pattern, verpDomain)]
		if strings.Contains(domain, between) || strings.Contains(between, domain) {
			return
		}
		path := strings.NewReplacer(verpLocal, local, verpDomain, domain).Replace(pattern)
		if got := matchVERP(path, pattern); got != a && strings.LastIndex(local+between+domain, between) == len(local) {
			t.Errorf("%q in %q reads back as %q", a, path, got)
		}
	})
}

// FuzzPlainText takes the markup off any page.
func FuzzPlainText(f *testing.F) {
	f.Add("<p>one<br>two <b>three</b><pre>a\nb</pre><style>x")
	f.Add("<user@one.example>: unknown")
	f.Fuzz(func(t *testing.T, page string) {
		if text := plainText(page); len(text) > 2*len(page)+16 {
			t.Errorf("%d octets became %d", len(page), len(text))
		}
	})
}
