package delivery

import "crypto/tls"

// A Step is one step of [Open] and what came of it: the connection, the greeting,
// each EHLO or HELO, STARTTLS, each handshake, the login. A step that fails may
// end the session; what the steps before it told stays true.
type Step struct {
	Stage Stage
	// Reply is what the server said; zero when it said nothing that could be read, and
	// for the steps without a reply of their own: connection, handshake and login.
	Reply Reply
	// Capabilities are what is offered, in the step of an EHLO or HELO that succeeds.
	Capabilities Capabilities
	// TLS is the state of the connection after a handshake, and nil in all other
	// steps.
	TLS *tls.ConnectionState
	// Err is why there is neither Reply nor TLS. It is nil when the server refused,
	// as Reply says then.
	Err error
}

func (s *Session) observe(step Step) {
	if s.opt.Observe != nil {
		s.opt.Observe(step)
	}
}
