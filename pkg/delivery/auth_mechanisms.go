package delivery

import (
	"fmt"
	"strings"
)

// plain is the mechanism PLAIN (RFC 4616 §2).
type plain struct{ user, password string }

func (p *plain) start() (string, bool, error) {
	if strings.Contains(p.user+p.password, "\x00") {
		return "", false, fmt.Errorf("%w: user name or password has a NUL", ErrUnsafeArgument)
	}
	return "\x00" + p.user + "\x00" + p.password, true, nil
}

func (p *plain) next(string) (string, error) {
	return "", fmt.Errorf("%w: PLAIN has no challenges", ErrAuthFailed)
}

func (p *plain) finish() error { return nil }

// login is the mechanism LOGIN: two challenges, whose words differ from server to
// server, for the user's name and the password.
type login struct{ answers []string }

func (l *login) start() (string, bool, error) { return "", false, nil }

func (l *login) next(string) (string, error) {
	if len(l.answers) == 0 {
		return "", fmt.Errorf("%w: LOGIN has only two challenges", ErrAuthFailed)
	}
	answer := l.answers[0]
	l.answers = l.answers[1:]
	return answer, nil
}

func (l *login) finish() error { return nil }

// xoauth2 is Google's XOAUTH2. A refusal comes as a challenge that describes it;
// the client answers it with nothing, and then the reply comes.
type xoauth2 struct{ user, token string }

func (x *xoauth2) start() (string, bool, error) {
	if strings.Contains(x.user+x.token, "\x01") {
		return "", false, fmt.Errorf("%w: user name or token has a control character", ErrUnsafeArgument)
	}
	return "user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01", true, nil
}

func (x *xoauth2) next(string) (string, error) { return "", nil }

func (x *xoauth2) finish() error { return nil }
