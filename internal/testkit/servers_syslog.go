package testkit

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// listenSyslog collects in log/syslog what the view's programs say to /dev/log,
// one message a line. It is for [startSyslog] to use in the view, and ends with the
// test.
func (v *privateView) listenSyslog(t testing.TB) {
	t.Helper()
	name := filepath.Join(v.dir, "syslog")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	check(t, err)
	check(t, os.Chmod(name, 0o666)) // programs that gave up their rights write too
	log, err := os.Create(filepath.Join(v.dir, "log", "syslog"))
	check(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		message := make([]byte, 64<<10)
		for {
			n, err := socket.Read(message)
			if err == nil {
				_, err = log.Write(append(message[:n:n], '\n'))
			}
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = socket.Close()
		<-done
		_ = log.Close()
	})
}

// startSyslog begins a start script: it puts the socket of listenSyslog where
// programs look for it, in a /dev of their own.
const startSyslog = `
mkdir /run/dev
mount -t tmpfs -o mode=755 tmpfs /run/dev
for name in null zero random urandom; do
	: >/run/dev/$name
	mount --bind /dev/$name /run/dev/$name
done
: >/run/dev/log
mount --bind /run/mta/syslog /run/dev/log
mount --move /run/dev /dev
`
