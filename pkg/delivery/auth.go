package delivery

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// Auth holds the credentials of a session. Printed or logged in any way, it shows
// the user's name and no secret.
type Auth struct {
	// Mechanism is the SASL mechanism to use: SCRAM-SHA-256, PLAIN, LOGIN or
	// XOAUTH2. Empty means the best one that the server offers.
	Mechanism string
	User      string
	Password  string
	// Token is an OAuth 2.0 access token, for XOAUTH2. With a token and without a
	// Mechanism, XOAUTH2 is the only one used.
	Token string
}

// String returns the user's name.
func (a Auth) String() string { return "user " + a.User }

// GoString returns the user's name, for %#v.
func (a Auth) GoString() string { return fmt.Sprintf("delivery.Auth{User:%q}", a.User) }

// LogValue returns the user's name, for slog.
func (a Auth) LogValue() slog.Value { return slog.StringValue(a.String()) }

// The SASL mechanisms, the best first.
const (
	mechanismSCRAM   = "SCRAM-SHA-256" // RFC 7677
	mechanismPlain   = "PLAIN"         // RFC 4616
	mechanismLogin   = "LOGIN"         // draft-murchison-sasl-login
	mechanismXOAuth2 = "XOAUTH2"       // Google's, before RFC 7628
)

// A mechanism is one side of a SASL exchange.
type mechanism interface {
	// start returns the initial response, and false when the server speaks first.
	start() (string, bool, error)
	// next answers a challenge.
	next(challenge string) (string, error)
	// finish is called when the server reports success. An error means that it has
	// no right to.
	finish() error
}

// newMechanism chooses how to log in.
func newMechanism(a *Auth, offered []string) (name string, m mechanism, err error) {
	wanted := []string{mechanismSCRAM, mechanismPlain, mechanismLogin}
	switch {
	case a.Mechanism != "":
		wanted = []string{strings.ToUpper(a.Mechanism)}
	case a.Token != "":
		wanted = []string{mechanismXOAuth2}
	}
	i := slices.IndexFunc(wanted, func(name string) bool { return slices.Contains(offered, name) })
	if i < 0 {
		err := fmt.Errorf("%w: the server offers %s, wanted is %s", ErrNoAuth, list(offered), list(wanted))
		return "", nil, err
	}
	switch wanted[i] {
	case mechanismSCRAM:
		return mechanismSCRAM, newSCRAM(a.User, a.Password), nil
	case mechanismPlain:
		return mechanismPlain, &plain{a.User, a.Password}, nil
	case mechanismLogin:
		return mechanismLogin, &login{answers: []string{a.User, a.Password}}, nil
	case mechanismXOAuth2:
		return mechanismXOAuth2, &xoauth2{user: a.User, token: a.Token}, nil
	}
	return "", nil, fmt.Errorf("%w: %s is not known here", ErrNoAuth, wanted[i])
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// authenticate logs in (RFC 4954 §4).
func (s *Session) authenticate(ctx context.Context) error {
	if !s.verified && !s.opt.AllowPlaintextAuth {
		return s.fail(StageAuth, Reply{}, Hint(ErrAuthWithoutTLS, hintPlaintextAuth))
	}
	s.wire.redactor = newRedactor(s.opt.Auth.Password, s.opt.Auth.Token)
	defer func() { s.wire.redactor = redactor{} }()
	name, m, err := newMechanism(s.opt.Auth, s.capabilities.Auth)
	if err != nil {
		return s.fail(StageAuth, Reply{}, Hint(err, "look at what the server offers with --verbose; it may want STARTTLS or another port first"))
	}
	initial, first, err := m.start()
	if err != nil {
		return s.fail(StageAuth, Reply{}, err)
	}
	// RFC 4954 §4: an initial response only where the line stays within 512 octets.
	const longest = 512 - len("\r\n")
	command := "AUTH " + name
	if line := command + " " + base64.StdEncoding.EncodeToString([]byte(initial)); first && initial != "" && len(line) <= longest {
		s.wire.secret(line, len(command)+1)
		first = false
	} else {
		s.wire.command(command)
	}
	reply, err := s.challenges(ctx, m, initial, first)
	if err != nil {
		return err
	}
	return s.authenticated(reply, m)
}

// challenges carries on the exchange until the server decides. pending says that
// the initial response is the answer to the first challenge.
func (s *Session) challenges(ctx context.Context, m mechanism, initial string, pending bool) (Reply, error) {
	const most = 16 // no mechanism has that many steps
	for range most {
		reply, err := s.exchange(ctx, StageAuth, s.timeouts.Auth)
		if err != nil || reply.Code != 334 {
			return reply, err
		}
		answer := initial
		if !pending {
			answer, err = nextAnswer(m, reply)
		}
		if err != nil {
			return Reply{}, s.cancelAuth(ctx, err)
		}
		pending = false
		s.wire.secret(base64.StdEncoding.EncodeToString([]byte(answer)), 0)
	}
	return Reply{}, s.fail(StageAuth, Reply{}, fmt.Errorf("%w: the exchange does not end", ErrAuthFailed))
}

func nextAnswer(m mechanism, reply Reply) (string, error) {
	challenge, err := base64.StdEncoding.DecodeString(reply.Text())
	if err != nil {
		return "", fmt.Errorf("%w: the challenge is not base64", ErrAuthFailed)
	}
	return m.next(string(challenge))
}

// cancelAuth ends the exchange from our side and returns why.
func (s *Session) cancelAuth(ctx context.Context, cause error) error {
	s.wire.command("*")
	if _, err := s.exchange(ctx, StageAuth, s.timeouts.Auth); err != nil {
		cause = errors.Join(cause, err)
	}
	return s.fail(StageAuth, Reply{}, cause)
}

// authenticated judges the reply that ends the exchange.
func (s *Session) authenticated(reply Reply, m mechanism) error {
	if reply.Code < 400 && reply.Code != 235 {
		return s.outOfTurn(StageAuth, reply)
	}
	if reply.Code != 235 {
		cause := ErrAuthFailed
		if reply.Code/100 == 4 {
			cause = ErrRefused
		}
		return s.fail(StageAuth, reply, cause)
	}
	if err := m.finish(); err != nil {
		return s.fail(StageAuth, Reply{}, err)
	}
	return nil
}
