package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
)

func TestParseServer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want string }{
		{"imaps://anna@mail.example/INBOX", "imaps://anna@mail.example:993/INBOX"},
		{"imap://anna%40one.example@mail.example/Bounces/2026", "imap://anna%40one.example@mail.example:143/Bounces/2026"},
		{"pops://anna@mail.example", "pop3s://anna@mail.example:995"},
		{"pop3://anna@mail.example:1110?auth=plaintext", "pop3://anna@mail.example:1110"},
	} {
		s, err := ParseServer(tt.text)
		if err != nil || s.String() != tt.want {
			t.Errorf("%q: %q, %v; want %q", tt.text, s, err, tt.want)
		}
	}
	for _, text := range []string{
		"imaps://mail.example", "imaps://anna:secret@mail.example", "http://anna@mail.example", "imaps://", "%", "imap://a@b?auth=x",
	} {
		_, err := ParseServer(text)
		if err == nil || len(delivery.Hints(err)) == 0 || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v %q", text, err, delivery.Hints(err))
		}
	}
}

func dial(ctx context.Context, addr string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "tcp", addr)
}

// imapBox starts a server with messages in INBOX, the first of them read, and an
// empty folder Done.
func imapBox(t *testing.T, messages ...string) (Server, Login, *imapmemserver.User) {
	t.Helper()
	user := imapmemserver.NewUser("anna", "secret")
	for _, folder := range []string{"INBOX", "Done"} {
		if err := user.Create(folder, nil); err != nil {
			t.Fatal(err)
		}
	}
	for i, text := range messages {
		opt := &imap.AppendOptions{}
		if i == 0 {
			opt.Flags = []imap.Flag{imap.FlagSeen}
		}
		if _, err := user.Append("INBOX", literal{strings.NewReader(text)}, opt); err != nil {
			t.Fatal(err)
		}
	}
	memory := imapmemserver.New()
	memory.AddUser(user)
	ca := testkit.NewCA(t)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{ca.Valid(t, "127.0.0.1")}},
		Logger:    log.New(io.Discard, "", 0), // handshakes that fail are expected
		Caps:      imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}},
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
	t.Cleanup(func() {
		_ = server.Close()
		<-served
	})
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	s := Server{Protocol: "imap", Host: host, Port: port, User: "anna", Folder: "INBOX"}
	return s, Login{Password: "secret", Dial: dial, TLS: ca.ClientTLS()}, user
}

