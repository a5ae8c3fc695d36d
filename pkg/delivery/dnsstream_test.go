package delivery_test

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// TestKeptConnectionThatTheServerClosed: the next query takes a new one.
func TestKeptConnectionThatTheServerClosed(t *testing.T) {
	ca := testkit.NewCA(t)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", testkit.ServerTLS(ca.Valid(t, "127.0.0.1")))
	if err != nil {
		t.Fatal(err)
	}
	var connections atomic.Int32
	var serving sync.WaitGroup
	serving.Go(func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			connections.Add(1)
			answerOnce(t, conn)
		}
	})
	t.Cleanup(func() {
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
		serving.Wait()
	})
	client := newClient(t, delivery.ClientOptions{Timeout: 2 * time.Second, TLS: ca.ClientTLS()}, "tls://"+listener.Addr().String())
	for _, name := range []string{"a.example", "b.example", "c.example"} {
		if a := client.Lookup(t.Context(), name, delivery.TypeA); a.Status != delivery.LookupNoName {
			t.Errorf("%s: got %s, %v", name, a.Status, a.Err)
		}
	}
	if connections.Load() != 3 || client.Stats().Queries != 3 {
		t.Errorf("%d connections for %d queries", connections.Load(), client.Stats().Queries)
	}
}

// answerOnce answers one query with NXDOMAIN and hangs up.
func answerOnce(t *testing.T, conn net.Conn) {
	t.Helper()
	defer conn.Close()
	var length [2]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return
	}
	packed := make([]byte, binary.BigEndian.Uint16(length[:]))
	query := new(dns.Msg)
	if _, err := io.ReadFull(conn, packed); err != nil || query.Unpack(packed) != nil {
		t.Errorf("not a query: %x", packed)
		return
	}
	answer := new(dns.Msg)
	answer.SetRcode(query, dns.RcodeNameError)
	answer.RecursionAvailable = true
	packed, err := answer.Pack()
	if err != nil {
		t.Error(err)
	}
	if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(packed))), packed...)); err != nil {
		t.Error(err)
	}
}

func TestServerOverHTTPSThatIsNone(t *testing.T) {
	tests := []struct {
		name   string
		serve  func(w http.ResponseWriter, r *http.Request)
		cause  delivery.LookupCause
		expect string
	}{
		{"status", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }, delivery.CauseMalformed, "418"},
		{"redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, delivery.CauseMalformed, "307"},
		{"media type", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/html") }, delivery.CauseMalformed, `"text/html"`},
		{"too large", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/dns-message")
			_, _ = io.Copy(w, io.LimitReader(zeros{}, 1<<20))
		}, delivery.CauseMalformed, "more than 65535 octets"},
		{"empty", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/dns-message")
		}, delivery.CauseMalformed, "does not belong"},
		{"silence", func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // so that the server sees the client go
			<-r.Context().Done()
		}, delivery.CauseTimeout, "no answer in time"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewTLSServer(http.HandlerFunc(tt.serve))
			t.Cleanup(server.Close)
			config := server.Client().Transport.(*http.Transport).TLSClientConfig
			client := newClient(t, delivery.ClientOptions{Timeout: 500 * time.Millisecond, Attempts: 1, TLS: config}, server.URL)
			a := client.Lookup(t.Context(), "example.com", delivery.TypeA)
			if a.Cause != tt.cause || !strings.Contains(a.Err.Error(), tt.expect) {
				t.Errorf("got %s, %v; want %s, %q", a.Cause, a.Err, tt.cause, tt.expect)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
