package testkit

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A privateView runs a server in a mount and process namespace of its own. It
// sees the programs of .ci/setup as if they were installed, its own accounts,
// no name server, and an empty /var and /run in memory; its files are in
// /run/mta. When the test ends, even by dying, so does every process in there,
// and nothing is left behind.
type privateView struct {
	dir  string        // the folder that the server sees as /run/mta
	done chan struct{} // closed when the server has ended
	pid  int
}

// viewScript makes the view and runs the start script in it. It is process 1 of
// its namespace: when it ends, the kernel ends all the others. It ends with the
// server, or when its standard input is closed.
const viewScript = `
mount -t overlay -o "ro,lowerdir=$1/usr:/usr" overlay /usr
cd "$2"
shift 2
umask 022
chmod -R a+rX .
chmod a+w log
mount -t overlay -o ro,lowerdir=etc:/etc overlay /etc
mount -t tmpfs -o mode=755 tmpfs /var
mount -t tmpfs -o mode=755 tmpfs /run
ln -s /run /var/run
mkdir /run/mta
mount --bind . /run/mta
exec 3<&0
sh -eu /run/mta/start "$@" &
server=$!
{ read -r _ <&3 || kill -KILL "$server"; } &
wait "$server"
`

// viewFiles are laid over /etc.
var viewFiles = map[string]string{
	"passwd": `root:x:0:0::/root:/bin/sh
nobody:x:65534:65534::/nonexistent:/bin/false
postfix:x:64101:64101::/nonexistent:/bin/false
opensmtpd:x:64103:64103::/nonexistent:/bin/false
opensmtpq:x:64104:64104::/nonexistent:/bin/false
Debian-exim:x:64105:64105::/nonexistent:/bin/false
`,
	"group": `root:x:0:
nogroup:x:65534:
postfix:x:64101:
postdrop:x:64102:
opensmtpd:x:64103:
opensmtpq:x:64104:
Debian-exim:x:64105:
`,
	"hosts":         "127.0.0.1 localhost\n",
	"nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
	"resolv.conf":   "lookup file\nnameserver 127.0.0.1\n",
}

// newPrivateView prepares the folder of a view. Where the programs are missing
// or may not be run, the test is skipped, or fails in CI.
func newPrivateView(t testing.TB) *privateView {
	t.Helper()
	programs(t)
	if err := exec.Command("unshare", "--mount", "--pid", "--fork", "true").Run(); err != nil {
		missing(t, fmt.Sprintf("a real mail server needs root and namespaces: %v", err))
	}
	v := &privateView{dir: t.TempDir(), done: make(chan struct{})}
	check(t, os.Mkdir(filepath.Join(v.dir, "log"), 0o700))
	for name, text := range viewFiles {
		v.write(t, "etc/"+name, text)
	}
	return v
}

// write puts a file into the view's folder, readable for every account in it,
// and returns its path outside the view.
// The file looks old, since Postfix waits until its configuration has been left
// alone for two seconds.
func (v *privateView) write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(v.dir, name)
	check(t, os.MkdirAll(filepath.Dir(path), 0o755))
	check(t, os.WriteFile(path, []byte(text), 0o644))
	past := time.Now().Add(-time.Minute)
	check(t, os.Chtimes(path, past, past))
	return path
}

// start runs the view's file "start" with args: a shell script that ends in the
// exec of a server in the foreground.
func (v *privateView) start(t testing.TB, args ...string) {
	t.Helper()
	log, err := os.Create(filepath.Join(v.dir, "log", "output"))
	check(t, err)
	cmd := exec.Command("unshare", append([]string{
		"--mount", "--pid", "--fork", "--kill-child",
		"sh", "-euc", viewScript, "sh", programs(t), v.dir,
	}, args...)...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	cmd.Stdout, cmd.Stderr = log, log
	stdin, err := cmd.StdinPipe()
	check(t, err)
	check(t, cmd.Start())
	v.pid = cmd.Process.Pid
	go func() {
		defer close(v.done)
		_ = cmd.Wait() // it is killed in the end: the log says more than its status
		_ = log.Close()
	}()
	t.Cleanup(func() {
		v.stop(t, stdin, cmd.Process)
		if t.Failed() {
			t.Log(v.logs())
		}
	})
}

// waitFor returns when the server listens at addr.
func (v *privateView) waitFor(t testing.TB, addr string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !listens(addr) {
		select {
		case <-v.done:
			t.Fatal("the server ended while starting")
		case <-deadline:
			t.Fatalf("the server does not answer at %s", addr)
		case <-tick.C:
		}
	}
}

// listens tells whether somebody listens at addr.
func listens(addr string) bool {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// stop ends the view and waits for it.
func (v *privateView) stop(t testing.TB, stdin io.Closer, process *os.Process) {
	_ = stdin.Close()
	select {
	case <-v.done:
		return
	case <-time.After(5 * time.Second):
	}
	t.Errorf("the server did not stop, and was killed")
	_ = process.Kill()
	<-v.done
}

// path is where a file of the view is seen from outside.
func (v *privateView) path(name string) string {
	return fmt.Sprintf("/proc/%d/root%s", v.pid, name)
}

// logs returns the end of each log the server wrote.
func (v *privateView) logs() string {
	const most = 4000
	var b strings.Builder
	files, _ := filepath.Glob(filepath.Join(v.dir, "log", "*"))
	for _, file := range files {
		text, _ := os.ReadFile(file)
		if len(text) > most {
			text = text[len(text)-most:]
		}
		fmt.Fprintf(&b, "%s:\n%s\n", filepath.Base(file), text)
	}
	return b.String()
}

// randomLoopback returns an address of 127.0.0.0/8 that is not 127.0.0.x.
func randomLoopback() string {
	return fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(254), rand.IntN(256), 1+rand.IntN(254))
}

// check fails the test at an error of its own set-up.
func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