// A literal is a text that the server takes in.
type literal struct{ *strings.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

func readIMAP(t *testing.T, s Server, login Login, opt IMAPOptions) []string {
	t.Helper()
	var got []string
	err := ReadIMAP(t.Context(), s, login, opt, func(m Message) error {
		got = append(got, fmt.Sprintf("%s %q %d", m.Name[strings.LastIndexByte(m.Name, ';'):], m.Data, m.Skipped))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestReadIMAP(t *testing.T) {
	t.Parallel()
	s, login, user := imapBox(t, "A: 1\r\n\r\none", "B: 2\r\n\r\ntwo", "C: 3\r\n\r\nthree")
	second, third := `;UID=2 "B: 2\r\n\r\ntwo" 0`, `;UID=3 "C: 3\r\n\r\nthree" 0`
	all := []string{`;UID=1 "A: 1\r\n\r\none" 0`, second, third}
	same := func(got, want []string) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	same(readIMAP(t, s, login, IMAPOptions{}), all)
	same(readIMAP(t, s, login, IMAPOptions{Unread: true}), all[1:]) // reading marks nothing
	same(readIMAP(t, s, login, IMAPOptions{Unread: true, Bound: 8, Mark: true}), []string{`;UID=2 "B: 2\r\n\r\n" 3`, `;UID=3 "C: 3\r\n\r\n" 5`})
	same(readIMAP(t, s, login, IMAPOptions{Unread: true}), nil)
	same(readIMAP(t, s, login, IMAPOptions{MoveTo: "Done"}), all)
	same(readIMAP(t, s, login, IMAPOptions{}), nil)
	count, err := user.Status("Done", &imap.StatusOptions{NumMessages: true})
	if err != nil || count.NumMessages == nil || *count.NumMessages != 3 {
		t.Errorf("Done has %v, %v", count, err)
	}
}

func TestReadIMAPFails(t *testing.T) {
	t.Parallel()
	s, login, _ := imapBox(t, "A: 1\r\n\r\none", "B: 2\r\n\r\n")
	nothing := func(Message) error { return nil }
	if err := ReadIMAP(t.Context(), s, login, IMAPOptions{Mark: true}, func(Message) error { return errStop }); !errors.Is(err, errStop) {
		t.Errorf("the visitor's error became %v", err)
	}
	if got := readIMAP(t, s, login, IMAPOptions{Unread: true}); len(got) != 1 {
		t.Errorf("a failed visit marked messages: %q", got)
	}
	wrong := login
	wrong.Password = "guess"
	if err := ReadIMAP(t.Context(), s, wrong, IMAPOptions{}, nothing); err == nil || strings.Contains(err.Error(), "guess") {
		t.Errorf("wrong password: %v", err)
	}
	strange := login
	strange.TLS = testkit.NewCA(t).ClientTLS()
	if err := ReadIMAP(t.Context(), s, strange, IMAPOptions{}, nothing); err == nil {
		t.Error("a stranger's certificate is trusted")
	}
	s.Folder = "Nowhere"
	if err := ReadIMAP(t.Context(), s, login, IMAPOptions{}, nothing); err == nil {
		t.Error("a folder that is not there can be read")
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	s.Folder = "INBOX"
	err := ReadIMAP(ctx, s, login, IMAPOptions{}, func(Message) error { cancel(errStop); return nil })
	if !errors.Is(err, errStop) {
		t.Errorf("interrupted: %v", err)
	}
}

// pop3 plays a script and reads from it.
func pop3(t *testing.T, script string, s Server, opt POP3Options) (got []string, err error) {
	t.Helper()
	ca := testkit.NewCA(t)
	server := testkit.SMTP(t, &tls.Config{Certificates: []tls.Certificate{ca.Valid(t, "127.0.0.1")}}, script)
	s.Host, s.Port, _ = net.SplitHostPort(server.Addr)
	s.Protocol, s.User = "pop3", "anna"
	err = ReadPOP3(t.Context(), s, Login{Password: "secret", Dial: dial, TLS: ca.ClientTLS()}, opt, func(m Message) error {
		got = append(got, fmt.Sprintf("%q %d", m.Data, m.Skipped))
		return nil
	})
	return got, err
}

const pop3Begin = `
	> +OK ready
	< STLS
	> +OK go ahead
	! tls
	< USER anna
	> +OK
	< PASS secret
	> +OK logged in
	< STAT
`

func TestReadPOP3(t *testing.T) {
	t.Parallel()
	got, err := pop3(t, pop3Begin+`
		> +OK 2 300
		< RETR 1
		! raw "+OK\r\nA: 1\r\n\r\n..dot\r\n.\r\n"
		< DELE 1
		> +OK
		< RETR 2
		! raw "+OK\r\nB: 2\r\n\r\n0123456789\r\n.\r\n"
		< DELE 2
		> +OK
		< QUIT
		> +OK bye
	`, Server{}, POP3Options{Delete: true, Bound: 14})
	want := []string{`"A: 1\r\n\r\n.dot\r\n" 0`, `"B: 2\r\n\r\n012345" 6`}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	got, err = pop3(t, "> +OK\n< USER anna\n> +OK\n< PASS secret\n> +OK\n< STAT\n> +OK 0 0\n< QUIT\n> +OK", Server{Plain: true}, POP3Options{})
	if err != nil || got != nil {
		t.Errorf("an empty mailbox: %q, %v", got, err)
	}
}

func TestReadPOP3Fails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, script string
		want         error
	}{
		{"no TLS", "> +OK\n< STLS\n> -ERR what?\n! eof", ErrTLSRequired},
		{"octets before the handshake", "> +OK\n< STLS\n! raw \"+OK\\r\\n+OK\\r\\n\"\n! eof", ErrMalformed},
		{"greeting", "> 220 smtp.example\n! eof", ErrMalformed},
		{"long line", "! raw \"+OK " + strings.Repeat("x", 5000) + "\\r\\n\"\n! eof", ErrMalformed},
		{"count", pop3Begin + "> +OK many\n! eof", ErrMalformed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := pop3(t, tt.script, Server{}, POP3Options{}); !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
	got, err := pop3(t, pop3Begin+"> +OK 1 9\n< RETR 1\n! raw \"+OK\\r\\nA: 1\\r\\n\"\n! close", Server{}, POP3Options{Delete: true})
	if err == nil || got != nil {
		t.Errorf("a message that was cut off: %q, %v", got, err)
	}
	_, err = pop3(t, "! wait 1h", Server{}, POP3Options{Wait: 20 * time.Millisecond})
	if netErr, ok := errors.AsType[net.Error](err); !ok || !netErr.Timeout() {
		t.Errorf("silence: %v", err)
	}
}

// FuzzParseServer reads URLs, prints them and reads them again.
func FuzzParseServer(f *testing.F) {
	f.Add("imaps://anna@mail.example/INBOX")
	f.Add("pop3://anna%40one.example@[::1]:110?auth=plaintext")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseServer(text)
		if err != nil || strings.ContainsAny(s.Folder, "?#%") {
			return
		}
		again, err := ParseServer(s.String())
		again.Plain = s.Plain
		if s.Protocol == "pop3" {
			again.Folder = s.Folder
		}
		if err != nil || again != s {
			t.Errorf("%q is %+v, and then %+v, %v", text, s, again, err)
		}
	})
}
