package testkit

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"net/textproto"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// realServers are the servers that every test below is about.
var realServers = []struct {
	name  string
	start func(testing.TB, MTAOptions) *MTA
}{
	{"postfix", Postfix},
	{"opensmtpd", OpenSMTPD},
	{"exim", Exim},
}

// onRealServers runs a test on each server.
func onRealServers(t *testing.T, opt MTAOptions, test func(*testing.T, *MTA)) {
	t.Helper()
	for _, server := range realServers {
		t.Run(server.name, func(t *testing.T) {
			t.Parallel()
			test(t, server.start(t, opt))
		})
	}
}

func TestRealServerKeepsEveryByte(t *testing.T) {
	t.Parallel()
	header := "From: News <news@acme.example>\r\nTo: reader@example.com\r\n" +
		"Subject: a line\r\n that is folded\r\nReceived: from elsewhere by somewhere; Sun, 1 Nov 2026 00:00:00 +0000\r\n\r\n"
	want := []Received{
		{From: "news@acme.example", To: []string{"reader@example.com"}, Data: []byte(header + "plain\r\n")},
		{From: "", To: []string{"a@one.example", "b@two.example"}, Data: []byte(header + "no return path\r\n")},
		{From: "news@acme.example", To: []string{"dots@example.com"}, Data: []byte(header + ".\r\n..\r\n.x\r\n \t\r\n\r\n")},
		{From: "news@acme.example", To: []string{"utf8@example.com"}, Data: []byte(header + "Grüße, 你好\r\n")},
		{From: "news@acme.example", To: []string{"long@example.com"}, Data: []byte(header + strings.Repeat("x", 998) + "\r\n")},
		{From: "news@acme.example", To: []string{"large@example.com"}, Data: bytes.Repeat([]byte(header+"y\r\n"), 5000)},
	}
	onRealServers(t, MTAOptions{RequireAuth: true}, func(t *testing.T, m *MTA) {
		client := m.dial(t)
		m.startTLS(t, client)
		m.login(t, client)
		for _, message := range want {
			check(t, submit(client, message))
		}
		got := map[string]Received{} // by recipient: a server may split a message or change their order
		for _, message := range m.Messages() {
			if !bytes.HasPrefix(message.Trace, []byte("Received:")) {
				t.Errorf("trace is %q", message.Trace)
			}
			for _, to := range message.To {
				got[to] = message
			}
		}
		for _, message := range want {
			for _, to := range message.To {
				if got[to].From != message.From || !bytes.Equal(got[to].Data, message.Data) {
					t.Errorf("%s got\n%q from %q, want\n%q from %q", to, got[to].Data, got[to].From, message.Data, message.From)
				}
			}
		}
	})
}

func TestRealServerPassesOnEveryMessage(t *testing.T) {
	t.Parallel()
	const connections, each = 4, 50
	onRealServers(t, MTAOptions{}, func(t *testing.T, m *MTA) {
		var running sync.WaitGroup
		for n := range connections {
			client := m.dial(t)
			running.Go(func() {
				for i := range each {
					to := fmt.Sprintf("r%d@d%d.example", i, n)
					if err := submit(client, Received{From: "news@acme.example", To: []string{to}, Data: []byte("Subject: x\r\n\r\nx\r\n")}); err != nil {
						t.Errorf("%s: %v", to, err)
						return
					}
				}
			})
		}
		running.Wait()
		seen := map[string]int{}
		for _, message := range m.Messages() {
			seen[message.To[0]]++
		}
		if len(seen) != connections*each {
			t.Errorf("%d recipients got a message, want %d", len(seen), connections*each)
		}
		for to, n := range seen {
			if n != 1 {
				t.Errorf("%s got %d messages", to, n)
			}
		}
	})
}

func TestRealServerWantsALogin(t *testing.T) {
	t.Parallel()
	onRealServers(t, MTAOptions{RequireAuth: true}, func(t *testing.T, m *MTA) {
		client := m.dial(t)
		if ok, _ := client.Extension("AUTH"); ok {
			t.Error("AUTH is offered outside TLS")
		}
		m.startTLS(t, client)
		err := client.Mail("news@acme.example") // OpenSMTPD refuses here, the others below
		if err == nil {
			err = client.Rcpt("reader@example.com")
		}
		wantReply(t, err, 5)
		check(t, client.Reset())
		host, _, _ := net.SplitHostPort(m.Addr)
		wantReply(t, client.Auth(smtp.PlainAuth("", m.User, m.Password+"x", host)), 535)
	})
}

