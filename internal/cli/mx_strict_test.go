package cli

import (
	"bufio"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A strict receiver decides about each message by what it had before.
type strict struct {
	w    *mxWorld
	name string
	// judge returns the reply to MAIL, "" to go on; 421 closes the connection.
	judge func(now time.Time, accepted []time.Time) string
}

// start listens at an address below the world's base.
func (s *strict) start(addr string) {
	s.w.t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(s.w.base+addr, strconv.Itoa(s.w.port)))
	if err != nil {
		s.w.t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { s.serve(conn) })
		}
	})
	s.w.t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
}

// serve talks to one client.
func (s *strict) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Minute))
	lines := bufio.NewScanner(conn)
	say := func(text string) bool {
		_, err := fmt.Fprintf(conn, "%s\r\n", text)
		return err == nil && !strings.HasPrefix(text, "421")
	}
	say("220 " + s.name)
	to, inMessage := "", false
	for lines.Scan() {
		line := lines.Text()
		verb := strings.ToUpper(line)
		switch {
		case inMessage:
			if line == "." {
				inMessage = false
				s.accept(to)
				say("250 ok")
			}
		case strings.HasPrefix(verb, "EHLO"):
			say("250-" + s.name + "\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES")
		case strings.HasPrefix(verb, "MAIL"):
			to = ""
			if text := s.ask(); text != "" {
				if !say(text) {
					return
				}
				continue
			}
			to = "?"
			say("250 ok")
		case strings.HasPrefix(verb, "RCPT") && to != "":
			to = strings.Trim(line[strings.IndexByte(line, '<'):], "<>")
			say("250 ok")
		case verb == "DATA" && to != "" && to != "?":
			inMessage = say("354 go")
		case strings.HasPrefix(verb, "QUIT"):
			say("221 bye")
			return
		case strings.HasPrefix(verb, "RSET"):
			say("250 ok")
		default:
			say("503 5.5.1 out of order")
		}
	}
}

// ask judges one message, and counts it as begun.
func (s *strict) ask() string {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	now := time.Now()
	text := s.judge(now, s.w.times[s.name])
	if text != "" {
		s.w.refusals[s.name]++
		return text
	}
	s.w.times[s.name] = append(s.w.times[s.name], now)
	return ""
}

func (s *strict) accept(to string) {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	s.w.accepted[to]++
}

// since counts the times after a moment.
func since(times []time.Time, moment time.Time) int {
	n := 0
	for i := len(times) - 1; i >= 0 && times[i].After(moment); i-- {
		n++
	}
	return n
}
