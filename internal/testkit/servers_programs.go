package testkit

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// programs returns the folder into which .ci/setup unpacked the mail servers.
func programs(t testing.TB) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		missing(t, err.Error())
	}
	folder := filepath.Join(cache, "mailctl-test", "servers")
	if _, err := os.Stat(filepath.Join(folder, "packages")); err != nil {
		missing(t, "real mail servers are not set up: run .ci/setup as root")
	}
	return folder
}

// Program returns the path of a program that .ci/setup installs with apt-get.
// Where it is missing, the test is skipped, or fails in CI.
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		missing(t, "needs "+name+": run .ci/setup as root")
	}
	return path
}

// NeedFile is [Program] for a file, by its absolute path.
func NeedFile(t testing.TB, path string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		missing(t, "needs "+path+": run .ci/setup as root")
	}
}

// PostfixCommand prepares one of Postfix's own programs, such as smtp-source.
// Where it is missing, the test is skipped, or fails in CI.
func PostfixCommand(t testing.TB, name string, args ...string) *exec.Cmd {
	t.Helper()
	return unpackedCommand(t, name, args...)
}

// unpackedCommand prepares one of the programs that .ci/setup unpacked, which
// needs no view of its own.
func unpackedCommand(t testing.TB, name string, args ...string) *exec.Cmd {
	t.Helper()
	needServer(t, name)
	folder := programs(t)
	libraries, _ := filepath.Glob(filepath.Join(folder, "usr/lib/*-linux-gnu*"))
	libraries = append(libraries, filepath.Join(folder, "usr/lib/postfix"))
	cmd := exec.CommandContext(t.Context(), filepath.Join(folder, "usr/sbin", name), args...)
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+strings.Join(libraries, ":"))
	return cmd
}

// SMTPSink starts Postfix's smtp-sink, which takes mail as fast as a server can
// and forgets it, and returns its address. It ends with the test.
func SMTPSink(t testing.TB, args ...string) (addr string) {
	t.Helper()
	view := newPrivateView(t)
	addr = net.JoinHostPort(randomLoopback(), "2525")
	view.write(t, "start", "exec smtp-sink -u nobody \"$@\"\n")
	view.start(t, append(args, addr, "1000")...)
	view.waitFor(t, addr)
	return addr
}

// missing ends a test that needs a program which this machine lacks.
// In CI all are to be there, and a test that cannot run has failed.
func missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}
