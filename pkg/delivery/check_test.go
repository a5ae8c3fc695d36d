package delivery_test

import (
	"strings"
	"testing"

	"github.com/mailctl/mailctl/pkg/delivery"
)

func TestCheck(t *testing.T) {
	const everything = "250-SIZE 100\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n"
	tests := []struct {
		name   string
		offers string
		change func(*delivery.Mail)
		err    error
	}{
		{"plain", "", func(*delivery.Mail) {}, nil},
		{"null sender", "", func(m *delivery.Mail) { m.Envelope.From = delivery.Address{} }, nil},
		{"no recipients", "", func(m *delivery.Mail) { m.Envelope.To = nil }, delivery.ErrNoRecipients},
		{"zero recipient", "", func(m *delivery.Mail) { m.Envelope.To[0] = delivery.Address{} }, delivery.ErrNoRecipients},
		{"8-bit", "", func(m *delivery.Mail) { m.EightBit = true }, delivery.ErrNeeds8BitMIME},
		{"8-bit offered", everything, func(m *delivery.Mail) { m.EightBit = true }, nil},
		{"UTF-8 recipient", "", func(m *delivery.Mail) { m.Envelope.To[0].Local = "jörg" }, delivery.ErrNeedsSMTPUTF8},
		{"UTF-8 sender", "", func(m *delivery.Mail) { m.Envelope.From.Local = "jörg" }, delivery.ErrNeedsSMTPUTF8},
		{"UTF-8 offered", everything, func(m *delivery.Mail) { m.Envelope.From.Local = "jörg" }, nil},
		{"just fits", everything, func(m *delivery.Mail) { m.Data = []byte(strings.Repeat("x", 98)) }, nil},
		{"too large with its CRLF", everything, func(m *delivery.Mail) { m.Data = []byte(strings.Repeat("x", 99)) }, delivery.ErrTooLarge},
		{"no limit", "250-SIZE 0\r\n", func(m *delivery.Mail) { m.Data = make([]byte, 1000) }, nil},

		{"bare LF", "", data("a\nb\r\n"), delivery.ErrBareNewline},
		{"bare LF first", "", data("\na\r\n"), delivery.ErrBareNewline},
		{"bare LF after CRLF", "", data("a\r\n\nb\r\n"), delivery.ErrBareNewline},
		{"bare CR", "", data("a\rb\r\n"), delivery.ErrBareNewline},
		{"bare CR before CRLF", "", data("a\r\r\n"), delivery.ErrBareNewline},
		{"bare CR last", "", data("a\r\nb\r"), delivery.ErrBareNewline},
		{"smuggled end", "", data("a\r\n.\rMAIL FROM:<x@y.example>\r\n"), delivery.ErrBareNewline},
		{"empty", "", data(""), nil},

		{"CRLF in local", "", func(m *delivery.Mail) { m.Envelope.To[0].Local = "a\r\nDATA" }, delivery.ErrUnsafeArgument},
		{"NUL in local", "", func(m *delivery.Mail) { m.Envelope.From.Local = "a\x00" }, delivery.ErrUnsafeArgument},
		{"CRLF in domain", "", func(m *delivery.Mail) { m.Envelope.To[0].Domain = "a\r\nDATA" }, delivery.ErrUnsafeArgument},
		{"parameters in domain", "", func(m *delivery.Mail) { m.Envelope.To[0].Domain = "a.example> NOTIFY=NEVER" }, delivery.ErrUnsafeArgument},
		{"no domain", "", func(m *delivery.Mail) { m.Envelope.To[0].Domain = "" }, delivery.ErrAddressSyntax},
		{"no local", "", func(m *delivery.Mail) { m.Envelope.From.Local = "" }, delivery.ErrAddressSyntax},
		{"NOTIFY", "", dsn(delivery.DSN{Notify: []string{"ALWAYS"}}), delivery.ErrUnsafeArgument},
		{"NOTIFY with NEVER", "", dsn(delivery.DSN{Notify: []string{"NEVER", "DELAY"}}), delivery.ErrUnsafeArgument},
		{"RET", "", dsn(delivery.DSN{Return: "FULL\r\n"}), delivery.ErrUnsafeArgument},
		{"ENVID", "", dsn(delivery.DSN{EnvelopeID: "a\r\nb"}), delivery.ErrUnsafeArgument},
		{"long ENVID", "", dsn(delivery.DSN{EnvelopeID: strings.Repeat("x", 101)}), delivery.ErrUnsafeArgument},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			conn := newFakeConn("220 hi\r\n250-mx\r\n" + test.offers + "250 HELP\r\n")
			session := openedOn(t, conn)
			before := conn.written.Len()
			m := mail("b@example.com")
			test.change(&m)
			if test.err == nil {
				if err := session.Check(&m); err != nil {
					t.Error(err)
				}
				return
			}
			wantFailure(t, session.Check(&m), delivery.StageMail, test.err, "")
			wantFailure(t, session.Begin(t.Context(), m), delivery.StageMail, test.err, "")
			if conn.written.Len() != before || !session.Usable() {
				t.Errorf("written is %q, usable %v", conn.written.String()[before:], session.Usable())
			}
		})
	}
}

