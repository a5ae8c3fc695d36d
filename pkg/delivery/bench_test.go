package delivery_test

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"testing"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// BenchmarkSession sends messages of 2 kB with PIPELINING over loopback, the next
// envelope behind each final dot, to a server that does nothing with them.
func BenchmarkSession(b *testing.B) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if conn, err := listener.Accept(); err == nil {
			swallow(conn)
		}
	}()
	defer func() {
		_ = listener.Close()
		<-done
	}()
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	session, err := delivery.Open(ctx, delivery.Target{Host: "mx.example", Security: delivery.SecurityNone},
		delivery.Options{LocalName: "client.example", Dialer: dialerTo(listener.Addr().String())})
	if err != nil {
		b.Fatal(err)
	}
	m := mail("b@example.com")
	m.Data = bytes.Repeat([]byte("0123456789012345678901234567890123456789012345678901234567890123456789\r\n"), 2048/72)
	b.ReportAllocs()
	if err := session.Begin(ctx, m); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := session.Ready(ctx); err != nil {
			b.Fatal(err)
		}
		if err := session.Finish(ctx, &m); err != nil {
			b.Fatal(err)
		}
		if _, err := session.Outcome(ctx); err != nil {
			b.Fatal(err)
		}
	}
	_ = session.Close(ctx)
}

// swallow takes every message on conn.
func swallow(conn net.Conn) {
	defer conn.Close()
	r := bufio.NewReaderSize(conn, 64<<10)
	w := bufio.NewWriter(conn)
	say := func(text string) { _, _ = w.WriteString(text) }
	say("220 hi\r\n")
	message := false
	for {
		if r.Buffered() == 0 && w.Flush() != nil {
			return
		}
		line, err := r.ReadSlice('\n')
		switch {
		case err != nil:
			return
		case message && string(line) != ".\r\n":
		case message:
			message = false
			say("250 2.0.0 Ok: queued as 4FxYz12345\r\n")
		case bytes.HasPrefix(line, []byte("EHLO")):
			say("250-mx.example\r\n250-SIZE 100000\r\n250 PIPELINING\r\n")
		case bytes.HasPrefix(line, []byte("DATA")):
			message = true
			say("354 End data with <CR><LF>.<CR><LF>\r\n")
		default:
			say("250 2.1.0 Ok\r\n")
		}
	}
}
