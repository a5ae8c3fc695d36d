package mailbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// A scriptedConn says what it was given, whatever it hears.
type scriptedConn struct {
	net.Conn
	says io.Reader
}

func (c scriptedConn) Read(p []byte) (int, error)     { return c.says.Read(p) }
func (scriptedConn) Write(p []byte) (int, error)      { return len(p), nil }
func (scriptedConn) Close() error                     { return nil }
func (scriptedConn) SetDeadline(time.Time) error      { return nil }
func (scriptedConn) SetReadDeadline(time.Time) error  { return nil }
func (scriptedConn) SetWriteDeadline(time.Time) error { return nil }
func saying(conversation string) func(context.Context, string) (net.Conn, error) {
	return func(context.Context, string) (net.Conn, error) {
		return scriptedConn{says: strings.NewReader(conversation)}, nil
	}
}

// FuzzReadPOP3 reads what a server may say: messages are bounded, there are no more
// than it promised, and a conversation that breaks off is an error.
func FuzzReadPOP3(f *testing.F) {
	const begin = "+OK\r\n+OK\r\n+OK\r\n"
	for _, seed := range []string{
		begin + "+OK 1 10\r\n+OK\r\nSubject: a\r\n\r\n..b\r\n.\r\n+OK\r\n",
		begin + "+OK 2 10\r\n+OK\r\n.\r\n+OK\r\nx\r\n.\r\n+OK\r\n",
		begin + "+OK 1 10\r\n+OK\r\n" + strings.Repeat("x", 9000) + "\r\n.\r\n+OK\r\n",
		begin + "+OK 99999999999999999999\r\n", begin + "+OK -1 0\r\n", begin + "+OK 3\r\n-ERR no\r\n",
		"-ERR busy\r\n", "+OK", "* OK IMAP4rev1\r\n", "", begin + "+OK 1\r\n+OK\r\n.",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, conversation string) {
		const bound = 100
		s := Server{Protocol: "pop3", Host: "mail.example", User: "anna", Plain: true}
		read := 0
		err := ReadPOP3(t.Context(), s, Login{Password: "p", Dial: saying(conversation)}, POP3Options{Bound: bound}, func(m Message) error {
			if read++; len(m.Data) > bound || m.Skipped < 0 || m.Skipped > 0 && len(m.Data) != bound {
				t.Errorf("%d octets, %d skipped", len(m.Data), m.Skipped)
			}
			return nil
		})
		if ends := strings.Count(conversation, ".\n") + strings.Count(conversation, ".\r"); read > ends {
			t.Errorf("%d messages, %d ends", read, ends)
		}
		if err == nil && strings.Count(conversation, "+OK") < 5 {
			t.Errorf("no error in %q", conversation)
		}
		if err != nil && errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("a plain end: %v", err)
		}
	})
}

// FuzzPOP3Text puts dots before lines as a server does and takes them off again.
func FuzzPOP3Text(f *testing.F) {
	for _, seed := range []string{"", ".", "..", "a\n.b", "\n", strings.Repeat(".", pop3Line+1), strings.Repeat("x", pop3Line-1) + ".\n.y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(strings.ReplaceAll(text, "\r", ""), "\n")
		var stuffed, want bytes.Buffer
		for _, line := range lines {
			if strings.HasPrefix(line, ".") {
				stuffed.WriteByte('.')
			}
			stuffed.WriteString(line + "\r\n")
			want.WriteString(line + "\r\n")
		}
		stuffed.WriteString(".\r\n")
		conversation := "+OK\r\n+OK\r\n+OK\r\n+OK 1 1\r\n+OK\r\n" + stuffed.String() + "+OK\r\n"
		s := Server{Protocol: "pop3", Host: "mail.example", User: "anna", Plain: true}
		err := ReadPOP3(t.Context(), s, Login{Password: "p", Dial: saying(conversation)}, POP3Options{}, func(m Message) error {
			if !bytes.Equal(m.Data, want.Bytes()) {
				t.Errorf("got %q, want %q", m.Data, want.Bytes())
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
