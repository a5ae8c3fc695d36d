package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/mailctl/mailctl/internal/testkit"
)

// mailctlIn runs mailctl with its home in a folder of the test and returns what it
// writes; it must end with code.
func mailctlIn(t *testing.T, home string, code int, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	values := map[string]string{"HOME": home, "XDG_STATE_HOME": home, "MAILCTL_PASSWORD": "secret"}
	env := Environment{
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: time.Now,
		Lookup:   func(name string) (string, bool) { v, ok := values[name]; return v, ok },
		Terminal: func(any) (int, bool) { return 0, false },
	}
	if got := Run(context.Background(), env, args); got != code {
		t.Fatalf("mailctl %q ended with %d\n%s%s", args, got, &stdout, &stderr)
	}
	if strings.Contains(stdout.String()+stderr.String(), "secret") {
		t.Fatalf("the password is shown: %s%s", &stdout, &stderr)
	}
	checkOutput(t, stdout.String())
	return stdout.String()
}

// forwardedBounce is a report about an address that nobody wrote to: that of our
// recipient forwards to it. Only the Message-ID tells.
const forwardedBounce = `From: MAILER-DAEMON@relay.example
To: bounces@acme.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; elsewhere@forwarded.example
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

From: news@acme.example
Message-ID: %s

--b--
`

// TestBounceByMessageID matches a bounce to the campaign by the Message-ID of the
// message that came back.
func TestBounceByMessageID(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	list := filepath.Join(home, "list.csv")
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(home, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	server := newReceiver(t)
	write("list.csv", "email\nanna@one.example\nbob@one.example\n")
	mailctlIn(t, home, 0, "send", "--campaign", "welcome", "--list", list, "--subject", "s", "--text", "t",
		"--from", "news@acme.example", "--via", "smtp://"+server.addr+"?tls=none", "--yes", "--skip-preflight")
	var sent struct {
		MessageID string `json:"message_id"`
	}
	first, _, _ := strings.Cut(mailctlIn(t, home, 0, "campaign", "export", "welcome", "--format", "jsonl"), "\n")
	if err := json.Unmarshal([]byte(first), &sent); err != nil || sent.MessageID == "" {
		t.Fatalf("%v in %s", err, first)
	}
	file := write("bounce.eml", fmt.Sprintf(forwardedBounce, sent.MessageID))
	var line struct{ Recipient, Final, Campaign, Reason, Bounce string }
	for range 2 {
		out := mailctlIn(t, home, 0, "bounce", file, "--suppress", "--format", "jsonl")
		if err := json.Unmarshal([]byte(strings.Replace(out, "final_recipient", "final", 1)), &line); err != nil {
			t.Fatal(err)
		}
		if line.Recipient != "anna@one.example" || line.Final != "elsewhere@forwarded.example" || line.Campaign != "welcome" || line.Bounce != "hard" {
			t.Errorf("%s", out)
		}
	}
	export := mailctlIn(t, home, 0, "campaign", "export", "welcome", "--format", "csv")
	if !strings.Contains(export, "anna@one.example,one.example,bounced,") || !strings.Contains(export, "bob@one.example,one.example,delivered,") {
		t.Errorf("outcomes:\n%s", export)
	}
	list = mailctlIn(t, home, 0, "suppress", "export")
	if !strings.Contains(list, "anna@one.example,hard-bounce") || strings.Contains(list, "elsewhere") {
		t.Errorf("suppressed:\n%s", list)
	}
}

// TestBouncePOP3 reads a mailbox on a server, deletes what was read, and ends with
// 3 when the session breaks.
func TestBouncePOP3(t *testing.T) {
	t.Parallel()
	const begin = "> +OK\n< USER anna\n> +OK\n< PASS secret\n> +OK\n< STAT\n> +OK 1 100\n< RETR 1\n"
	const message = `! raw "+OK\r\nFrom: MAILER-DAEMON@one.example\r\nSubject: failure notice\r\n\r\n<bob@one.example>:\r\n550 5.1.1 no such user\r\n.\r\n"` + "\n"
	url := func(s *testkit.SMTPServer) string { return "pop3://anna@" + s.Addr + "?auth=plaintext" }
	whole := testkit.SMTP(t, nil, begin+message+"< DELE 1\n> +OK\n< QUIT\n> +OK")
	out := mailctlIn(t, t.TempDir(), 0, "bounce", "--pop3", url(whole), "--pop3-delete", "--format", "jsonl")
	if !strings.Contains(out, `"recipient":"bob@one.example","code":550`) {
		t.Errorf("%s", out)
	}
	broken := testkit.SMTP(t, nil, begin+"! close")
	mailctlIn(t, t.TempDir(), exitUnfinished, "bounce", "--pop3", url(broken))
}

// TestBounceIMAP reads what is unread in a mailbox on a server, marks and moves it.
func TestBounceIMAP(t *testing.T) {
	t.Parallel()
	user := imapmemserver.NewUser("anna", "secret")
	for _, folder := range []string{"INBOX", "Done"} {
		if err := user.Create(folder, nil); err != nil {
			t.Fatal(err)
		}
	}
	message := strings.NewReader("From: MAILER-DAEMON@one.example\r\nSubject: failure notice\r\n\r\n<bob@one.example>:\r\n550 5.1.1 no such user\r\n")
	if _, err := user.Append("INBOX", message, &imap.AppendOptions{}); err != nil {
		t.Fatal(err)
	}
	memory := imapmemserver.New()
	memory.AddUser(user)
	server := imapserver.New(&imapserver.Options{
		InsecureAuth: true, Caps: imap.CapSet{imap.CapIMAP4rev1: {}},
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener) // it ends when it is closed
	}()
	defer func() {
		_ = server.Close()
		<-served
	}()
	url := "imap://anna@" + listener.Addr().String() + "/INBOX?auth=plaintext"
	args := []string{"bounce", "--imap", url, "--imap-unread", "--imap-mark", "--imap-move", "Done", "--format", "jsonl"}
	if out := mailctlIn(t, t.TempDir(), 0, args...); !strings.Contains(out, "/INBOX;UID=1\"") || !strings.Contains(out, `"recipient":"bob@one.example"`) {
		t.Errorf("%s", out)
	}
	if out := mailctlIn(t, t.TempDir(), 0, args...); out != "" {
		t.Errorf("the second time:\n%s", out)
	}
	done, err := user.Status("Done", &imap.StatusOptions{NumMessages: true, NumUnseen: true})
	if err != nil || *done.NumMessages != 1 || *done.NumUnseen != 0 {
		t.Errorf("Done: %+v, %v", done, err)
	}
	mailctlIn(t, t.TempDir(), exitUnfinished, "bounce", "--imap", strings.Replace(url, "INBOX", "Nowhere", 1))
}

// TestBounceThatCannotBeOpened shows that nothing is done when a file cannot be
// opened, as when it is missing.
func TestBounceThatCannotBeOpened(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	writtenFiles(t)
	if err := os.Chmod("mail.eml", 0); err != nil {
		t.Fatal(err)
	}
	code, stderr := runWritten(t, "bounce folder mail.eml")
	if code != exitUsage || !strings.Contains(stderr, `error: cannot read "mail.eml": permission denied`) {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}
