package sink

import (
	"crypto/sha256"
	"crypto/subtle"

	"github.com/emersion/go-sasl"
	smtp "github.com/emersion/go-smtp"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// What is said about logins (RFC 4954 §6).
var (
	authRequired = answer(530, delivery.EnhancedCode{Class: 5, Subject: 7, Detail: 0}, "authentication required")
	authFailed   = answer(535, delivery.EnhancedCode{Class: 5, Subject: 7, Detail: 8}, "authentication credentials invalid")
)

// AuthMechanisms lists what the EHLO reply offers.
func (s *session) AuthMechanisms() []string {
	if s.server.opt.Login == nil {
		return nil
	}
	return []string{sasl.Plain, sasl.Login}
}

// Auth begins an exchange.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if s.server.opt.Login == nil {
		return nil, smtp.ErrAuthUnsupported
	}
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error {
			return s.logIn(user, password)
		}), nil
	case sasl.Login:
		return &loginServer{logIn: s.logIn}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

// logIn compares user and password in a time that tells nothing about them.
func (s *session) logIn(user, password string) error {
	if !same(user, s.server.opt.Login.User) || !same(password, s.server.opt.Login.Password) {
		return s.refuse(delivery.StageAuth, "", authFailed, Event{})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.user = printable(user)
	return nil
}

func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// loginServer is the server's side of AUTH LOGIN, which asks for the user name
// and then for the password (draft-murchison-sasl-login). The client may bring
// the user name along.
type loginServer struct {
	asked bool
	user  *string
	logIn func(user, password string) error
}

// Next takes the client's last response, nil at the start.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case !l.asked && response == nil:
		l.asked = true
		return []byte("Username:"), false, nil
	case l.user == nil:
		user := string(response)
		l.asked, l.user = true, &user
		return []byte("Password:"), false, nil
	default:
		return nil, true, l.logIn(*l.user, string(response))
	}
}
