package tlsscan_test

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/probe/tlsscan"
)

const (
	alertHandshakeFailure = "\x15\x03\x01\x00\x02\x02\x28"
	alertName             = "\x15\x03\x01\x00\x02\x02\x70"
	alertNameWarning      = "\x15\x03\x01\x00\x02\x01\x70"
	alertCloseNotify      = "\x15\x03\x01\x00\x02\x01\x00"
)

// TestOutcomes plays servers that give the same answer to every ClientHello.
func TestOutcomes(t *testing.T) {
	tests := []struct {
		name   string
		answer string
		wait   bool // do not hang up
		reset  bool
		want   tlsscan.Outcome
		err    error
	}{
		{"a fatal alert", alertHandshakeFailure, false, false, tlsscan.Refused, nil},
		{"a fatal alert behind a warning", alertNameWarning + alertHandshakeFailure, false, false, tlsscan.Refused, nil},
		{"a closing alert", alertCloseNotify, false, false, tlsscan.Refused, nil},
		{"an alert about the name", alertName, false, false, tlsscan.Unknown, nil},
		{"nothing but warnings", alertNameWarning, true, false, tlsscan.Unknown, os.ErrDeadlineExceeded},
		{"a hang-up of a server that never spoke TLS", "", false, false, tlsscan.Unknown, tlsscan.ErrClosed},
		{"a reset", "", false, true, tlsscan.Unknown, syscall.ECONNRESET},
		{"silence", "", true, false, tlsscan.Unknown, os.ErrDeadlineExceeded},
		{"half an alert", alertHandshakeFailure[:6], false, false, tlsscan.Unknown, io.ErrUnexpectedEOF},
		{"half a header", "\x16\x03", false, false, tlsscan.Unknown, io.ErrUnexpectedEOF},
		{"half a message", "\x16\x03\x03\x00\x04\x02\x00\x00\x40", false, false, tlsscan.Unknown, io.ErrUnexpectedEOF},
		{"SMTP", "421 4.7.0 too many connections\r\n", false, false, tlsscan.Unknown, tlsscan.ErrNotTLS},
		{"HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", false, false, tlsscan.Unknown, tlsscan.ErrNotTLS},
		{"a huge record", "\x16\x03\x03\xff\xff", true, false, tlsscan.Unknown, tlsscan.ErrProtocol},
		{"a huge message", "\x16\x03\x03\x00\x04\x02\xff\xff\xff", true, false, tlsscan.Unknown, tlsscan.ErrProtocol},
		{"an empty record", "\x16\x03\x03\x00\x00", true, false, tlsscan.Unknown, tlsscan.ErrProtocol},
		{"another message", "\x16\x03\x03\x00\x04\x0e\x00\x00\x00", true, false, tlsscan.Unknown, tlsscan.ErrProtocol},
		{"application data", "\x17\x03\x03\x00\x01x", true, false, tlsscan.Unknown, tlsscan.ErrProtocol},
		{"a suite that was not offered", serverHello("\x03\x03", "\x00\x00"), true, false, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			done := make(chan struct{})
			addr := serve(t, func(conn net.Conn) {
				_, _ = conn.Read(make([]byte, 4096)) // a ClientHello
				_, _ = io.WriteString(conn, tt.answer)
				if tt.wait {
					<-done
				}
				if tt.reset {
					_ = conn.(*net.TCPConn).SetLinger(0)
				}
			})
			t.Cleanup(func() { close(done) })
			result := scan(t, dialTo(addr), tlsscan.Options{Versions: true, Timeout: 300 * time.Millisecond, Parallel: 9})
			for _, r := range result.Versions {
				want, cause := tt.want, tt.err
				switch {
				case want == "" && r.Version > tlsscan.TLSv12:
					want, cause = tlsscan.Refused, tlsscan.ErrOther
				case want == "":
					want, cause = tlsscan.Unknown, tlsscan.ErrProtocol
				}
				if r.Outcome != want || r.Err == nil || (cause != nil && !errors.Is(r.Err, cause)) {
					t.Errorf("%s is %s: %v", r.Version, r.Outcome, r.Err)
				}
			}
		})
	}
}

// serverHello returns one with a version and a suite, in two records.
func serverHello(version, suite string) string {
	body := version + string(make([]byte, 32)) + "\x00" + suite + "\x00"
	message := "\x02\x00\x00" + string(rune(len(body))) + body
	return "\x16\x03\x03\x00\x03" + message[:3] + "\x16\x03\x03\x00" + string(rune(len(message)-3)) + message[3:]
}

// TestHangUp tells a hang-up of a server that speaks TLS to others.
func TestHangUp(t *testing.T) {
	addr := serve(t, func(conn net.Conn) {
		offer := make([]byte, 4096)
		n, _ := conn.Read(offer)
		if n > 10 && offer[10] == 1 { // TLS 1.0
			_, _ = io.WriteString(conn, serverHello("\x03\x01", "\x00\x2f"))
		}
	})
	for _, r := range scan(t, dialTo(addr), tlsscan.Options{Versions: true}).Versions {
		switch {
		case r.Version == tlsscan.TLSv10 && r.Outcome != tlsscan.Accepted,
			r.Version != tlsscan.TLSv10 && (r.Outcome != tlsscan.Refused || !errors.Is(r.Err, tlsscan.ErrClosed)):
			t.Errorf("%s is %s: %v", r.Version, r.Outcome, r.Err)
		}
	}
}

// TestShortLists asks a server that refuses long lists of suites.
func TestShortLists(t *testing.T) {
	addr := serve(t, func(conn net.Conn) {
		offer := make([]byte, 4096)
		n, _ := conn.Read(offer)
		suites := int(offer[44])<<8 | int(offer[45])
		has := func(suite string) bool {
			for i := 46; i < min(n, 46+suites); i += 2 {
				if string(offer[i:i+2]) == suite {
					return true
				}
			}
			return false
		}
		switch {
		case suites > 2*64 || offer[10] != 3: // TLS 1.2
			_, _ = io.WriteString(conn, alertHandshakeFailure)
		case has("\x00\x96"):
			_, _ = io.WriteString(conn, serverHello("\x03\x03", "\x00\x96"))
		case has("\x00\x2f"):
			_, _ = io.WriteString(conn, serverHello("\x03\x03", "\x00\x2f"))
		default:
			_, _ = io.WriteString(conn, alertHandshakeFailure)
		}
	})
	result := scan(t, dialTo(addr), tlsscan.Options{Ciphers: true})
	r := result.Versions[3]
	if len(r.Ciphers) != 2 || r.Ciphers[0].OpenSSL != "SEED-SHA" || r.Err != nil || r.ServerPreference == nil || !*r.ServerPreference {
		t.Errorf("%+v", r)
	}
}

// serve runs a server on loopback that ends with the test.
func serve(t *testing.T, handle func(net.Conn)) (addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer conn.Close()
				handle(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		running.Wait()
	})
	return listener.Addr().String()
}
