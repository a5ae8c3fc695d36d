package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/sink"
	"github.com/mailctl/mailctl/internal/ui"
)

// A receiver is a local server that remembers whom it accepted mail for, and
// when.
type receiver struct {
	addr string

	mu       sync.Mutex
	accepted map[string]int
	times    []time.Time
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	return newReceiverThat(t, nil)
}

// newReceiverThat returns one that answers as its personality says; nil accepts
// everything.
func newReceiverThat(t *testing.T, personality *sink.Personality) *receiver {
	t.Helper()
	r := &receiver{accepted: map[string]int{}}
	server, err := sink.Start(t.Context(), sink.Options{OnEvent: r.event, Personality: personality})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ended, cancel := context.WithCancel(context.Background())
		cancel() // nobody is waited for
		_ = server.Close(ended)
	})
	r.addr = server.Addr()
	return r
}

func (r *receiver) event(e sink.Event) {
	if e.Kind != sink.EventAccept {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, to := range e.To {
		r.accepted[to]++
	}
	r.times = append(r.times, e.Time)
}

// count returns how many messages were accepted so far.
func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.times)
}

// waitFor waits until n messages were accepted.
func (r *receiver) waitFor(t *testing.T, n int) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for r.count() < n {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d messages after a minute, want %d", r.count(), n)
		}
	}
}

// A process is a mailctl that runs beside the test.
type process struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
}

// start starts mailctl with the arguments, in a folder.
func start(t *testing.T, folder string, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.CommandContext(t.Context(), os.Args[0], args...)}
	p.Dir = folder
	p.Env = append(os.Environ(), asMailctl+"=1", atOnce, "XDG_STATE_HOME="+filepath.Join(folder, "state"), "HOME="+folder)
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// end waits for the process and returns its exit code.
func (p *process) end() int {
	_ = p.Wait() // the exit code says it all
	return p.ProcessState.ExitCode()
}

// writeList writes a list of n recipients and a short message.
func writeList(t *testing.T, n int) (folder string) {
	t.Helper()
	folder = t.TempDir()
	var list strings.Builder
	list.WriteString("email,name\n")
	for i := range n {
		fmt.Fprintf(&list, "u%d@x%d.example,Number %d\n", i, i%7, i)
	}
	for name, text := range map[string]string{
		"list.csv":    list.String(),
		"message.txt": "---\nsubject: Hello {{.name}}\n---\nHello {{.name}}.\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// sendArgs sends the list to a receiver.
func sendArgs(r *receiver, more ...string) []string {
	return append([]string{
		"send", "--list", "list.csv", "--message", "message.txt", "--from", "news@acme.example",
		"--via", "smtp://" + r.addr + "?tls=none", "--yes", "--format", "json",
	}, more...)
}

// summaryOf reads the summary a process printed.
func summaryOf(t *testing.T, p *process) ui.SendSummary {
	t.Helper()
	var s ui.SendSummary
	if err := json.Unmarshal(p.stdout.Bytes(), &s); err != nil {
		t.Fatalf("%v in %q\n%s", err, p.stdout.String(), p.stderr.String())
	}
	return s
}

// TestSurvivesKill kills a mailing five times, with no chance to clean up, and
// lets it go on to its end.
func TestSurvivesKill(t *testing.T) {
	const n, kills, connections = 6000, 5, 10
	r, folder := newReceiver(t), writeList(t, n)
	for kill := range kills {
		p := start(t, folder, sendArgs(r)...)
		r.waitFor(t, r.count()+1+rand.IntN(n/kills/2))
		if err := p.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if code := p.end(); code != -1 {
			t.Fatalf("run %d ended with %d before it could be killed\n%s", kill, code, p.stderr.String())
		}
	}
	p := start(t, folder, sendArgs(r)...)
	code := p.end()
	s := summaryOf(t, p)
	t.Logf("after %d kills: %d delivered, %d unknown", kills, s.Delivered, s.Unknown)
	if s.Delivered+s.Unknown != n || s.Unknown > kills*connections*2 {
		t.Errorf("%d delivered and %d unknown of %d, want at most %d unknown", s.Delivered, s.Unknown, n, kills*connections*2)
	}
	if want := map[bool]int{true: exitWrong, false: exitOK}[s.Unknown > 0]; code != want {
		t.Errorf("exit code %d, want %d\n%s", code, want, p.stderr.String())
	}
	unknown := exported(t, folder, "unknown")
	if len(unknown) != s.Unknown {
		t.Errorf("%d unknown recipients are named, want %d", len(unknown), s.Unknown)
	}
	for i := range n {
		to := fmt.Sprintf("u%d@x%d.example", i, i%7)
		switch times := r.accepted[to]; {
		case times > 1:
			t.Errorf("%s was accepted %d times", to, times)
		case times == 0 && !slices.Contains(unknown, to):
			t.Errorf("%s was never accepted, and is not named as unknown", to)
		}
	}
}

// exported returns the addresses with an outcome.
func exported(t *testing.T, folder, outcome string) []string {
	t.Helper()
	p := start(t, folder, "campaign", "export", "list-message", "--outcome", outcome, "--format", "jsonl")
	if code := p.end(); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, p.stderr.String())
	}
	var addresses []string
	for line := range strings.Lines(p.stdout.String()) {
		var recipient struct {
			Email string `json:"email"`
		}
		if err := json.Unmarshal([]byte(line), &recipient); err != nil {
			t.Fatal(err)
		}
		addresses = append(addresses, recipient.Email)
	}
	return addresses
}

