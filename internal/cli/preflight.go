package cli

import (
	"context"
	"errors"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// preflight tries the relay and its login, or looks at what receivers will look
// at, so that what is wrong there shows before a long list is read.
func (m *mailing) preflight(ctx context.Context, c *console, transport send.Transport) error {
	if m.s.Send.SkipPreflight || m.via.trial() {
		return nil
	}
	if x, ok := transport.(*mxRouter); ok {
		return m.preflightMX(ctx, c, x)
	}
	return m.preflightRelay(ctx, c, transport)
}

// tryRelay opens a session with the relay and closes it.
func (m *mailing) tryRelay(ctx context.Context, transport send.Transport) error {
	conn, err := transport.Open(ctx, m.via.destination())
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return unfinished(relayAdvice(err, m.via.relay))
	}
	return conn.Close(ctx)
}

// openAdvice adds what to do about a connection that did not come about, and
// says how the program ends.
func (m *mailing) openAdvice(err error) error {
	if m.via.kind != viaMX {
		return unfinished(relayAdvice(err, m.via.relay))
	}
	verdict := delivery.ClassifyError(err)
	if route, ok := errors.AsType[*delivery.RouteError](err); ok {
		verdict = route.Verdict()
	}
	err = delivery.Hint(err, adviceOn(verdict.Reason))
	if verdict.Class == delivery.ClassPermanent {
		return exitWith(exitWrong, err)
	}
	return unfinished(err)
}

// relayAdvice adds what to do about a relay that cannot be used.
func relayAdvice(err error, relay delivery.Relay) error {
	hint := "check host and port of --via, and whether this machine may connect there"
	switch {
	case errors.Is(err, delivery.ErrTLSRequired):
		hint = "use smtps:// if the server wants TLS from the start, or --via '…?tls=none' if mail may travel unprotected"
	case errors.Is(err, delivery.ErrNotImplicitTLS):
		hint = "use smtp://, which begins TLS with STARTTLS"
	case errors.Is(err, delivery.ErrTLSHandshake):
		hint = "name the server as its certificate does, or trust its issuer with --ca-file"
	case errors.Is(err, delivery.ErrAuthFailed):
		hint = "check the user in --via and the password in MAILCTL_PASSWORD or --password-file"
	case errors.Is(err, delivery.ErrNoAuth):
		hint = "this server does not want a login on this port: leave the user out of --via"
	case errors.Is(err, delivery.ErrAuthWithoutTLS):
		return err // it has a hint of its own
	case errors.Is(err, delivery.ErrRefused):
		hint = "the server's own words say why"
	}
	if relay.Security == delivery.SecuritySTARTTLS && relay.Port == 465 {
		hint = "port 465 wants TLS from the start: use smtps://"
	}
	return delivery.Hint(err, hint)
}
