package sink

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// inBubble runs a server over net.Pipe for the time of a synctest bubble, and
// returns it and how to connect to it.
func inBubble(t *testing.T, opt Options) (*Server, func() *peer) {
	t.Helper()
	listener := newPipes()
	s := serve(listener, opt)
	t.Cleanup(func() { _ = s.Close(t.Context()) }) // the tests of Close look at the error themselves
	return s, func() *peer {
		c := listener.dial()
		t.Cleanup(func() { _ = c.Close() })
		return newPeer(c)
	}
}

func TestSlow(t *testing.T) {
	opt := Options{Personality: personality(t, "slow")}
	synctest.Test(t, func(t *testing.T) {
		_, dial := inBubble(t, opt)
		p := dial()
		steps := []struct {
			script      string
			least, most time.Duration
		}{
			{"< 220", 200 * time.Millisecond, time.Second},
			{"> EHLO client.example\n< ...", 0, 0},
			{"> MAIL FROM:<a@acme.example>\n> RCPT TO:<ann@example.org>\n> DATA\n< 250", 0, 0},
			{"< 250", 200 * time.Millisecond, 2 * time.Second},
			{"< 354", 0, 0},
			{"> text\n> .\n< 250", 200 * time.Millisecond, 2 * time.Second},
			{"> QUIT\n< 221\n< EOF", 0, 0},
		}
		for _, step := range steps {
			begin := time.Now()
			p.talk(t, step.script)
			if took := time.Since(begin); took < step.least || took > step.most {
				t.Errorf("%q took %v", step.script, took)
			}
		}
	})
}

func TestDelayAtData(t *testing.T) {
	opt := Options{Personality: rules(t, "rules: [{at: data, delay: 3s}, {at: message, delay: 1s, reply: '550 5.7.1 no'}]")}
	synctest.Test(t, func(t *testing.T) {
		_, dial := inBubble(t, opt)
		p := dial()
		p.talk(t, hello)
		begin := time.Now()
		p.talk(t, "> MAIL FROM:<a@acme.example>\n> RCPT TO:<ann@example.org>\n> DATA\n< 250\n< 250")
		if took := time.Since(begin); took != 0 {
			t.Errorf("the envelope took %v", took)
		}
		p.talk(t, "< 354")
		if took := time.Since(begin); took != 3*time.Second {
			t.Errorf("354 took %v", took)
		}
		p.talk(t, "> text\n> .\n< 550 5.7.1")
		if took := time.Since(begin); took != 4*time.Second {
			t.Errorf("the refusal took %v", took)
		}
	})
}

func TestGreylist(t *testing.T) {
	opt := Options{Personality: personality(t, "greylist")}
	synctest.Test(t, func(t *testing.T) {
		s, dial := inBubble(t, opt)
		p := dial()
		p.talk(t, hello+"> MAIL FROM:<a@acme.example>\n< 250")
		for _, expected := range []string{"451 4.7.1 <ann@example.org>: greylisted", "451", "451", "250", "250"} {
			p.talk(t, "> RCPT TO:<ann@example.org>\n< "+expected)
			time.Sleep(2 * time.Second) // the bubble's clock
		}
		p.talk(t, "> QUIT\n< 221")
		if stats := s.Stats(); stats.Deferred != 3 || stats.Replies[451] != 3 {
			t.Errorf("%+v", stats)
		}
	})
}

func TestIdleClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, dial := inBubble(t, Options{})
		p := dial()
		p.talk(t, hello)
		begin := time.Now()
		p.talk(t, "< 421 4.4.2\n< EOF")
		if took := time.Since(begin); took != idleTimeout {
			t.Errorf("closed after %v", took)
		}
	})
}

// TestDeafClient shows that a client that reads no replies is not waited for.
func TestDeafClient(t *testing.T) {
	var log journal
	synctest.Test(t, func(t *testing.T) {
		_, dial := inBubble(t, Options{OnEvent: log.add})
		dial()
		time.Sleep(writeTimeout + time.Second) // the bubble's clock
		synctest.Wait()
		if len(log.of(EventClose)) != 1 {
			t.Error("the connection is still open")
		}
	})
}

func TestCloseWhileIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dial := inBubble(t, Options{})
		p := dial()
		p.talk(t, hello)
		synctest.Wait()
		begin := time.Now()
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
		p.talk(t, "< EOF")
		if took := time.Since(begin); took != 0 {
			t.Errorf("closing took %v", took)
		}
	})
}

// TestCloseWithinMessage shows that a message under way is finished, and that
// the connection ends after it.
func TestCloseWithinMessage(t *testing.T) {
	opt := Options{Personality: rules(t, "rules: [{at: message, delay: 3s}]")}
	synctest.Test(t, func(t *testing.T) {
		s, dial := inBubble(t, opt)
		p := dial()
		p.talk(t, hello+envelopeOf("ann@example.org")+"> DATA\n< 354")
		ended := make(chan error, 1)
		go func() { ended <- s.Close(t.Context()) }()
		synctest.Wait()
		p.talk(t, "> text\n> .\n< 250 2.0.0\n< EOF")
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if stats := s.Stats(); stats.Accepted != 1 {
			t.Errorf("%+v", stats)
		}
	})
}

// TestCloseRunsOut shows that what is still under way is cut when the time for
// it is over.
func TestCloseRunsOut(t *testing.T) {
	for _, tc := range []struct{ name, rules, script string }{
		{"in the envelope", ``, hello + envelopeOf("ann@example.org")},
		{"in a chunk", ``, hello + envelopeOf("ann@example.org") + "> BDAT 10\n> abc\\"},
		{"in a delay", "rules: [{at: message, delay: 10m}]", hello + envelopeOf("ann@example.org") + "> DATA\n< 354\n> .\n"},
		{"in a greeting", "rules: [{at: connect, delay: 10m}]", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, dial := inBubble(t, Options{Personality: rules(t, tc.rules)})
				p := dial()
				p.talk(t, tc.script)
				synctest.Wait()
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				ended := make(chan error, 1)
				go func() { ended <- s.Close(ctx) }()
				begin := time.Now()
				p.expect(t, "EOF")
				err := <-ended
				if tc.name == "in a greeting" { // not within a transaction: nothing to wait for
					if err != nil || time.Since(begin) != 0 {
						t.Errorf("%v after %v", err, time.Since(begin))
					}
					return
				}
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Minute {
					t.Errorf("%v after %v", err, time.Since(begin))
				}
				if stats := s.Stats(); stats.Accepted != 0 {
					t.Errorf("%+v", stats)
				}
				if again := s.Close(context.Background()); !errors.Is(again, err) {
					t.Errorf("the second Close returned %v", again)
				}
			})
		})
	}
}
