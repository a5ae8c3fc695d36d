package tlsscan_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/probe/tlsscan"
)

// TestStops counts the connections to servers that take no more of them.
func TestStops(t *testing.T) {
	addr := serve(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = io.WriteString(conn, serverHello("\x03\x03", "\x00\x2f"))
	})
	full := errors.New("421 4.7.0 too many connections")
	for _, tt := range []struct {
		name  string
		most  int // connections that the server takes
		bound int // and the scan makes
		cause error
	}{
		{"no connection", 0, 0, tlsscan.ErrConnect},
		{"few connections", 2, 0, tlsscan.ErrConnect},
		{"the bound", 100, 3, tlsscan.ErrMost},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var dialled atomic.Int32
			dial := func(ctx context.Context) (net.Conn, error) {
				if int(dialled.Add(1)) > tt.most {
					return nil, full
				}
				return dialTo(addr)(ctx)
			}
			result := scan(t, dial, tlsscan.Options{Versions: true, Ciphers: true, Parallel: 1, Most: tt.bound})
			unknown := 0
			for _, r := range result.Versions {
				if r.Outcome == tlsscan.Unknown && errors.Is(r.Err, tt.cause) {
					unknown++
				}
			}
			tried := min(tt.most, max(tt.bound, 2))
			if unknown != len(result.Versions)-tried {
				t.Errorf("%d versions are unknown: %+v", unknown, result)
			}
			if n := int(dialled.Load()); n > tried+1 {
				t.Errorf("%d connections", n)
			}
		})
	}
}

// TestParallel counts the connections that are open at once.
func TestParallel(t *testing.T) {
	addr := serve(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = io.WriteString(conn, alertHandshakeFailure)
	})
	for _, parallel := range []int{0, 1, 4} {
		var open, most atomic.Int32
		dial := func(ctx context.Context) (net.Conn, error) {
			conn, err := dialTo(addr)(ctx)
			for n := open.Add(1); ; {
				if seen := most.Load(); n <= seen || most.CompareAndSwap(seen, n) {
					return countedConn{conn, &open}, err
				}
			}
		}
		scan(t, dial, tlsscan.Options{Versions: true, Parallel: parallel})
		allowed := int32(parallel)
		if parallel == 0 {
			allowed = 2
		}
		if most.Load() > allowed || open.Load() != 0 {
			t.Errorf("%d connections at once with %d allowed, %d left open", most.Load(), allowed, open.Load())
		}
	}
}

// A countedConn counts itself as closed; the scan closes each once.
type countedConn struct {
	net.Conn
	open *atomic.Int32
}

func (c countedConn) Close() error {
	c.open.Add(-1)
	return c.Conn.Close()
}

// TestCancel ends a scan in its middle.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	defer running.Wait()
	dial := func(context.Context) (net.Conn, error) {
		client, server := net.Pipe()
		running.Go(func() {
			defer server.Close()
			_, _ = server.Read(make([]byte, 4096))
			cancel()
			_, _ = io.Copy(io.Discard, server)
		})
		return client, nil
	}
	result, err := tlsscan.Scan(ctx, dial, tlsscan.Options{Ciphers: true})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for _, r := range result.Versions {
		if r.Outcome != tlsscan.Unknown || !errors.Is(r.Err, context.Canceled) {
			t.Errorf("%s is %s: %v", r.Version, r.Outcome, r.Err)
		}
	}
}

// TestNothing asks for nothing.
func TestNothing(t *testing.T) {
	result, err := tlsscan.Scan(t.Context(), nil, tlsscan.Options{})
	if err != nil || result.Versions != nil {
		t.Errorf("%+v, %v", result, err)
	}
}

// TestTired asks a server that has had enough after some handshakes: what was
// found stays, and that it is perhaps not all is said.
func TestTired(t *testing.T) {
	ca := testkit.NewCA(t)
	config := testkit.ServerTLS(ca.Valid(t, "mx.example"))
	tests := []struct {
		name  string
		tired func(net.Conn)
		cause error
	}{
		{"hangs up", func(conn net.Conn) { _, _ = conn.Read(make([]byte, 4096)) }, tlsscan.ErrClosed},
		{"resets", func(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) }, syscall.ECONNRESET},
		{"speaks of something else", func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = io.WriteString(conn, "421 4.7.0 enough\r\n")
		}, tlsscan.ErrNotTLS},
		{"takes another suite", func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = io.WriteString(conn, serverHello("\x03\x03", "\x00\x00"))
		}, tlsscan.ErrProtocol},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var taken atomic.Int32
			addr := serve(t, func(conn net.Conn) {
				if taken.Add(1) > 7 { // five versions, and two suites
					tt.tired(conn)
					return
				}
				_ = tls.Server(conn, config).Handshake()
			})
			found := 0
			for _, r := range scan(t, dialTo(addr), tlsscan.Options{Ciphers: true, Parallel: 1, ServerName: "mx.example"}).Versions {
				found += len(r.Ciphers)
				// A version whose turn came too late has no suites, and nothing but that to say.
				known := errors.Is(r.Err, tt.cause) || errors.Is(r.Err, tlsscan.ErrOther) || r.Err != nil && len(r.Ciphers) == 0
				if r.Outcome == tlsscan.Accepted && !known {
					t.Errorf("%s: %v", r.Version, r.Err)
				}
				if r.ServerPreference != nil || r.Groups != nil {
					t.Errorf("%s: %+v", r.Version, r)
				}
			}
			if found != 2 {
				t.Errorf("%d suites", found)
			}
		})
	}
}