// TestInterrupted stops a mailing politely, and lets it go on.
func TestInterrupted(t *testing.T) {
	const n = 3000
	r, folder := newReceiver(t), writeList(t, n)
	p := start(t, folder, sendArgs(r)...)
	r.waitFor(t, 200)
	asked := time.Now()
	if err := p.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if code := p.end(); code != exitInterrupted {
		t.Fatalf("exit code %d, want %d\n%s", code, exitInterrupted, p.stderr.String())
	}
	if took := time.Since(asked); took > 10*time.Second {
		t.Errorf("took %v to stop", took)
	}
	if !strings.Contains(lastLine(p.stderr.String()), "run the same command again") {
		t.Errorf("the last line does not say how to go on:\n%s", p.stderr.String())
	}
	if s := summaryOf(t, p); s.Delivered != r.count() || s.Unknown != 0 {
		t.Errorf("%d delivered and %d unknown, but %d accepted", s.Delivered, s.Unknown, r.count())
	}
	p = start(t, folder, sendArgs(r)...)
	if code := p.end(); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, p.stderr.String())
	}
	if len(r.accepted) != n || r.count() != n {
		t.Errorf("%d messages to %d recipients, want %d", r.count(), len(r.accepted), n)
	}
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// TestOneProcessAtATime starts a second mailctl on a campaign under way.
func TestOneProcessAtATime(t *testing.T) {
	r, folder := newReceiver(t), writeList(t, 3000)
	first := start(t, folder, sendArgs(r, "--rate", "500/s")...)
	r.waitFor(t, 10)
	second := start(t, folder, sendArgs(r)...)
	if code := second.end(); code != exitUsage {
		t.Errorf("exit code %d, want %d\n%s", code, exitUsage, second.stderr.String())
	}
	for _, want := range []string{fmt.Sprintf("process %d", first.Process.Pid), "hint: let it finish, or stop it"} {
		if !strings.Contains(second.stderr.String(), want) {
			t.Errorf("no %q in\n%s", want, second.stderr.String())
		}
	}
	if err := first.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	first.end()
}

// TestRateAtTheReceiver counts at the server.
func TestRateAtTheReceiver(t *testing.T) {
	const n, rate = 200, 50
	r, folder := newReceiver(t), writeList(t, n)
	p := start(t, folder, sendArgs(r, "--rate", fmt.Sprintf("%d/s", rate))...)
	if code := p.end(); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, p.stderr.String())
	}
	slices.SortFunc(r.times, time.Time.Compare)
	for i := range len(r.times) - rate {
		if span := r.times[i+rate].Sub(r.times[i]); span <= time.Second {
			t.Errorf("%d messages within %v", rate+1, span)
		}
	}
}

// TestRateForHoldsForWhoIsLeft gives a domain a rate of its own when a campaign
// is resumed.
func TestRateForHoldsForWhoIsLeft(t *testing.T) {
	folder := writeList(t, 0)
	rows := "email,name\na@gmail.com,A\nb@gmail.com,B\nc@x.example,C\n"
	if err := os.WriteFile(filepath.Join(folder, "list.csv"), []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	later, err := sink.ParsePersonality("later.yaml", func(string) ([]byte, error) {
		return []byte("about: later\nrules:\n  - {name: later, at: rcpt, reply: 451 4.7.1 later}\n"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, folder, sendArgs(newReceiverThat(t, later), "--no-wait", "--retry-after", "1ms")...)
	if code := p.end(); code != exitUnfinished {
		t.Fatalf("exit code %d, want %d\n%s", code, exitUnfinished, p.stderr.String())
	}
	r := newReceiver(t)
	p = start(t, folder, sendArgs(r, "--rate-for", "gmail.com=1/h")...)
	r.waitFor(t, 2)
	if err := p.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if code := p.end(); code != exitInterrupted {
		t.Fatalf("exit code %d, want %d\n%s", code, exitInterrupted, p.stderr.String())
	}
	if s := summaryOf(t, p); s.Delivered != 2 || s.Deferred != 1 || s.ByDestination["gmail"]["delivered"] != 1 {
		t.Errorf("%+v, want one of two at gmail and the other recipient", s)
	}
}

// TestSecretsStayInside looks for the password wherever it could leak.
func TestSecretsStayInside(t *testing.T) {
	const secret = "correct-horse-battery"
	server, err := sink.Start(t.Context(), sink.Options{Login: &sink.Login{User: "me", Password: secret}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close(context.Background()) })
	folder := writeList(t, 3)
	password := filepath.Join(folder, "password")
	if err := os.WriteFile(password, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, folder, "send", "--list", "list.csv", "--message", "message.txt", "--from", "news@acme.example",
		"--via", "smtp://me@"+server.Addr()+"?tls=none&auth=plaintext", "--password-file", password, "--yes", "-v")
	if code := p.end(); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, p.stderr.String())
	}
	if !strings.Contains(p.stderr.String(), "> AUTH PLAIN ***") {
		t.Errorf("the conversation does not show a login:\n%s", p.stderr.String())
	}
	encoded := "bWU" // the beginning of base64 of "me", in PLAIN and LOGIN
	for name, text := range map[string]string{"output": p.stdout.String(), "conversation": p.stderr.String()} {
		if strings.Contains(text, secret) || strings.Contains(text, encoded) {
			t.Errorf("the %s shows the password:\n%s", name, text)
		}
	}
	err = filepath.WalkDir(filepath.Join(folder, "state"), func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if open := info.Mode().Perm() & 0o077; open != 0 {
			t.Errorf("%s can be read by others: %v", path, info.Mode())
		}
		if entry.IsDir() {
			return nil
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(secret)) {
			t.Errorf("%s holds the password", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
