package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// TestRealServers logs in to servers that others wrote, in every way they offer,
// and sends messages whose envelopes follow each other's final dots.
func TestRealServers(t *testing.T) {
	servers := map[string]func(testing.TB, testkit.MTAOptions) *testkit.MTA{
		"postfix": testkit.Postfix, "opensmtpd": testkit.OpenSMTPD, "exim": testkit.Exim,
	}
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, testkit.MTAOptions{RequireAuth: true})
			t.Run("wrong password", func(t *testing.T) {
				_, err := openAt(t, server, delivery.Auth{User: server.User, Password: "wrong"})
				failure, ok := errors.AsType[*delivery.SessionError](err)
				if !ok || failure.Stage != delivery.StageAuth || failure.Reply.Code/100 != 5 {
					t.Errorf("error %v", err)
				}
			})
			want := 0
			for _, mechanism := range []string{"PLAIN", "LOGIN"} {
				session, err := openAt(t, server, delivery.Auth{Mechanism: mechanism, User: server.User, Password: server.Password})
				if err != nil {
					t.Errorf("%s: %v", mechanism, err)
					continue
				}
				want += sendSeveral(t, session)
				if err := session.Close(t.Context()); err != nil {
					t.Error(err)
				}
			}
			got := server.Messages()
			if len(got) != want {
				t.Errorf("%d messages arrived, want %d", len(got), want)
			}
			for _, message := range got {
				if data := string(message.Data); !strings.HasSuffix(data, "\r\n\r\n.dot\r\n..\r\nend\r\n") {
					t.Errorf("message %q", data)
				}
			}
		})
	}
}

// openAt opens a session with a real server and logs in.
func openAt(t *testing.T, server *testkit.MTA, auth delivery.Auth) (*delivery.Session, error) {
	t.Helper()
	host, port, err := net.SplitHostPort(server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	target := delivery.Target{Host: host, Addr: netip.MustParseAddr(host), Port: number, Security: delivery.SecuritySTARTTLS}
	opt := delivery.Options{LocalName: "client.example", TLS: server.CA.ClientTLS(), Auth: &auth}
	return delivery.Open(t.Context(), target, opt)
}

// sendSeveral sends messages and returns how many.
func sendSeveral(t *testing.T, session *delivery.Session) int {
	t.Helper()
	const n = 20
	mails := make([]delivery.Mail, n)
	for i := range mails {
		mails[i] = mail(fmt.Sprintf("user%d@one.example", i))
		mails[i].Data = fmt.Appendf(nil, "From: <a@example.com>\r\nSubject: %d\r\n\r\n.dot\r\n..\r\nend\r\n", i)
	}
	ctx := context.WithoutCancel(t.Context())
	if err := session.Begin(ctx, mails[0]); err != nil {
		t.Fatal(err)
	}
	for i := range mails {
		if result, err := session.Ready(ctx); err != nil || !result.Accepted {
			t.Fatalf("message %d: %s, %v", i, outcomes(result), err)
		}
		var next *delivery.Mail
		if i+1 < n {
			next = &mails[i+1]
		}
		if err := session.Finish(ctx, next); err != nil {
			t.Fatal(err)
		}
		if result, err := session.Outcome(ctx); err != nil || !result.Accepted {
			t.Fatalf("message %d: %s, %v", i, outcomes(result), err)
		}
	}
	return n
}
