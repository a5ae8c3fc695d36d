package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// ErrTLSRequired means that a server offers no encryption and none was allowed to
// be missing.
var ErrTLSRequired = errors.New("the server offers no TLS")

// A Server is a mailbox on a server, as a URL names it.
type Server struct {
	Protocol string // "imap" or "pop3"
	Host     string
	Port     string
	User     string
	Folder   string // of IMAP; "INBOX" when the URL names none
	Implicit bool   // TLS from the first octet (RFC 8314)
	// Plain lets the password travel without TLS.
	Plain bool
}

// ParseServer reads imaps://user@host[:993][/FOLDER], imap://…[:143], pops://…[:995]
// or pop3://…[:110]. Without the s, STARTTLS is required, unless the URL ends in
// ?auth=plaintext.
func ParseServer(text string) (Server, error) {
	u, err := url.Parse(text)
	if err != nil {
		return Server{}, delivery.Hint(errors.New("the URL of the mailbox cannot be read"), hintServer)
	}
	if _, has := u.User.Password(); has {
		return Server{}, delivery.Hint(errors.New("the URL of the mailbox holds a password"),
			"put it into MAILCTL_PASSWORD or a file, and leave it out of the URL")
	}
	s := Server{Host: u.Hostname(), Port: u.Port(), User: u.User.Username(), Folder: "INBOX"}
	var port string
	switch strings.ToLower(u.Scheme) {
	case "imaps":
		s.Protocol, s.Implicit, port = "imap", true, "993"
	case "imap":
		s.Protocol, port = "imap", "143"
	case "pops", "pop3s":
		s.Protocol, s.Implicit, port = "pop3", true, "995"
	case "pop3", "pop":
		s.Protocol, port = "pop3", "110"
	default:
		return Server{}, delivery.Hint(fmt.Errorf("unknown scheme %q of a mailbox", u.Scheme), hintServer)
	}
	if s.Port == "" {
		s.Port = port
	}
	if folder := strings.Trim(u.Path, "/"); folder != "" {
		s.Folder = folder
	}
	switch auth := u.Query().Get("auth"); auth {
	case "":
	case "plaintext":
		s.Plain = true
	default:
		return Server{}, delivery.Hint(fmt.Errorf("invalid auth=%q of a mailbox", auth), "the only value is plaintext")
	}
	if _, err := netip.ParseAddr(s.Host); strings.Contains(s.Host, ":") && err != nil || strings.ContainsAny(s.Host, "%[] ") {
		return Server{}, delivery.Hint(fmt.Errorf("invalid host %q of a mailbox", s.Host), hintServer)
	}
	if s.Host == "" || s.User == "" {
		return Server{}, delivery.Hint(errors.New("the URL of the mailbox names no user or no host"), hintServer)
	}
	return s, nil
}

const hintServer = "write imaps://user@host/INBOX or pops://user@host; a user such as anna@one.example is written anna%40one.example"

// Addr returns host and port.
func (s Server) Addr() string { return net.JoinHostPort(s.Host, s.Port) }

// String returns the URL without what is usual.
func (s Server) String() string {
	scheme := map[bool]string{true: s.Protocol + "s", false: s.Protocol}[s.Implicit]
	text := scheme + "://" + url.User(s.User).String() + "@" + s.Addr()
	if s.Protocol == "imap" {
		text += "/" + s.Folder
	}
	return text
}

// A Dial opens a connection to an address; the context bounds it.
type Dial func(ctx context.Context, addr string) (net.Conn, error)

// A Login is what a server wants to know.
type Login struct {
	Password string
	Dial     Dial
	TLS      *tls.Config // nil is the default
}

// connect opens the connection, which is closed when the context ends.
func (l Login) connect(ctx context.Context, s Server) (conn net.Conn, stop func() bool, err error) {
	conn, err = l.Dial(ctx, s.Addr())
	if err != nil {
		return nil, nil, err
	}
	stop = context.AfterFunc(ctx, func() { _ = conn.Close() }) // whoever reads learns of it
	if !s.Implicit {
		return conn, stop, nil
	}
	secure := tls.Client(conn, l.config(s))
	if err := secure.HandshakeContext(ctx); err != nil {
		stop()
		return nil, nil, errors.Join(fmt.Errorf("tls with %s: %w", s.Addr(), err), conn.Close())
	}
	return secure, stop, nil
}

func (l Login) config(s Server) *tls.Config {
	config := l.TLS.Clone()
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if config.ServerName == "" {
		config.ServerName = s.Host
	}
	return config
}
