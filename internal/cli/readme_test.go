package cli

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/sink"
	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// TestPages runs every command that the README and the guides show, page by
// page and in their order. What is on the internet has a stand-in on loopback:
// each relay is a server that wants the login of its URL, and the DNS is a zone.
func TestPages(t *testing.T) {
	pages := guides(t)
	names := testkit.NewDNS(t, readmeZone)
	ran := 0
	for _, page := range pages {
		if filepath.Base(page) == probeGuide {
			continue // its servers need a test of their own
		}
		t.Run(filepath.Base(page), func(t *testing.T) {
			run := pageRun{folder: pageFolder(t), names: names.Addr}
			t.Chdir(run.folder)
			for _, block := range readPage(t, page) {
				run.block(t, block)
			}
			ran += run.commands
		})
	}
	if ran < 50 {
		t.Errorf("only %d commands found in %d pages", ran, len(pages))
	}
}

// TestPageLinks follows the links of the pages to one another.
func TestPageLinks(t *testing.T) {
	for _, page := range guides(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range pageLink.FindAllStringSubmatch(string(text), -1) {
			path := filepath.Join(filepath.Dir(page), link[1])
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s links to %s, which is not there", filepath.Base(page), link[1])
			}
		}
	}
}

var pageLink = regexp.MustCompile(`\]\(([^):#{]+)[)#]`)

// probeGuide is the page that TestProbeGuideCommands runs.
const probeGuide = "probe.md"

// guides returns the files of the README and the guides.
func guides(t *testing.T) []string {
	t.Helper()
	project, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(filepath.Join(project, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	return append(pages, filepath.Join(project, "README.md"))
}

// readmeZone is what the pages' domain publishes.
const readmeZone = `
acme.example. 300 IN SOA ns.acme.example. hostmaster.acme.example. 1 3600 600 86400 300
acme.example. 300 IN MX 10 mx.acme.example.
mx.acme.example. 300 IN A 192.0.2.1
acme.example. 300 IN TXT "v=spf1 mx -all"
_spf.relay.example. 300 IN TXT "v=spf1 ip4:198.51.100.0/24 -all"
_dmarc.acme.example. 300 IN TXT "v=DMARC1; p=reject; rua=mailto:reports@acme.example"
default._domainkey.acme.example. 300 IN CNAME s2026._domainkey.acme.example.
relay.acme.example. 300 IN A 127.0.0.1
s2026._domainkey.acme.example. 300 IN TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
`

// pageFolder returns a folder with the files that a reader is taken to have.
func pageFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for name, source := range map[string]string{
		"contacts.csv": "lists/contacts.csv", "welcome.md": "messages/welcome.md",
		"mail.log": "logs/postfix.log", "returned.mbox": "bounces/exim-dsn.eml",
	} {
		content, err := os.ReadFile(filepath.Join("../../testdata", source))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{name, filepath.Join("testdata", source)} {
			path = filepath.Join(folder, path)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return folder
}

// A pageRun does what a page says.
type pageRun struct {
	folder   string
	names    string   // address of the DNS
	more     []string // arguments of every command, in the place of the DNS
	commands int      // how many there were
}

// block does what one block says.
func (r *pageRun) block(t *testing.T, b pageBlock) {
	t.Helper()
	if b.file != "" {
		if err := os.WriteFile(filepath.Join(r.folder, b.file), []byte(onLoopback(t, b.text)), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, c := range b.commands(t) {
		r.commands++
		code, said := r.run(t, c.line)
		switch {
		case !c.shown && code != exitOK:
			t.Errorf("%s\nexit code %d\n%s", c.line, code, said)
		case c.shown:
			if line := missingLine(c.says, said); line != "" {
				t.Errorf("%s\ndoes not say what the page shows, after what comes before it:\n%s\n\nIt says:\n%s", c.line, line, said)
			}
		}
	}
}

// run runs one command, and returns what it said. A server runs until it is
// interrupted.
func (r *pageRun) run(t *testing.T, command string) (code int, said string) {
	t.Helper()
	if r.more == nil {
		command = onLoopback(t, r.direct(t, command))
	}
	args := append(splitShell(command)[1:], r.more...)
	asks := r.more == nil && slices.Contains([]string{"check", "spf", "dmarc", "verify", "doctor", "probe"}, args[0])
	if asks || args[0] == "warmup" && slices.Contains(args, "--list") {
		args = append(args, "--resolver", r.names)
	}
	env := testEnvironment(map[string]string{"HOME": r.folder, "MAILCTL_PASSWORD": "secret"})
	var output, result bytes.Buffer
	env.Stdout, env.Stderr = io.MultiWriter(&output, &result), &output
	ctx := t.Context()
	if args[0] == "sink" {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
	}
	code = Run(ctx, env, args)
	if args[0] == "sink" && code == exitInterrupted {
		code = exitOK // there is no other end
	}
	checkOutput(t, result.String())
	return code, output.String()
}

// direct lets what goes straight to a receiver go to one on loopback: the domain
// that has no mail exchanger but itself.
func (r *pageRun) direct(t *testing.T, command string) string {
	t.Helper()
	if !strings.Contains(command, "--via mx: ") {
		return command
	}
	server, err := sink.Start(t.Context(), sink.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close(context.Background()) })
	_, port, err := net.SplitHostPort(server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	command = strings.Replace(command, "--via mx: ", "--via mx:?port="+port+" --resolver "+r.names+" ", 1)
	return strings.Replace(command, "--test-to you@acme.example", "--test-to you@relay.acme.example", 1)
}

var relayURL = regexp.MustCompile(`smtps?://[^\s']+`)

// onLoopback puts a server on loopback in the place of each relay, and a free
// port in that of the sink's.
func onLoopback(t *testing.T, text string) string {
	t.Helper()
	text = relayURL.ReplaceAllStringFunc(text, func(shown string) string {
		relay, err := delivery.ParseRelay(shown)
		if err != nil {
			t.Fatal(err)
		}
		server, err := sink.Start(t.Context(), sink.Options{Login: login(relay)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := server.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		at := url.URL{Scheme: "smtp", Host: server.Addr(), RawQuery: "tls=none&auth=plaintext"}
		if relay.User != "" {
			at.User = url.User(relay.User)
		}
		return at.String()
	})
	if strings.HasPrefix(text, "mailctl probe ") {
		text = strings.Replace(text, ":587", ":"+probedPort(t), 1)
	}
	return strings.ReplaceAll(text, "127.0.0.1:2525", "127.0.0.1:0")
}

// probedPort returns the port of a server whose certificate is signed by itself.
func probedPort(t *testing.T) string {
	t.Helper()
	config := testkit.ServerTLS(testkit.SelfSigned(t, "relay.acme.example"))
	server, err := sink.Start(t.Context(), sink.Options{TLS: config})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close(context.Background()) })
	_, port, err := net.SplitHostPort(server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// login returns the login that a relay's URL is for.
func login(relay delivery.Relay) *sink.Login {
	if relay.User == "" {
		return nil
	}
	return &sink.Login{User: relay.User, Password: "secret"}
}
