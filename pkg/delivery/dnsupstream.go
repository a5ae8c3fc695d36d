package delivery

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
)

const (
	// maxStreams bounds the connections to one server over TLS or HTTPS.
	maxStreams = 32
	// maxStrays bounds the datagrams of others that are read before giving up.
	maxStrays = 64
)

// Causes of a failed exchange.
var (
	errMalformed = errors.New("malformed answer")
	errForeign   = errors.New("the answer does not belong to the question")
)

// An upstream is one name server and the way to it.
type upstream struct {
	server DNSServer
	dialer Dialer
	tls    *tls.Config  // only for TLS
	idle   *idleConns   // only for TLS
	http   *http.Client // only for HTTPS
	silent atomic.Int32 // queries in a row without an answer
}

// send sends one query and returns the answer to it, which has the same id and
// question. The transport may be that of the server, or TCP instead of UDP.
func (up *upstream) send(ctx context.Context, transport DNSTransport, query *dns.Msg) (*dns.Msg, int, error) {
	if transport == TransportHTTPS {
		query.Id = 0 // so that HTTP caches can work (RFC 8484 §4.1)
	}
	packed, err := query.Pack()
	if err != nil {
		return nil, 0, fmt.Errorf("the question cannot be written: %w", err)
	}
	var reply []byte
	switch transport {
	case TransportUDP:
		return up.overUDP(ctx, query, packed)
	case TransportTCP:
		reply, err = up.overTCP(ctx, packed)
	case TransportTLS:
		reply, err = up.overTLS(ctx, packed)
	case TransportHTTPS:
		reply, err = up.overHTTPS(ctx, packed)
	}
	if err != nil {
		return nil, 0, err
	}
	answer, err := readAnswer(query, reply)
	return answer, len(reply), err
}

// readAnswer unpacks an answer and checks that it belongs to the query
// (RFC 5452 §9.1).
func readAnswer(query *dns.Msg, packed []byte) (*dns.Msg, error) {
	if len(packed) < 2 || binary.BigEndian.Uint16(packed) != query.Id {
		return nil, errForeign
	}
	answer := new(dns.Msg)
	if err := answer.Unpack(packed); err != nil {
		return nil, fmt.Errorf("%w: %w", errMalformed, err)
	}
	if !answer.Response || answer.Opcode != dns.OpcodeQuery {
		return nil, errForeign
	}
	if len(answer.Question) == 0 && answer.Rcode != dns.RcodeSuccess && answer.Rcode != dns.RcodeNameError {
		return answer, nil // a server that could not or would not read the question need not repeat it
	}
	if len(answer.Question) != 1 {
		return nil, errForeign
	}
	asked, got := query.Question[0], answer.Question[0]
	if got.Qtype != asked.Qtype || got.Qclass != asked.Qclass || plainName(got.Name) != plainName(asked.Name) {
		return nil, errForeign
	}
	return answer, nil
}

// connect opens a connection that ends with the context.
func (up *upstream) connect(ctx context.Context, network string) (net.Conn, func(), error) {
	conn, err := up.dialer.DialContext(ctx, network, up.server.Addr)
	if err != nil {
		return nil, nil, err
	}
	stop := endWith(ctx, conn)
	return conn, func() {
		stop()
		_ = conn.Close()
	}, nil
}

// endWith lets waiting on the connection end with the context, until the
// function is called that it returns.
func endWith(ctx context.Context, conn net.Conn) (stop func() bool) {
	return context.AfterFunc(ctx, func() {
		_ = conn.SetDeadline(time.Unix(1, 0))
	})
}

// overUDP asks from a socket, and so a port, of its own (RFC 5452 §9.2), and
// passes over datagrams that are not the answer.
func (up *upstream) overUDP(ctx context.Context, query *dns.Msg, packed []byte) (*dns.Msg, int, error) {
	conn, done, err := up.connect(ctx, "udp")
	if err != nil {
		return nil, 0, err
	}
	defer done()
	if _, err := conn.Write(packed); err != nil {
		return nil, 0, err
	}
	buf := make([]byte, 4096)
	var stray error
	for range maxStrays {
		n, err := conn.Read(buf)
		if err != nil {
			return nil, 0, withStray(stray, err)
		}
		answer, err := readAnswer(query, buf[:n])
		if !errors.Is(err, errForeign) {
			return answer, n, err
		}
		stray = err
	}
	return nil, 0, stray
}

// withStray tells of datagrams that came instead of the answer: somebody may
// have tried to forge it.
func withStray(stray, err error) error {
	if stray == nil {
		return err
	}
	return fmt.Errorf("%w, and %w", stray, err)
}

func (up *upstream) close() {
	if up.idle != nil {
		up.idle.close()
	}
	if up.http != nil {
		up.http.CloseIdleConnections()
	}
}
