package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/sink"
	"github.com/mailctl/mailctl/internal/testkit"
)

// TestReadmeCommands runs every command that the README and the guides show, in
// one folder, with a server on loopback in the place of the relay.
func TestReadmeCommands(t *testing.T) {
	relay, err := sink.Start(t.Context(), sink.Options{Login: &sink.Login{User: "me", Password: "secret"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = relay.Close(context.Background()) })
	names := testkit.NewDNS(t, readmeZone)
	folder := t.TempDir()
	project, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for name, source := range map[string]string{"contacts.csv": "lists/contacts.csv", "welcome.md": "messages/welcome.md"} {
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
	t.Chdir(folder)
	ran := 0
	commands := append(shownCommands(t, filepath.Join(project, "README.md")), shownCommands(t, filepath.Join(project, "docs", "warmup.md"))...)
	for _, command := range commands {
		command = strings.ReplaceAll(command, "smtp://me@relay.acme.example:587", "smtp://me@"+relay.Addr()+"?tls=none&auth=plaintext")
		command = strings.ReplaceAll(command, "127.0.0.1:2525", "127.0.0.1:0")
		if words := strings.Fields(command); slices.Contains([]string{"check", "spf", "dmarc"}, words[1]) || slices.Contains(words, "warmup") && slices.Contains(words, "--list") {
			command += " --resolver " + names.Addr
		}
		runShown(t, folder, command, splitShell(command)[1:])
		ran++
	}
	if ran < 8 {
		t.Errorf("only %d commands found in the README", ran)
	}
}

// readmeZone is what the README's domain publishes.
const readmeZone = `
acme.example. 300 IN SOA ns.acme.example. hostmaster.acme.example. 1 3600 600 86400 300
acme.example. 300 IN MX 10 mx.acme.example.
mx.acme.example. 300 IN A 192.0.2.1
acme.example. 300 IN TXT "v=spf1 mx -all"
_dmarc.acme.example. 300 IN TXT "v=DMARC1; p=reject; rua=mailto:reports@acme.example"
default._domainkey.acme.example. 300 IN TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
`

var codeBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// shownCommands returns the mailctl commands in the shell blocks of a page.
func shownCommands(t *testing.T, page string) []string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var commands []string
	for _, block := range codeBlock.FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(strings.ReplaceAll(block[1], "\\\n", " ")) {
			line = strings.TrimSpace(line)
			line = strings.Replace(line, "go run ./cmd/mailctl", "mailctl", 1)
			if strings.HasPrefix(line, "mailctl ") {
				commands = append(commands, line)
			} else if line != "make test" {
				t.Errorf("%s shows a command that no test runs: %s", page, line)
			}
		}
	}
	return commands
}

// splitShell splits a command as a shell does, which may quote with apostrophes.
func splitShell(command string) []string {
	var words []string
	for i, part := range strings.Split(command, "'") {
		if i%2 == 0 {
			words = append(words, strings.Fields(part)...)
		} else {
			words = append(words, part)
		}
	}
	return words
}

// runShown runs one command. A server runs until it is interrupted.
func runShown(t *testing.T, folder, command string, args []string) {
	t.Helper()
	env := testEnvironment(map[string]string{"HOME": folder, "MAILCTL_PASSWORD": "secret"})
	var stderr bytes.Buffer
	env.Stderr = &stderr
	ctx := t.Context()
	if args[0] == "sink" {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
	}
	if code := Run(ctx, env, args); code != exitOK {
		t.Errorf("%s\nexit code %d\n%s", command, code, stderr.String())
	}
}
