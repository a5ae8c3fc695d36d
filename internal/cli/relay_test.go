package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/list"
	"github.com/mailctl/mailctl/pkg/send"
)

// TestThroughRealRelays sends a list through each of the mail servers that most
// relays are made of: over STARTTLS with a verified certificate, logged in, and
// signed twice. Everyone gets the message exactly once, byte for byte as it was
// rendered, and another implementation of DKIM verifies what arrived.
func TestThroughRealRelays(t *testing.T) {
	for name, start := range map[string]func(testing.TB, testkit.MTAOptions) *testkit.MTA{
		"Postfix": testkit.Postfix, "OpenSMTPD": testkit.OpenSMTPD, "Exim": testkit.Exim,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			throughRelay(t, start(t, testkit.MTAOptions{RequireAuth: true}))
		})
	}
}

const relayRows = 2000

func throughRelay(t *testing.T, relay *testkit.MTA) {
	folder := relayFolder(t)
	args := []string{
		"send", "--list", filepath.Join(folder, "list.csv"), "--message", filepath.Join(folder, "message.md"),
		"--from", "Acmé <news@acme.example>", "--via", "smtp://" + relay.User + "@" + relay.Addr,
		"--ca-file", relay.CAFile, "--state", filepath.Join(folder, "state"), "--yes", "--format", "json",
	}
	for _, key := range []string{"rsa2048", "ed25519"} {
		path := filepath.Join(folder, key+".pem")
		mustRun(t, "dkim", "keygen", "--domain", "acme.example", "--selector", key, "--type", key, "--key", path, "--out", path+".record")
		args = append(args, "--dkim-key", path, "--dkim-selector", key)
	}
	env := testEnvironment(map[string]string{"MAILCTL_PASSWORD": relay.Password, "HOME": folder})
	var stdout, stderr bytes.Buffer
	env.Stdout, env.Stderr = &stdout, &stderr
	if code := Run(t.Context(), env, args); code != exitOK {
		t.Fatalf("exit code %d\n%s%s", code, stdout.String(), stderr.String())
	}
	checkOutput(t, stdout.String())
	got := relay.Messages()
	if len(got) != relayRows {
		t.Fatalf("%d messages arrived, want %d", len(got), relayRows)
	}
	rendered := newRendering(t, folder)
	seen := map[string]bool{}
	for _, message := range got {
		to := strings.Join(message.To, " ")
		if seen[to] {
			t.Errorf("%s got the message twice", to)
		}
		seen[to] = true
		if want := rendered.of(t, to, message.Data); !bytes.Equal(withoutSignatures(message.Data), want) {
			t.Fatalf("%s got\n%q\nrendered was\n%q", to, withoutSignatures(message.Data), want)
		}
	}
	verifyDKIM(t, folder, got)
}

// testEnvironment returns an environment without terminal.
func testEnvironment(variables map[string]string) Environment {
	return Environment{
		Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard,
		Lookup: func(name string) (string, bool) {
			value, ok := variables[name]
			return value, ok
		},
		Terminal: func(any) (int, bool) { return 0, false },
		Now:      time.Now,
	}
}

func mustRun(t *testing.T, args ...string) {
	t.Helper()
	var stderr bytes.Buffer
	env := testEnvironment(map[string]string{"HOME": t.TempDir()})
	env.Stderr = &stderr
	if code := Run(t.Context(), env, args); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, stderr.String())
	}
}

