package cli

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// writtenFiles are what the commands of these tests read.
func writtenFiles(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, content := range map[string]string{
		"list.csv":        "email\nanna@x.example\n",
		"message.md":      "---\nsubject: s\n---\nt\n",
		"mail.eml":        "From: a@acme.example\nSubject: s\n\nt\n",
		"folder/mail.eml": "From: a@acme.example\nSubject: s\n\nt\n",
		"rules.yaml":      "name: x\n",
		"mailctl.yaml":    "format: text\n",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// runWritten runs a command in a home of its own.
func runWritten(t *testing.T, command string) (code int, stderr string) {
	t.Helper()
	env := testEnvironment(map[string]string{"HOME": t.TempDir()})
	var said bytes.Buffer
	env.Stderr = &said
	code = Run(t.Context(), env, strings.Fields(command))
	return code, said.String()
}

const sendWritten = "send --list list.csv --message message.md --from a@acme.example --via sink: --yes "

// TestWhatIsReadIsNotWritten shows that no command destroys what it is told to read.
func TestWhatIsReadIsNotWritten(t *testing.T) {
	writtenFiles(t)
	for name, target := range map[string]string{"link.csv": "list.csv"} {
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ command, file, want string }{
		{sendWritten + "--out list.csv", "list.csv", `--out "list.csv" is also what --list names`},
		{sendWritten + "--out link.csv", "list.csv", `--out "link.csv" is also what --list names`},
		{sendWritten + "--out ./message.md", "message.md", `--out "./message.md" is also what --message names`},
		{sendWritten + "--attach mail.eml --out mail.eml", "mail.eml", `is also what --attach names`},
		{sendWritten + "--via sink:rules.yaml --out rules.yaml", "rules.yaml", `is also what --via names`},
		{"preview --list list.csv --message message.md --out message.md", "message.md", `is also what --message names`},
		{"dkim sign --domain acme.example --selector s --key k.pem --out mail.eml mail.eml", "mail.eml", `is also what is to be read`},
		{"dkim keygen --domain acme.example --selector s --key k.pem --out ./k.pem", "", `--out "./k.pem" is also what --key names`},
		{"verify mail.eml --out mail.eml", "mail.eml", `is also what is to be read`},
		{"bounce mail.eml --out mail.eml", "mail.eml", `is also what is to be read`},
		{"bounce folder --out folder/mail.eml", "folder/mail.eml", `--out "folder/mail.eml" lies in "folder", which is to be read`},
		{"suppress import list.csv --out list.csv", "list.csv", `is also what is to be read`},
		{"reply --log mail.eml --out mail.eml", "mail.eml", `is also what --log names`},
		{"reply --log list.csv mail.eml --out mail.eml", "mail.eml", `is also what is to be read`},
		{"reply --log mail.eml --suppressions mail.eml", "mail.eml", `--suppressions "mail.eml" is also what --log names`},
		{"sink --personality rules.yaml --out rules.yaml", "rules.yaml", `is also what --personality names`},
		{"version --out mailctl.yaml", "mailctl.yaml", `is also the configuration`},
	} {
		var before []byte
		if test.file != "" {
			before = readFile(t, test.file)
		}
		code, stderr := runWritten(t, test.command)
		if code != exitUsage || !strings.Contains(stderr, test.want) || !strings.Contains(stderr, "hint: write to ") {
			t.Errorf("%s: exit code %d, %q, not %q", test.command, code, stderr, test.want)
		}
		if test.file != "" && !bytes.Equal(before, readFile(t, test.file)) {
			t.Errorf("%s: %s is not what it was", test.command, test.file)
		}
	}
}

// TestStandardInputIsNotWritten shows that a redirected file is safe too.
func TestStandardInputIsNotWritten(t *testing.T) {
	writtenFiles(t)
	f, err := os.Open("list.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	env := testEnvironment(map[string]string{"HOME": t.TempDir()})
	var stderr bytes.Buffer
	env.Stdin, env.Stderr = f, &stderr
	code := Run(t.Context(), env, strings.Fields("suppress import - --out list.csv"))
	if code != exitUsage || !strings.Contains(stderr.String(), `is also standard input`) {
		t.Errorf("exit code %d, %q", code, stderr.String())
	}
}

// TestOutIsTriedFirst shows that nothing is done when the result could not be kept,
// and that trying leaves nothing behind.
func TestOutIsTriedFirst(t *testing.T) {
	writtenFiles(t)
	state := t.TempDir()
	for _, command := range []string{
		"check acme.example", "campaign list", "suppress add anna@x.example", "completion bash",
		sendWritten + "--format json", "dkim keygen --domain acme.example --selector s --key k.pem",
	} {
		for _, out := range []string{"nowhere/x", "folder", "list.csv/x"} {
			code, stderr := runWritten(t, command+" --out "+out+" --state "+state)
			if code != exitUsage || !strings.Contains(stderr, `error: cannot write --out "`+out+`": `) {
				t.Errorf("%s --out %s: exit code %d, %q", command, out, code, stderr)
			}
		}
	}
	if code, _ := runWritten(t, "campaign show none --out new.txt"); code != exitUsage {
		t.Errorf("no campaign: exit code %d", code)
	}
	for _, made := range []string{"new.txt", "k.pem"} {
		if _, err := os.Stat(made); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is there: %v", made, err)
		}
	}
	if left, err := os.ReadDir(state); err != nil || len(left) > 0 {
		t.Errorf("the ledger has %v: %v", left, err)
	}
}

// fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
}

// TestFullDisk shows that every command ends the same when its result cannot be
// written.
func TestFullDisk(t *testing.T) {
	writtenFiles(t)
	const dns = " --resolver 127.0.0.1:1"
	for _, command := range []string{
		"check acme.example" + dns, "verify mail.eml" + dns, "spf acme.example" + dns, "doctor" + dns,
		"bounce mail.eml", "reply 550", "reply --log mail.eml", "template list", "suppress export", "version",
		"preview --list list.csv --message message.md", sendWritten, sendWritten + "--format jsonl", sendWritten + "--dry-run",
		"help", "help send", "send --help", "campaign", "completion bash",
	} {
		env := testEnvironment(map[string]string{"HOME": t.TempDir()})
		var stderr bytes.Buffer
		env.Stdout, env.Stderr = fullDisk{}, &stderr
		code := Run(t.Context(), env, strings.Fields(command))
		if code != exitUnfinished || !strings.Contains(stderr.String(), "error: cannot write the result: no space left on device\n") {
			t.Errorf("%s: exit code %d, %q", command, code, stderr.String())
		}
	}
}

// TestCompletionIsWrittenToOut shows that completion obeys what all commands do.
func TestCompletionIsWrittenToOut(t *testing.T) {
	t.Chdir(t.TempDir())
	if code, stderr := runWritten(t, "completion zsh --out script"); code != exitOK || stderr != "" {
		t.Errorf("exit code %d, %q", code, stderr)
	}
	if script := readFile(t, "script"); !bytes.HasPrefix(script, []byte("#compdef mailctl")) {
		t.Errorf("the script is %.40q", script)
	}
	code, stderr := runWritten(t, "completion bsh")
	if code != exitUsage || !strings.Contains(stderr, `unknown command "bsh" for "mailctl completion"`) || !strings.Contains(stderr, `did you mean "bash"?`) {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
