package delivery

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"sync"
)

func (up *upstream) overTCP(ctx context.Context, packed []byte) ([]byte, error) {
	conn, done, err := up.connect(ctx, "tcp")
	if err != nil {
		return nil, err
	}
	defer done()
	return exchangeStream(conn, packed)
}

// exchangeStream sends one query over a stream and reads one answer
// (RFC 1035 §4.2.2).
func exchangeStream(conn io.ReadWriter, packed []byte) ([]byte, error) {
	out := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(packed)), uint16(len(packed))) //nolint:gosec // a query is far below 64 kB
	if _, err := conn.Write(append(out, packed...)); err != nil {
		return nil, err
	}
	var length [2]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return nil, err
	}
	reply := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(conn, reply); err != nil {
		return nil, err
	}
	return reply, nil
}

// overTLS asks over a connection that is kept, or over a new one.
func (up *upstream) overTLS(ctx context.Context, packed []byte) ([]byte, error) {
	if err := up.idle.enter(ctx); err != nil {
		return nil, err
	}
	defer up.idle.leave()
	if conn := up.idle.take(); conn != nil {
		if reply, err := up.reuse(ctx, conn, packed); err == nil || ctx.Err() != nil {
			return reply, err
		}
		// The server closed it meanwhile, as it may (RFC 7858 §3.4).
	}
	raw, err := up.dialer.DialContext(ctx, "tcp", up.server.Addr)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(raw, up.tls)
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, err
	}
	return up.reuse(ctx, conn, packed)
}

// reuse asks over an open connection and keeps it for the next query if that
// went well.
func (up *upstream) reuse(ctx context.Context, conn net.Conn, packed []byte) ([]byte, error) {
	stop := endWith(ctx, conn)
	reply, err := exchangeStream(conn, packed)
	if !stop() || err != nil {
		_ = conn.Close()
		return reply, err
	}
	up.idle.put(conn)
	return reply, nil
}

// idleConns keeps open connections for reuse and bounds how many there are.
type idleConns struct {
	slots chan struct{}
	mu    sync.Mutex
	conns []net.Conn
}

// enter waits for the right to use a connection.
func (ic *idleConns) enter(ctx context.Context) error {
	select {
	case ic.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (ic *idleConns) leave() { <-ic.slots }

// take returns the connection used last, or nil.
func (ic *idleConns) take() net.Conn {
	ic.mu.Lock()
	defer ic.mu.Unlock()
	n := len(ic.conns)
	if n == 0 {
		return nil
	}
	conn := ic.conns[n-1]
	ic.conns = ic.conns[:n-1]
	return conn
}

func (ic *idleConns) put(conn net.Conn) {
	ic.mu.Lock()
	defer ic.mu.Unlock()
	ic.conns = append(ic.conns, conn)
}

func (ic *idleConns) close() {
	for conn := ic.take(); conn != nil; conn = ic.take() {
		_ = conn.Close()
	}
}
