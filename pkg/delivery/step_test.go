package delivery_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// watching collects the steps of an opening.
func watching(steps *[]string) setting {
	return func(_ *delivery.Target, opt *delivery.Options) {
		opt.Observe = func(s delivery.Step) {
			*steps = append(*steps, fmt.Sprintf("%s %s tls=%t auth=%v err=%v", s.Stage, s.Reply, s.TLS != nil, s.Capabilities.Auth, s.Err != nil))
		}
	}
}

func TestObserve(t *testing.T) {
	ca := testkit.NewCA(t)
	script := `
		> 220 mx.example
		< EHLO client.example
		> 502 what
		< HELO client.example
		> 250 mx.example
		< QUIT`
	var steps []string
	if _, _, err := open(t, nil, script, security(delivery.SecurityOpportunistic), watching(&steps)); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"connect  tls=false auth=[] err=false", "greeting 220 mx.example tls=false auth=[] err=false",
		"ehlo 502 what tls=false auth=[] err=false", "ehlo 250 mx.example tls=false auth=[] err=false",
	}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Error(diff)
	}

	script = `
		> 220 mx.example
		< EHLO client.example
		> 250-mx.example
		> 250-AUTH PLAIN
		> 250 STARTTLS
		< STARTTLS
		> 220 go
		! tls
		< EHLO client.example
		! close`
	steps = nil
	_, _, err := open(t, testkit.ServerTLS(ca.Valid(t, "mx.example")), script, security(delivery.SecuritySTARTTLS), trust(ca.ClientTLS()), watching(&steps))
	wantFailure(t, err, delivery.StageHello, delivery.ErrServerClosed, "")
	want = []string{
		"connect  tls=false auth=[] err=false", "greeting 220 mx.example tls=false auth=[] err=false",
		"ehlo 250 mx.example AUTH PLAIN STARTTLS tls=false auth=[PLAIN] err=false", "starttls 220 go tls=false auth=[] err=false",
		"starttls  tls=true auth=[] err=false", "ehlo  tls=false auth=[] err=true",
	}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Error(diff)
	}
}

func TestAsk(t *testing.T) {
	from, to := delivery.Address{Local: "a", Domain: "one.example"}, delivery.Address{Local: "b", Domain: "two.example"}
	tests := []struct {
		name, script string
		stage        delivery.Stage
		reply        string
		usable       bool
	}{
		{"accepted", "< MAIL FROM:<a@one.example>\n> 250 ok\n< RCPT TO:<b@two.example>\n> 250 yes\n< RSET\n> 250 ok\n< QUIT\n> 221 bye", delivery.StageRcpt, "250 yes", true},
		{"refused", "< MAIL FROM:<a@one.example>\n> 250 ok\n< RCPT TO:<b@two.example>\n> 550 no\n< RSET\n> 250 ok\n< QUIT\n> 221 bye", delivery.StageRcpt, "550 no", true},
		{"sender refused", "< MAIL FROM:<a@one.example>\n> 530 log in\n< QUIT\n> 221 bye", delivery.StageMail, "530 log in", true},
		{"thrown out", "< MAIL FROM:<a@one.example>\n> 250 ok\n< RCPT TO:<b@two.example>\n> 421 bye\n! eof", delivery.StageRcpt, "421 bye", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			session, _ := opened(t, plainOpening+test.script)
			stage, reply, err := session.Ask(t.Context(), from, to)
			if err != nil || stage != test.stage || reply.String() != test.reply || session.Usable() != test.usable {
				t.Errorf("%s %q %v, usable %v", stage, reply, err, session.Usable())
			}
		})
	}
	session, _ := opened(t, plainOpening+"< QUIT\n> 221 bye")
	if _, _, err := session.Ask(t.Context(), from, delivery.Address{Local: "b\r\nDATA", Domain: "two.example"}); !errors.Is(err, delivery.ErrUnsafeArgument) {
		t.Errorf("error %v", err)
	}
}

// RFC 3207 §4: behind 220 comes the handshake, and the caller makes it.
func TestOpenForTLS(t *testing.T) {
	ca := testkit.NewCA(t)
	config := testkit.ServerTLS(ca.Valid(t, "mx.example"))
	hello := "> 220 mx.example\n< EHLO client.example\n> 250-mx.example\n> 250 STARTTLS\n"
	tests := []struct {
		name, script string
		security     delivery.Security
		want         error
	}{
		{"STARTTLS", hello + "< STARTTLS\n> 220 go\n! tls\n> 250 private", delivery.SecurityOpportunistic, nil},
		{"at once", "! tls\n> 250 private", delivery.SecurityTLS, nil},
		{"not offered", "> 220 mx.example\n< EHLO client.example\n> 250 mx.example\n! eof", delivery.SecurityOpportunistic, delivery.ErrTLSRequired},
		{"refused", hello + "< STARTTLS\n> 454 no\n! eof", delivery.SecuritySTARTTLS, delivery.ErrRefused},
		{"injected", hello + "< STARTTLS\n! raw \"220 go\\r\\n250 more\\r\\n\"\n! eof", delivery.SecuritySTARTTLS, delivery.ErrStartTLSInjection},
		{"greeting", "> 554 no\n! eof", delivery.SecuritySTARTTLS, delivery.ErrRefused},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := testkit.SMTP(t, config, test.script)
			target := delivery.Target{Host: "mx.example", Addr: netip.MustParseAddr("127.0.0.1"), Port: server.Port, Security: test.security}
			conn, err := delivery.OpenForTLS(t.Context(), target, delivery.Options{LocalName: "client.example"})
			if !errors.Is(err, test.want) {
				t.Fatalf("error %v", err)
			}
			if err != nil {
				return
			}
			defer func() { _ = conn.Close() }()
			trusted := ca.ClientTLS()
			trusted.ServerName = "mx.example"
			private := bufio.NewReader(tls.Client(conn, trusted))
			if reply, err := delivery.ReadReply(private, delivery.ReplyBounds{}); err != nil || !slices.Equal(reply.Lines, []string{"private"}) {
				t.Errorf("%q %v", reply, err)
			}
		})
	}
}
