package delivery

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// ErrNoDNSServers means that a client was given nobody to ask.
var ErrNoDNSServers = errors.New("no name server given")

// ClientOptions say how a [Client] asks. Only Servers is needed.
type ClientOptions struct {
	// Servers are asked in this order until one can tell. A server that was silent
	// several times in a row is asked last.
	Servers []DNSServer
	// Timeout is how long one server may take for one query; zero means 3 s.
	Timeout time.Duration
	// Attempts is how often a server that does not answer is asked; zero means 2.
	Attempts int
	// Dialer opens the connections; nil means a plain net.Dialer.
	Dialer Dialer
	// TLS is copied and completed for DNS over TLS and HTTPS; nil means the
	// system's roots.
	TLS *tls.Config
	// Now is the clock by which the cache forgets; nil means time.Now.
	Now func() time.Time
	// CacheOctets bounds the answers that are kept; zero means 32 MB, and a
	// negative number keeps none.
	CacheOctets int
	// Trace, when it is not nil, is called after each query, by several goroutines
	// at once.
	Trace func(LookupEvent)
}

// A LookupEvent is one query that went to a server, and what came back.
type LookupEvent struct {
	Question
	Server    string
	Transport DNSTransport
	Wave      int // as [Rounds] counts; zero when nobody does
	Elapsed   time.Duration
	Rcode     string // "NOERROR", "NXDOMAIN", …; empty when Err is set
	Records   int    // in the answer section
	Octets    int    // of the answer
	Truncated bool   // it did not fit; TCP follows
	Err       error
}

// LookupStats count what a [Client] did.
type LookupStats struct {
	Queries int64 // sent to a server
	Cached  int64 // look-ups answered from the cache
	Merged  int64 // look-ups that waited for the answer to another of the same question
}

// A Client is a stub [Resolver]: it asks recursive name servers, verifies that
// what comes back fits the question, and keeps answers for as long as their TTL
// allows. Identical questions asked at the same time become one query.
type Client struct {
	opt       ClientOptions
	upstreams []*upstream
	cache     *answerCache
	flights   flights
	queries   atomic.Int64
	cached    atomic.Int64
	merged    atomic.Int64
}

// NewClient returns a client. The only error is [ErrNoDNSServers]. The client
// must be closed.
func NewClient(opt ClientOptions) (*Client, error) {
	if len(opt.Servers) == 0 {
		return nil, ErrNoDNSServers
	}
	if opt.Timeout <= 0 {
		opt.Timeout = 3 * time.Second
	}
	if opt.Attempts <= 0 {
		opt.Attempts = 2
	}
	if opt.Dialer == nil {
		opt.Dialer = &net.Dialer{}
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.CacheOctets == 0 {
		opt.CacheOctets = 32 << 20
	}
	c := &Client{opt: opt, cache: newAnswerCache(opt.CacheOctets, opt.Now)}
	for _, server := range opt.Servers {
		c.upstreams = append(c.upstreams, newUpstream(server, opt))
	}
	return c, nil
}

// Close closes the connections that are kept for reuse. It must not be called
// while look-ups are under way.
func (c *Client) Close() error {
	for _, up := range c.upstreams {
		up.close()
	}
	return nil
}

// Stats returns what the client did until now.
func (c *Client) Stats() LookupStats {
	return LookupStats{Queries: c.queries.Load(), Cached: c.cached.Load(), Merged: c.merged.Load()}
}

// Lookup implements [Resolver].
func (c *Client) Lookup(ctx context.Context, name string, qtype uint16) Answer {
	ascii, err := DNSName(name)
	if err != nil {
		return unknownAnswer(name, qtype, CauseInvalidName, err)
	}
	q := Question{ascii, qtype}
	line := strandOf(ctx)
	for {
		if a, ok := c.cache.get(q); ok {
			c.cached.Add(1)
			return a
		}
		f, lead := c.flights.join(q, line)
		if lead {
			return c.flights.land(f, q, func() Answer {
				a := c.resolve(ctx, q)
				c.cache.put(q, a)
				return a
			})
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return unknownAnswer(ascii, qtype, CauseCanceled, context.Cause(ctx))
		}
		if f.answer.Cause == CauseCanceled && ctx.Err() == nil {
			continue // the context of whoever asked ended, ours did not
		}
		c.merged.Add(1)
		line.reached(f.reachedBy(line))
		return f.answer
	}
}

func unknownAnswer(name string, qtype uint16, cause LookupCause, err error) Answer {
	return Answer{Name: name, Type: qtype, Status: LookupUnknown, Cause: cause, Err: err}
}

// newUpstream prepares the way to a server.
func newUpstream(server DNSServer, opt ClientOptions) *upstream {
	up := &upstream{server: server, dialer: opt.Dialer}
	switch server.Transport {
	case TransportTLS:
		up.tls = cloneTLS(opt.TLS)
		up.tls.ServerName = server.Name
		up.idle = &idleConns{slots: make(chan struct{}, maxStreams)}
	case TransportHTTPS:
		up.http = &http.Client{
			Transport: &http.Transport{
				DialContext:         opt.Dialer.DialContext,
				TLSClientConfig:     cloneTLS(opt.TLS),
				ForceAttemptHTTP2:   true,
				DisableCompression:  true,
				MaxIdleConnsPerHost: maxStreams,
				MaxConnsPerHost:     maxStreams,
			},
			// RFC 8484 §5.1 leaves redirects to HTTP; a name server has no reason for one.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	case TransportUDP, TransportTCP:
	}
	return up
}

func cloneTLS(config *tls.Config) *tls.Config {
	if config == nil {
		return &tls.Config{MinVersion: tls.VersionTLS12}
	}
	config = config.Clone()
	config.MinVersion = max(config.MinVersion, tls.VersionTLS12)
	return config
}
