package testkit

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
)

func TestPlaySMTP(t *testing.T) {
	tests := []struct {
		name, script, client string
		want                 string // part of the error; empty when there must be none
		messages             int
	}{
		{"followed", "> 220 hi\n# a remark\n\n< EHLO *\n! message\n! eof", "EHLO x\r\n..\r\n.\r\n", "", 1},
		{"another line", "< EHLO x\n", "HELO x\r\n", `line 1: "< EHLO x": the client says "HELO x"`, 0},
		{"bare LF", "< EHLO x\n", "EHLO x\n", "bare LF", 0},
		{"ends early", "< EHLO x\n", "EHLO", `after "EHLO": EOF`, 0},
		{"goes on", "! eof", "QUIT\r\n", `the client goes on with "QUIT\r\n"`, 0},
		{"no message", "! message", "a\r\n", "EOF", 0},
		{"not understood", "? what", "", "not understood", 0},
		{"no directive", "! nonsense", "", "not understood", 0},
		{"no number", "! split x", "", "invalid syntax", 0},
		{"no time", "! wait x", "", "invalid duration", 0},
		{"no string", "! raw x", "", "invalid syntax", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, server := net.Pipe()
			go func() {
				go io.Copy(io.Discard, client)
				io.WriteString(client, test.client)
				client.Close()
			}()
			messages, err := PlaySMTP(t.Context(), server, nil, test.script)
			if len(messages) != test.messages {
				t.Errorf("messages %q", messages)
			}
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestPlaySMTPStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, server := net.Pipe()
	if _, err := PlaySMTP(ctx, server, nil, "! wait 1h"); err == nil || !strings.Contains(err.Error(), context.Canceled.Error()) {
		t.Errorf("error %v", err)
	}
}
