package sink

import (
	"crypto/tls"
	"net"
	"time"
)

// The limits that apply where [Options] leaves them open, and those it cannot change.
const (
	defaultMaxMessage     = 50 << 20 // octets
	defaultMaxConnections = 1024
	defaultMaxRecipients  = 1000 // RFC 5321 §4.5.3.1.8 asks for at least 100
	defaultRemember       = 1 << 18
	defaultHost           = "sink.mailctl.invalid"

	bufferSize   = 32 << 10         // octets of a message read at once
	maxLine      = 2000             // octets of a command or, with DATA, of a text line; RFC 5321 §4.5.3.1 asks for 1000
	idleTimeout  = 5 * time.Minute  // RFC 5321 §4.5.3.2.7
	writeTimeout = 30 * time.Second // for a client that does not read its replies
)

// Options say how a [Server] behaves. The zero value is a server on a free
// loopback port that accepts and counts everything.
type Options struct {
	// Listen is the "host:port" to listen on. An empty host means 127.0.0.1:
	// other machines can connect only when their side is named on purpose, as
	// "0.0.0.0:25" or "[::]:25". Empty means 127.0.0.1 and a free port.
	Listen string
	// Personality decides the answers; nil accepts everything.
	Personality *Personality
	// Store keeps the messages; nil only counts them. The server does not close it.
	Store Store
	// TLS, when set, offers STARTTLS with this configuration.
	TLS *tls.Config
	// Login, when set, offers AUTH PLAIN and LOGIN, and refuses mail without it.
	// With TLS set, AUTH is offered on encrypted connections only.
	Login *Login
	// Seed moves all chances of the personality.
	Seed uint64
	// Clock tells the time of events and of waits between attempts; nil means
	// time.Now.
	Clock func() time.Time
	// OnEvent is told everything that happens, one call at a time. It must not
	// call Close.
	OnEvent func(Event)
	// MaxMessage is the largest message in octets; 0 means 50 MiB. A smaller
	// limit of the personality wins.
	MaxMessage int64
	// MaxConnections is how many connections may be open at once; 0 means 1024.
	// More are greeted with 421.
	MaxConnections int
	// Remember is how many recipients (for rules with first or wait) and how many
	// messages (to tell duplicates) are remembered; 0 means 262144, about 30 MB
	// when both are full. Beyond it, a recipient not seen before passes such
	// rules, unless the oldest one remembered has passed or was last seen an hour
	// ago and so can be forgotten; of messages, the oldest is forgotten. Clients
	// beyond it are all taken for the same one.
	Remember int
}

// Login is the user name and password a client must show.
type Login struct{ User, Password string }

// withDefaults returns the options with every open value filled in.
func (o Options) withDefaults() Options {
	if o.Personality == nil {
		o.Personality = &Personality{Name: "perfect"}
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.MaxMessage <= 0 {
		o.MaxMessage = defaultMaxMessage
	}
	if limit := o.Personality.maxSize; limit > 0 {
		o.MaxMessage = min(o.MaxMessage, int64(limit))
	}
	if o.MaxConnections <= 0 {
		o.MaxConnections = defaultMaxConnections
	}
	if o.Remember <= 0 {
		o.Remember = defaultRemember
	}
	return o
}

// listenAddress fills in the loopback address where no host is named.
func listenAddress(listen string) (string, error) {
	if listen == "" {
		return "127.0.0.1:0", nil
	}
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", err
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}