func TestRealServerWithoutTLS(t *testing.T) {
	t.Parallel()
	onRealServers(t, MTAOptions{NoTLS: true}, func(t *testing.T, m *MTA) {
		client := m.dial(t)
		if ok, _ := client.Extension("STARTTLS"); ok {
			t.Error("STARTTLS is offered")
		}
		check(t, submit(client, Received{From: "news@acme.example", To: []string{"reader@example.com"}, Data: []byte("Subject: x\r\n\r\nx\r\n")}))
		if got := len(m.Messages()); got != 1 {
			t.Errorf("the next hop got %d messages, want 1", got)
		}
	})
}

func TestRealServerKnowsItsLoginFromAnotherClient(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		opt  MTAOptions
		tls  string
	}{
		{"starttls", MTAOptions{RequireAuth: true}, "--tls"},
		{"implicit", MTAOptions{RequireAuth: true, ImplicitTLS: true}, "--tls-on-connect"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onRealServers(t, tt.opt, func(t *testing.T, m *MTA) {
				swaks := exec.CommandContext(t.Context(), Program(t, "swaks"), "--server", m.Addr, tt.tls,
					"--tls-verify", "--tls-ca-path", m.CAFile, "--auth", "LOGIN", "--auth-user", m.User, "--auth-password", m.Password,
					"--helo", "client.example", "--from", "news@acme.example", "--to", "reader@example.com",
					"--data", `Subject: from swaks\n\nbody\n`)
				if out, err := swaks.CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				messages := m.Messages()
				if len(messages) != 1 || !strings.HasPrefix(string(messages[0].Data), "Subject: from swaks\r\n\r\nbody\r\n") {
					t.Errorf("the next hop got %q", messages)
				}
			})
		})
	}
}

func TestSMTPSink(t *testing.T) {
	t.Parallel()
	addr := SMTPSink(t)
	source := PostfixCommand(t, "smtp-source", "-c", "-s", "5", "-m", "100", "-f", "news@acme.example", "-t", "reader@example.com", addr)
	out, err := source.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "100") {
		t.Errorf("smtp-source: %v\n%s", err, out)
	}
}

func TestSplitTrace(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ raw, trace, data string }{
		{"Subject: x\r\n\r\n", "", "Subject: x\r\n\r\n"},
		{"Received: a\r\n\tb\r\n c\r\nReceived: d\r\n\r\n", "Received: a\r\n\tb\r\n c\r\n", "Received: d\r\n\r\n"},
		{"Received: a\r\n\r\nbody", "Received: a\r\n", "\r\nbody"},
		{"Received: a\r\n", "Received: a\r\n", ""},
		{"Received: a", "Received: a", ""},
		{"", "", ""},
	} {
		trace, data := splitTrace([]byte(tt.raw))
		if string(trace) != tt.trace || string(data) != tt.data {
			t.Errorf("splitTrace(%q) = %q, %q, want %q, %q", tt.raw, trace, data, tt.trace, tt.data)
		}
	}
}

// dial greets the server.
func (m *MTA) dial(t *testing.T) *smtp.Client {
	t.Helper()
	client, err := smtp.Dial(m.Addr)
	check(t, err)
	t.Cleanup(func() { _ = client.Close() })
	check(t, client.Hello("client.example"))
	return client
}

func (m *MTA) startTLS(t *testing.T, client *smtp.Client) {
	t.Helper()
	host, _, _ := net.SplitHostPort(m.Addr)
	check(t, client.StartTLS(&tls.Config{RootCAs: m.CA.Pool, ServerName: host, MinVersion: tls.VersionTLS12}))
}

func (m *MTA) login(t *testing.T, client *smtp.Client) {
	t.Helper()
	host, _, _ := net.SplitHostPort(m.Addr)
	check(t, client.Auth(smtp.PlainAuth("", m.User, m.Password, host)))
}

// submit sends one message without changing a byte of it.
func submit(client *smtp.Client, message Received) error {
	if err := client.Mail(message.From); err != nil {
		return err
	}
	for _, to := range message.To {
		if err := client.Rcpt(to); err != nil {
			return err
		}
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(message.Data); err != nil {
		return err
	}
	return w.Close()
}

// wantReply checks the code of a refusal, or only its first digit.
func wantReply(t *testing.T, err error, code int) {
	t.Helper()
	var reply *textproto.Error
	if !errors.As(err, &reply) || (reply.Code != code && reply.Code/100 != code) {
		t.Errorf("got %v, want a reply %d", err, code)
	}
}