// relayFolder writes a list with everything that is hard on the way: lines that
// begin with dots, lone dots, trailing spaces, long lines and other scripts.
func relayFolder(t *testing.T) string {
	folder := t.TempDir()
	var rows strings.Builder
	rows.WriteString("email,name,text\n")
	texts := []string{"plain", ".dot", "..", "a\n.\nb", "From here", "trailing   ", "Łódź 東京 🎉", strings.Repeat("long ", 300)}
	for i := range relayRows {
		fmt.Fprintf(&rows, "u%d@x%d.example,Näme %d,\"%s\"\n", i, i%50, i, texts[i%len(texts)])
	}
	message := "---\nsubject: Grüße, {{.name}}\nunsubscribe: https://acme.example/u?to={{.email}}\n---\n# Hello {{.name}}\n\n{{.text}}\n"
	for name, text := range map[string]string{"list.csv": rows.String(), "message.md": message} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// A rendering makes the messages of the list again, unsigned.
type rendering struct {
	letter *letter
	rows   map[string]list.Row
	at     time.Time
}

func newRendering(t *testing.T, folder string) *rendering {
	t.Helper()
	r := &rendering{rows: map[string]list.Row{}}
	env := testEnvironment(nil)
	env.Now = func() time.Time { return r.at }
	var s settings
	s.Send.List, s.Send.Message = filepath.Join(folder, "list.csv"), filepath.Join(folder, "message.md")
	s.Send.From, s.Send.Via, s.Send.MaxBounceRate = "Acmé <news@acme.example>", "smtp://relay.example", "0"
	s.Send.EmailColumn, s.Send.SuppressedColumn = "email", "suppressed"
	m, err := prepareMailing(env, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.close() })
	r.letter = m.letter
	rows, err := m.list.read(s.Send.listSettings)
	if err != nil {
		t.Fatal(err)
	}
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return r
		}
		if err != nil {
			t.Fatal(err)
		}
		r.rows[row.Address.String()] = row
	}
}

// of makes the message of a recipient, dated like the one that arrived.
func (r *rendering) of(t *testing.T, to string, arrived []byte) []byte {
	t.Helper()
	parsed, err := mail.ReadMessage(bytes.NewReader(arrived))
	if err != nil {
		t.Fatal(err)
	}
	if r.at, err = parsed.Header.Date(); err != nil {
		t.Fatal(err)
	}
	address, err := delivery.ParseAddress(to)
	if err != nil {
		t.Fatal(err)
	}
	data, err := list.EncodeFields(r.rows[to].Fields)
	if err != nil {
		t.Fatal(err)
	}
	message, err := r.letter.Render(send.Recipient{Address: address, Data: data}, false)
	if err != nil {
		t.Fatal(err)
	}
	return message.Mail.Data
}

var signatureField = regexp.MustCompile(`(?m)^DKIM-Signature:.*\r\n(?:[ \t].*\r\n)*`)

func withoutSignatures(message []byte) []byte { return signatureField.ReplaceAll(message, nil) }

// verifyScript checks every signature of every message in a folder with dkimpy.
const verifyScript = `
import glob, sys, dkim
records = {}
for path in glob.glob(sys.argv[1] + '/*.record'):
    text = open(path).read()
    name = [line for line in text.splitlines() if '_domainkey' in line][0].split()[0]
    records[name] = ''.join(text.split('"')[1::2]).encode()
def lookup(name, timeout=5):
    return records.get(name.decode() if isinstance(name, bytes) else name)
good = 0
for path in glob.glob(sys.argv[1] + '/*.eml'):
    message = dkim.DKIM(open(path, 'rb').read())
    for i in range(2):
        if not message.verify(i, dnsfunc=lookup):
            sys.exit(path + ': signature %d does not verify' % i)
        good += 1
print(good, 'signatures verify')
`

func verifyDKIM(t *testing.T, folder string, got []testkit.Received) {
	t.Helper()
	const python = "/usr/bin/python3"
	if err := exec.CommandContext(t.Context(), python, "-c", "import dkim, nacl").Run(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("python3-dkim and python3-nacl are missing")
		}
		t.Skip("python3-dkim and python3-nacl are missing")
	}
	for i, message := range got {
		path := filepath.Join(folder, fmt.Sprintf("%d.eml", i))
		if err := os.WriteFile(path, message.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	output, err := exec.CommandContext(ctx, python, "-c", verifyScript, folder).CombinedOutput()
	if err != nil || !strings.Contains(string(output), "signatures verify") {
		t.Fatalf("%v\n%s", err, output)
	}
	t.Logf("%s", output)
}
