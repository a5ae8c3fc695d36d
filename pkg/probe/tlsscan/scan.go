package tlsscan

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// A Dial returns a new connection to the server on which the next octet that the
// client writes is the first of a TLS handshake: for implicit TLS it was just
// dialled, for STARTTLS the server has answered 220 to the command. It keeps to
// its own time limits and ends with ctx.
type Dial func(ctx context.Context) (net.Conn, error)

// Options say what is asked of a server, and how hard. With neither Versions nor
// Ciphers, nothing is asked.
type Options struct {
	// ServerName is the name to ask for (RFC 6066 §3); none is sent when it is
	// empty or an address.
	ServerName string
	Versions   bool          // ask for each version
	Ciphers    bool          // ask for each version, and for its suites and groups
	Timeout    time.Duration // of one handshake, without the dialling; 0 means 10 s
	Parallel   int           // connections at once; 0 means 2
	Most       int           // connections altogether; 0 means 400
}

const (
	defaultTimeout  = 10 * time.Second
	defaultParallel = 2
	defaultMost     = 400
)

// An Outcome says whether a server accepts something.
type Outcome string

// The outcomes.
const (
	Accepted Outcome = "accepted" // the server chose it
	Refused  Outcome = "refused"  // the server said no
	Unknown  Outcome = "unknown"  // it could not be found out
)

// A Result is what was found out about a server: each version once, the oldest
// first.
type Result struct {
	Versions []VersionResult
}

// A VersionResult is what was found out about one version.
type VersionResult struct {
	Version Version
	Outcome Outcome
	// Err says how the version was refused or why nothing is known: an [*AlertError],
	// or one that wraps [ErrClosed], [ErrOther], [ErrNotTLS], [ErrProtocol],
	// [ErrConnect], [ErrMost], or the error of the network. For an accepted version
	// it says why the suites or groups are perhaps not all, and is nil when they are.
	Err error
	// Ciphers are the accepted suites: in the order in which the server prefers them,
	// or in that of their strength when it leaves the choice to the client.
	Ciphers []Cipher
	// ServerPreference tells whether the server follows its own order; nil when that
	// is not known or there is but one suite.
	ServerPreference *bool
	// Groups are those that the server accepts for the key exchange of TLS 1.3, or of
	// TLS 1.2 on elliptic curves, in the order in which it chooses them; older
	// versions are not asked. A server whose only certificates are of a curve may
	// refuse all groups when that one is not offered; the others come before it here,
	// when the server follows the client.
	Groups []Group
}

// Scan asks the server behind dial. It makes a connection for each question, and
// stops asking when one cannot be had: what is then left is unknown. The error is
// that of ctx; the result says what was found out until then.
func Scan(ctx context.Context, dial Dial, opt Options) (Result, error) {
	if !opt.Versions && !opt.Ciphers {
		return Result{}, nil
	}
	if opt.Timeout <= 0 {
		opt.Timeout = defaultTimeout
	}
	if opt.Parallel <= 0 {
		opt.Parallel = defaultParallel
	}
	if opt.Most <= 0 {
		opt.Most = defaultMost
	}
	s := &scanner{dial: dial, opt: opt, slots: make(chan struct{}, opt.Parallel)}
	results := s.versions(ctx)
	if opt.Ciphers {
		s.enumerate(ctx, results)
	}
	return Result{Versions: results}, ctx.Err()
}

// versions asks for each version.
func (s *scanner) versions(ctx context.Context) []VersionResult {
	results := make([]VersionResult, len(Versions()))
	var running sync.WaitGroup
	for i, v := range Versions() {
		running.Go(func() { results[i] = s.version(ctx, v, suitesOf(v)) })
	}
	running.Wait()
	s.offerLess(ctx, results)
	for i := range results {
		if r := &results[i]; !s.speaksTLS() && errors.Is(r.Err, ErrClosed) {
			r.Outcome = Unknown
		}
	}
	return results
}

// version asks for a version with some suites.
func (s *scanner) version(ctx context.Context, v Version, offered []uint16) VersionResult {
	_, outcome, err := s.ask(ctx, s.hello(v, offered))
	return VersionResult{Version: v, Outcome: outcome, Err: err}
}

// offerLess asks again with few suites where all at once were accepted in no
// version: some old servers refuse a list of more than 64, or look no further.
// TLS 1.3 knows few. A server that was silent is not made to wait again.
func (s *scanner) offerLess(ctx context.Context, results []VersionResult) {
	for _, r := range results {
		if r.Outcome == Accepted && r.Version < TLSv13 {
			return
		}
	}
	var running sync.WaitGroup
	for i, r := range results {
		if r.Version == TLSv13 || errors.Is(r.Err, os.ErrDeadlineExceeded) {
			continue
		}
		running.Go(func() {
			if again := s.version(ctx, r.Version, chunks(suitesOf(r.Version))[0]); again.Outcome == Accepted {
				results[i] = again
				s.offerChunks()
			}
		})
	}
	running.Wait()
}

// enumerate asks for the suites and groups of the versions that are accepted.
func (s *scanner) enumerate(ctx context.Context, results []VersionResult) {
	var running sync.WaitGroup
	for i := range results {
		if r := &results[i]; r.Outcome == Accepted {
			running.Go(func() { s.details(ctx, r) })
		}
	}
	running.Wait()
}
