package delivery

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
)

// The exchange of RFC 7677 §3.
func TestSCRAMExample(t *testing.T) {
	s := &scram{user: "user", password: "pencil", nonce: "rOprNGfwEbeRWgbNEkqO"}
	first, ok, err := s.start()
	if want := "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"; first != want || !ok || err != nil {
		t.Errorf("first message %q, %v; want %q", first, err, want)
	}
	final, err := s.next("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
	if want := "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="; final != want || err != nil {
		t.Errorf("final message %q, %v; want %q", final, err, want)
	}
	if s.finish() == nil {
		t.Error("success is believed before the server proved itself")
	}
	last, err := s.next("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
	if last != "" || err != nil || s.finish() != nil {
		t.Errorf("last message %q, %v, %v", last, err, s.finish())
	}
	if _, err := s.next("more"); !errors.Is(err, ErrAuthFailed) {
		t.Errorf("a third challenge: %v", err)
	}
}

func TestSCRAMPrepare(t *testing.T) {
	s := &scram{user: "a=b,c\u00a0\u2168", nonce: "n"}
	if got, want := s.firstBare(), "n=a=3Db=2Cc IX,r=n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if one, other := newSCRAM("", ""), newSCRAM("", ""); one.nonce == other.nonce {
		t.Error("two nonces are equal")
	}
}

func TestSCRAMBadServer(t *testing.T) {
	const good = "r=nonceX,s=c2FsdA==,i=1"
	for _, message := range []string{
		"", "r=nonceX", "r=nonceX,s=c2FsdA==", "x=nonceX,s=c2FsdA==,i=1", "r=nonceX,x=c2FsdA==,i=1", "r=nonceX,s=c2FsdA==,x=1",
		"r=other,s=c2FsdA==,i=1", "r=nonce,s=c2FsdA==,i=1", "r=nonceX,s=?,i=1", "r=nonceX,s=,i=1",
		"r=nonceX,s=c2FsdA==,i=0", "r=nonceX,s=c2FsdA==,i=-1", "r=nonceX,s=c2FsdA==,i=x", "r=nonceX,s=c2FsdA==,i=99999999",
	} {
		s := &scram{nonce: "nonce", password: "x"}
		if _, err := s.next(message); !errors.Is(err, ErrAuthFailed) {
			t.Errorf("server's first message %q: %v", message, err)
		}
	}
	for _, message := range []string{"", "e=invalid-proof", "v=", "v=?", "v=AAAA"} {
		s := &scram{nonce: "nonce", password: "x"}
		if _, err := s.next(good); err != nil {
			t.Fatal(err)
		}
		if _, err := s.next(message); !errors.Is(err, ErrAuthFailed) || s.finish() == nil {
			t.Errorf("server's final message %q: %v", message, err)
		}
	}
}

// TestSCRAMSession logs in to a server that knows the password, to one that does
// not, and to one that says yes without proof.
func TestSCRAMSession(t *testing.T) {
	for _, test := range []struct {
		name, password string
		prove          bool
		ok             bool
	}{
		{"good", "pencil", true, true},
		{"impostor", "guess", true, false},
		{"no proof", "pencil", false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			client, server := net.Pipe()
			done := make(chan struct{})
			go func() {
				defer close(done)
				defer server.Close()
				scramServer(bufio.NewReadWriter(bufio.NewReader(server), bufio.NewWriter(server)), test.password, test.prove)
			}()
			s, err := Open(t.Context(), Target{Host: "mx.example", Security: SecurityNone}, Options{
				LocalName: "client.example", Dialer: pipeDialer{client}, AllowPlaintextAuth: true,
				Auth: &Auth{User: "user", Password: "pencil"},
			})
			if test.ok != (err == nil) || err != nil && !errors.Is(err, ErrAuthFailed) {
				t.Errorf("error %v", err)
			}
			if s != nil {
				_ = s.Close(t.Context())
			}
			<-done
		})
	}
}

type pipeDialer struct{ conn net.Conn }

func (d pipeDialer) DialContext(context.Context, string, string) (net.Conn, error) {
	return d.conn, nil
}

// scramServer is the other side of SCRAM-SHA-256, written from RFC 5802 §3.
func scramServer(rw *bufio.ReadWriter, password string, prove bool) {
	say := func(line string) {
		_, _ = rw.WriteString(line + "\r\n")
		_ = rw.Flush()
	}
	hear := func() string {
		line, _ := rw.ReadString('\n')
		return strings.TrimSuffix(line, "\r\n")
	}
	challenge := func(text string) string {
		say("334 " + base64.StdEncoding.EncodeToString([]byte(text)))
		answer, _ := base64.StdEncoding.DecodeString(hear())
		return string(answer)
	}
	mac := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	say("220 hi")
	hear()
	say("250-mx\r\n250 AUTH PLAIN SCRAM-SHA-256")
	initial, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(hear(), "AUTH SCRAM-SHA-256 "))
	bare := strings.TrimPrefix(string(initial), "n,,")
	_, nonce, _ := strings.Cut(bare, "r=")
	first := fmt.Sprintf("r=%sxyz,s=%s,i=4096", nonce, base64.StdEncoding.EncodeToString([]byte("salt")))
	final, _, _ := strings.Cut(challenge(first), ",p=")
	if prove {
		salted, _ := pbkdf2.Key(sha256.New, password, []byte("salt"), 4096, 32)
		signature := mac(mac(salted, "Server Key"), bare+","+first+","+final)
		challenge("v=" + base64.StdEncoding.EncodeToString(signature))
	}
	say("235 ok")
	hear()
	say("221 bye")
}
