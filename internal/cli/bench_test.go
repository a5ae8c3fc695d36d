package cli

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/testkit"
)

const benchConnections = "10"

// BenchmarkThroughput sends messages of 2 kB to Postfix's smtp-sink, in turn by
// mailctl, with its ledger on and every message different, and by Postfix's
// smtp-source, which sends the same bytes again and again and remembers nothing.
func BenchmarkThroughput(b *testing.B) {
	compareWithSource(b, testkit.SMTPSink(b), 20_000)
}

// BenchmarkThroughputOverLongLink does the same over a link with a round trip of
// 50 ms.
func BenchmarkThroughputOverLongLink(b *testing.B) {
	compareWithSource(b, longLink(b, testkit.SMTPSink(b), 25*time.Millisecond), 2_000)
}

func compareWithSource(b *testing.B, addr string, n int) {
	b.Helper()
	folder := benchFolder(b, n)
	var ours, theirs time.Duration
	for i := 0; b.Loop(); i++ {
		ours += timed(b, mailctlCommand(b, folder, addr, fmt.Sprint("run", i)))
		theirs += timed(b, testkit.PostfixCommand(b, "smtp-source", "-d", "-s", benchConnections, "-m", strconv.Itoa(n),
			"-l", "2000", "-f", "news@acme.example", "-t", "anna@x.example", addr))
	}
	rate := func(d time.Duration) float64 { return float64(b.N*n) / d.Seconds() }
	b.ReportMetric(rate(ours), "mailctl-msgs/s")
	b.ReportMetric(rate(theirs), "smtp-source-msgs/s")
	b.ReportMetric(rate(ours)/rate(theirs), "ratio")
	b.ReportMetric(0, "ns/op")
}

// timed runs a command and returns how long it took.
func timed(b *testing.B, cmd *exec.Cmd) time.Duration {
	b.Helper()
	began := time.Now()
	if output, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, output)
	}
	return time.Since(began)
}

// mailctlCommand sends the list of a folder as a campaign of its own.
func mailctlCommand(b *testing.B, folder, addr, campaign string) *exec.Cmd {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), os.Args[0],
		"send", "--list", "list.csv", "--message", "message.txt", "--from", "news@acme.example", "--campaign", campaign,
		"--via", "smtp://"+addr+"?tls=none", "--connections", benchConnections, "--yes")
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), asMailctl+"=1", atOnce, "XDG_STATE_HOME="+filepath.Join(folder, "state"), "HOME="+folder)
	return cmd
}

// benchFolder writes a list of n rows and a message of 2 kB.
func benchFolder(b *testing.B, n int) string {
	b.Helper()
	folder := b.TempDir()
	var list strings.Builder
	list.WriteString("email,name,company,city,orders\n")
	for i := range n {
		fmt.Fprintf(&list, "user%d@d%d.example,Name %d,Company %d,City %d,%d\n", i, i%500, i, i%1000, i%300, i%50)
	}
	message := "---\nsubject: News for {{.name}}\n---\nHello {{.name}} from {{.city}},\n\nthank you for {{.orders}} orders at {{.company}}.\n\n" +
		strings.Repeat("This is a line of text that makes the message about two kilobytes long.\n", 22)
	for name, text := range map[string]string{"list.csv": list.String(), "message.txt": message} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return folder
}

// longLink forwards connections to an address, each octet so much later.
func longLink(b *testing.B, to string, delay time.Duration) (addr string) {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var links sync.WaitGroup
	links.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := new(net.Dialer).DialContext(ctx, "tcp", to)
			if err != nil {
				_ = near.Close()
				continue
			}
			links.Go(func() { late(far, near, delay) })
			links.Go(func() { late(near, far, delay) })
		}
	})
	b.Cleanup(func() {
		cancel()
		_ = listener.Close()
		links.Wait()
	})
	return listener.Addr().String()
}

// late copies what arrives, each piece so much later, and ends both sides.
func late(to io.WriteCloser, from io.ReadCloser, delay time.Duration) {
	type piece struct {
		due  time.Time
		data []byte
	}
	pieces := make(chan piece, 1024)
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(pieces)
		for {
			buffer := make([]byte, 64<<10)
			n, err := from.Read(buffer)
			if n > 0 {
				pieces <- piece{time.Now().Add(delay), buffer[:n]}
			}
			if err != nil {
				return
			}
		}
	})
	for p := range pieces {
		time.Sleep(time.Until(p.due))
		if _, err := to.Write(p.data); err != nil {
			_ = from.Close()
		}
	}
	_ = to.Close()
	reading.Wait()
}
