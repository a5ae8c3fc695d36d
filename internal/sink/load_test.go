package sink

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	smtp "github.com/emersion/go-smtp"
	"go.yaml.in/yaml/v3"
)

// deliver sends one message over a new connection or the one given, and returns
// the connection while it can be used.
func deliver(s *Server, c *smtp.Client, rcpt string) (*smtp.Client, error) {
	if c == nil {
		var err error
		if c, err = smtp.Dial(s.Addr()); err != nil {
			return nil, err
		}
	}
	text := "Subject: x\r\nMessage-ID: <" + rcpt + ">\r\n\r\ntext\r\n"
	err := c.SendMail("news@acme.example", []string{rcpt}, strings.NewReader(text))
	var reply *smtp.SMTPError
	if err != nil && (!errors.As(err, &reply) || reply.Code == 421 || c.Reset() != nil) {
		return nil, errors.Join(err, c.Close())
	}
	return c, err
}

// campaign sends to n recipients from several connections, tries again what
// failed for the time being, and returns the recipients that were refused for
// good.
func campaign(t *testing.T, s *Server, connections, n int) map[string]bool {
	t.Helper()
	queue := make(chan int, n)
	for i := range n {
		queue <- i
	}
	close(queue)
	var mu sync.Mutex
	dead := make(map[string]bool)
	var workers sync.WaitGroup
	for range connections {
		workers.Go(func() {
			var c *smtp.Client
			for i := range queue {
				rcpt := fmt.Sprintf("user%d@example.org", i)
				var err error
				for range 20 {
					if c, err = deliver(s, c, rcpt); err == nil {
						break
					}
					var reply *smtp.SMTPError
					if errors.As(err, &reply) && reply.Code >= 500 {
						mu.Lock()
						dead[rcpt] = true
						mu.Unlock()
						err = nil
						break
					}
				}
				if err != nil {
					t.Errorf("%s: %v", rcpt, err)
				}
			}
			if c != nil {
				_ = c.Quit() // the server may end it first
			}
		})
	}
	workers.Wait()
	return dead
}

// recipients returns how often each recipient is in the index of a folder.
func recipients(t *testing.T, dir string) map[string]int {
	t.Helper()
	count := make(map[string]int)
	for _, e := range indexOf(t, dir) {
		for _, rcpt := range e.To {
			count[rcpt]++
		}
	}
	return count
}