func data(text string) func(*delivery.Mail) {
	return func(m *delivery.Mail) { m.Data = []byte(text) }
}

func dsn(d delivery.DSN) func(*delivery.Mail) {
	return func(m *delivery.Mail) { m.Envelope.DSN = d }
}

func TestCommands(t *testing.T) {
	all := delivery.DSN{Notify: []string{"SUCCESS", "DELAY"}, Return: "HDRS", EnvelopeID: "a+b =c"}
	tests := []struct {
		name   string
		offers string
		change func(*delivery.Mail)
		want   string
	}{
		{"plain", "", func(*delivery.Mail) {}, "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\n"},
		{
			"null sender", "", func(m *delivery.Mail) { m.Envelope.From = delivery.Address{} },
			"MAIL FROM:<>\r\nRCPT TO:<b@example.com>\r\n",
		},
		{"SIZE", "SIZE", func(*delivery.Mail) {}, "MAIL FROM:<a@example.com> SIZE=22\r\nRCPT TO:<b@example.com>\r\n"},
		{
			"8BITMIME", "8bitmime", func(m *delivery.Mail) { m.EightBit = true },
			"MAIL FROM:<a@example.com> BODY=8BITMIME\r\nRCPT TO:<b@example.com>\r\n",
		},
		{"SMTPUTF8 unneeded", "SMTPUTF8", func(*delivery.Mail) {}, "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\n"},
		{
			"SMTPUTF8", "SMTPUTF8", func(m *delivery.Mail) { m.Envelope.To[0].Local = "jörg" },
			"MAIL FROM:<a@example.com> SMTPUTF8\r\nRCPT TO:<jörg@example.com>\r\n",
		},
		{
			"quoted", "", func(m *delivery.Mail) { m.Envelope.To[0].Local = `a> "b\` },
			"MAIL FROM:<a@example.com>\r\nRCPT TO:<\"a> \\\"b\\\\\"@example.com>\r\n",
		},
		{"DSN not offered", "", dsn(all), "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\n"},
		{"DSN not asked", "DSN", func(*delivery.Mail) {}, "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\n"},
		{
			"DSN", "DSN", dsn(all),
			"MAIL FROM:<a@example.com> RET=HDRS ENVID=a+2Bb+20+3Dc\r\nRCPT TO:<b@example.com> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b@example.com\r\n",
		},
		{
			"ORCPT in xtext", "DSN", func(m *delivery.Mail) {
				m.Envelope.To[0].Local, m.Envelope.DSN.Notify = "a+b=c", []string{"NEVER"}
			},
			"MAIL FROM:<a@example.com>\r\nRCPT TO:<a+b=c@example.com> NOTIFY=NEVER ORCPT=rfc822;a+2Bb+3Dc@example.com\r\n",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			conn := newFakeConn("220 hi\r\n250-mx\r\n250 " + test.offers + "\r\n250 ok\r\n550 no\r\n")
			session := openedOn(t, conn)
			m := mail("b@example.com")
			test.change(&m)
			if _, err := session.Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			_, got, _ := strings.Cut(conn.written.String(), "client.example\r\n")
			if got != test.want {
				t.Errorf("written is\n%swant\n%s", got, test.want)
			}
		})
	}
}
