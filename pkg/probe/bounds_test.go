package probe_test

import (
	"io"
	"net"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/pkg/probe"
)

// torrent starts a server that says head, waits for a line if it is told to, and
// then says the same again and again until nobody listens or a limit is reached.
func torrent(t *testing.T, head, again string, limit int) (port int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		if head != "" {
			_, _ = io.WriteString(conn, head)
			_, _ = conn.Read(make([]byte, 100))
		}
		for said := 0; said < limit; {
			n, err := io.WriteString(conn, again)
			if err != nil {
				return
			}
			said += n
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return listener.Addr().(*net.TCPAddr).Port
}

// Whatever a server says, no more than a little of it is read.
func TestTorrents(t *testing.T) {
	const forever = 1 << 40
	tests := []struct {
		name, head, again string
		limit             int
		want              string
	}{
		{"endless greeting", "", "220-welcome\r\n", forever, "smtp-greeting-endless error"},
		{"endless line", "", strings.Repeat("220 x", 1000), forever, "smtp-greeting-endless error"},
		{"EHLO of 10 MB", "220 mx.example\r\n", "250-X" + strings.Repeat("y", 500) + "\r\n", 10 << 20, "smtp-reply-too-long error"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			port := torrent(t, test.head, test.again, test.limit)
			r := probe.New(impatient()).Probe(t.Context(), at(port, probe.ServiceRelay))
			seen(t, r, test.want)
		})
	}
}