func TestManyConnections(t *testing.T) {
	const n = 400
	dir := t.TempDir()
	var log journal
	s := start(t, Options{Store: newFolder(t, dir), OnEvent: log.add})
	if dead := campaign(t, s, 8, n); len(dead) != 0 {
		t.Errorf("refused: %v", dead)
	}
	if got := recipients(t, dir); len(got) != n {
		t.Errorf("%d recipients", len(got))
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil || len(files) != n {
		t.Errorf("%d files, %v", len(files), err)
	}
	if stats := s.Stats(); stats.Accepted != n || stats.Duplicates != 0 || stats.Flawed != 0 || stats.Connections != 8 {
		t.Errorf("%+v", stats)
	}
	if got := len(log.of(EventAccept)); got != n {
		t.Errorf("%d events", got)
	}
}

// TestRealistic sends a campaign through the rules of realistic, without its
// delays, and compares what came of it with what the rules say.
func TestRealistic(t *testing.T) {
	const n = 400
	p := personality(t, "realistic")
	for _, r := range p.rules {
		r.least, r.most = 0, 0
	}
	dir := t.TempDir()
	s := start(t, Options{Store: newFolder(t, dir), Personality: p, Seed: 3})
	dead := campaign(t, s, 4, n)
	judge := newJudge(p, 3, s.opt.Clock, defaultRemember)
	got := recipients(t, dir)
	for i := range n {
		rcpt := fmt.Sprintf("user%d@example.org", i)
		d := judge.decide(moment{stage: "rcpt", from: "news@acme.example", to: []string{rcpt}})
		if want := d.rule != nil && d.rule.reply.Code >= 500; dead[rcpt] != want {
			t.Errorf("%s: dead %t, want %t", rcpt, dead[rcpt], want)
		}
		if want := !dead[rcpt]; (got[rcpt] == 1) != want {
			t.Errorf("%s was delivered %d times", rcpt, got[rcpt])
		}
	}
	stats := s.Stats()
	if len(dead) == 0 || stats.Deferred == 0 || stats.Duplicates != 0 || stats.Accepted != int64(n-len(dead)) {
		t.Errorf("%d dead, %+v", len(dead), stats)
	}
}

// TestFlaky shows that a client that goes on trying reaches everyone, and that
// someone gets a message twice only where the connection broke after accepting.
func TestFlaky(t *testing.T) {
	const n = 1000
	dir := t.TempDir()
	var log journal
	s := start(t, Options{Store: newFolder(t, dir), OnEvent: log.add, Personality: personality(t, "flaky"), Seed: 1})
	if dead := campaign(t, s, 4, n); len(dead) != 0 {
		t.Errorf("refused for good: %v", dead)
	}
	broken := make(map[string]bool)
	seen := make(map[string]bool)
	for _, e := range append(log.of(EventDrop), log.of(EventRefuse)...) {
		seen[e.Rule] = true
		if e.Rule == "broken-after-accepting" {
			broken[e.To[0]] = true
		}
	}
	got := recipients(t, dir)
	if len(got) != n {
		t.Errorf("%d of %d recipients", len(got), n)
	}
	for rcpt, times := range got {
		if want := map[bool]int{false: 1, true: 2}[broken[rcpt]]; times != want {
			t.Errorf("%s was delivered %d times, want %d", rcpt, times, want)
		}
	}
	for _, r := range s.opt.Personality.rules {
		if !seen[r.name] {
			t.Errorf("rule %q never decided", r.name)
		}
	}
	if stats := s.Stats(); stats.Duplicates != int64(len(broken)) {
		t.Errorf("%d broken, %+v", len(broken), stats)
	}
}

// The benchmarks measure clients that pipeline and send chunks of 2 kB.
func BenchmarkCount(b *testing.B) { benchmark(b, Options{}) }

func BenchmarkFolder(b *testing.B) { benchmark(b, Options{Store: newFolder(b, b.TempDir())}) }

func BenchmarkRules(b *testing.B) {
	p := personality(b, "realistic")
	for _, r := range p.rules {
		r.least, r.most = 0, 0
		if hasRecipient(r.at) {
			r.to, _ = readPatterns(&yaml.Node{Kind: yaml.ScalarNode, Value: "none.example"})
		}
	}
	benchmark(b, Options{Personality: p, OnEvent: func(Event) {}})
}

func benchmark(b *testing.B, opt Options) {
	b.Helper()
	s := start(b, opt)
	message := bytes.Repeat([]byte(strings.Repeat("x", 78)+"\r\n"), 25) // 2 kB
	b.SetBytes(int64(len(message)))
	b.RunParallel(func(pb *testing.PB) {
		c := textproto.NewConn(dial(b, s))
		defer c.Close()
		for _, code := range []int{220, 250} {
			if _, _, err := c.ReadResponse(code); err != nil {
				b.Error(err)
			}
			if code == 220 {
				_ = c.PrintfLine("EHLO client.example")
			}
		}
		for n := 0; pb.Next(); n++ {
			_, _ = fmt.Fprintf(c.W, "MAIL FROM:<a@acme.example>\r\nRCPT TO:<user%d@example.org>\r\nBDAT %d LAST\r\n", n, len(message))
			_, _ = c.W.Write(message)
			if err := c.W.Flush(); err != nil {
				b.Error(err)
			}
			for range 3 {
				if _, _, err := c.ReadResponse(250); err != nil {
					b.Error(err)
					return
				}
			}
		}
		_ = c.PrintfLine("QUIT")
		_, _ = io.Copy(io.Discard, c.R)
	})
}
