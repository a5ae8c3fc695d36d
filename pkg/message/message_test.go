package message

import (
	"bytes"
	"flag"
	"io"
	"mime"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/delivery"
)

var update = flag.Bool("update", false, "write the golden files anew")

// when is the time of every message in the tests.
var when = time.Date(2026, time.November, 22, 8, 0, 0, 0, time.FixedZone("", 3600))

// acme is the sender of every message in the tests.
var acme = delivery.Mailbox{Name: "Acme", Address: delivery.Address{Local: "news", Domain: "acme.example"}}

// zoe is the recipient of most messages in the tests.
func zoe() Row {
	return Row{
		Address: delivery.Address{Local: "zoe", Domain: "fjord.example"},
		Fields: map[string]any{
			"email": "zoe@fjord.example", "name": "Zoë Ångström", "company": "Fjord & Fell AB", "city": "Malmö", "orders": "3",
		},
	}
}

// with returns a row with one more column.
func with(row Row, name string, value any) Row {
	fields := map[string]any{name: value}
	for k, v := range row.Fields {
		if k != name {
			fields[k] = v
		}
	}
	row.Fields = fields
	return row
}

// compile compiles a message named by its format, with a subject unless it has
// front matter.
func compile(t testing.TB, name, body string, options Options) *Template {
	t.Helper()
	template, err := tryCompile(name, body, options)
	if err != nil {
		t.Fatalf("compile %s: %v\nhints: %q", name, err, delivery.Hints(err))
	}
	return template
}

func tryCompile(name, body string, options Options) (*Template, error) {
	if options.From.Address.IsZero() {
		options.From = acme
	}
	if options.Subject == "" && !strings.HasPrefix(body, "---\n") {
		options.Subject = "Hello"
	}
	if options.Campaign == "" {
		options.Campaign = "test"
	}
	return Compile(Source{Name: name, Body: []byte(body)}, options)
}

func render(t testing.TB, template *Template, row Row) rendered {
	t.Helper()
	r, err := tryRender(template, row)
	if err != nil {
		t.Fatalf("render: %v\nhints: %q", err, delivery.Hints(err))
	}
	checkWire(t, r.Rendered)
	return r
}

// rendered is a message with its parts as they were before they were encoded.
type rendered struct {
	Rendered
	Text, HTML string
}

func tryRender(template *Template, row Row) (rendered, error) {
	r, err := template.Render(row, when)
	if err != nil {
		return rendered{}, err
	}
	s := new(scratch)
	if err := template.renderParts(s, row.fields()); err != nil {
		return rendered{}, err
	}
	text, html := s.parts(template.laid)
	return rendered{r, string(text), string(html)}, nil
}

// checkWire holds what every message must keep on the wire.
func checkWire(t testing.TB, r Rendered) {
	t.Helper()
	if problem := wireProblem(r); problem != "" {
		t.Errorf("%s in:\n%q", problem, r.Data)
	}
}

// wireProblem says what is wrong with a message's octets, or nothing.
func wireProblem(r Rendered) string {
	data := r.Data
	switch {
	case !bytes.HasSuffix(data, []byte("\r\n")):
		return "no CRLF at the end"
	case bytes.IndexByte(data, 0) >= 0:
		return "a NUL"
	case hasHigh(data) != r.EightBit:
		return "EightBit does not say what is there"
	}
	for line := range bytes.SplitSeq(data, []byte("\r\n")) {
		if bytes.ContainsAny(line, "\r\n") {
			return "a bare CR or LF"
		}
		if len(line) > maxLine {
			return "a line over 998 octets"
		}
	}
	return ""
}

// header parses a message and returns its header.
func header(t testing.TB, r rendered) mail.Header {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(r.Data))
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return m.Header
}

// decoded returns a header field with its encoded words decoded.
func decoded(t testing.TB, h mail.Header, name string) string {
	t.Helper()
	value, err := new(mime.WordDecoder).DecodeHeader(h.Get(name))
	if err != nil {
		t.Fatalf("decode %s %q: %v", name, h.Get(name), err)
	}
	return value
}

// golden compares got with a golden file.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test -update writes it", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

// example reads a message of the project's examples.
func example(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "messages", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// readAll reads a part to its end.
func readAll(t testing.TB, r io.Reader) string {
	t.Helper()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// mentions reports whether any hint of err holds text.
func mentions(err error, text string) bool {
	return strings.Contains(strings.Join(delivery.Hints(err), "\n"), text)
}
