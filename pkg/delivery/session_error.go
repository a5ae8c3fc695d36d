package delivery

import (
	"errors"
	"strings"
)

// Causes of a [SessionError], besides those of [ReadReply], of the network and of
// the context.
var (
	// ErrRefused means that the server answered a command that opens the session
	// with 4yz or 5yz.
	ErrRefused = errors.New("the server refused")
	// ErrTLSRequired means that TLS was asked for and the server does not offer it.
	ErrTLSRequired = errors.New("the server does not offer STARTTLS")
	// ErrTLSHandshake means that the TLS handshake failed or that the certificate
	// could not be verified.
	ErrTLSHandshake = errors.New("tls handshake failed")
	// ErrNotImplicitTLS means that the server answered in plain SMTP where TLS was
	// to begin at once (RFC 8314 §3.3). An ErrTLSHandshake comes with it.
	ErrNotImplicitTLS = errors.New("this port does not begin with TLS")
	// ErrStartTLSInjection means that plaintext came behind the reply to STARTTLS,
	// where an attacker could have put it (RFC 3207 §6, CVE-2011-0411).
	ErrStartTLSInjection = errors.New("plaintext behind the reply to STARTTLS")
	// ErrAuthWithoutTLS means that credentials would have travelled unprotected.
	ErrAuthWithoutTLS = errors.New("credentials are not sent without verified TLS")
	// ErrNoAuth means that the server offers no authentication mechanism that can
	// be used.
	ErrNoAuth = errors.New("no usable authentication mechanism")
	// ErrAuthFailed means that the server did not accept the credentials, or could
	// not prove that it knows them.
	ErrAuthFailed = errors.New("authentication failed")
	// ErrNoRecipients means that an envelope has no recipient.
	ErrNoRecipients = errors.New("the envelope has no recipients")
	// ErrTooManyRecipients means that the server's LIMITS (RFC 9422) allow fewer.
	ErrTooManyRecipients = errors.New("more recipients than the server allows in one message")
	// ErrNeedsSMTPUTF8 means that an address needs SMTPUTF8 (RFC 6531), which the
	// server does not offer.
	ErrNeedsSMTPUTF8 = errors.New("the address needs SMTPUTF8, which the server does not offer")
	// ErrNeeds8BitMIME means that the message needs 8BITMIME (RFC 6152), which the
	// server does not offer.
	ErrNeeds8BitMIME = errors.New("the message needs 8BITMIME, which the server does not offer")
	// ErrTooLarge means that the message is larger than the server's SIZE (RFC 1870).
	ErrTooLarge = errors.New("the message is larger than the server allows")
	// ErrBareNewline means that a message has a CR or LF that is not part of a CRLF,
	// with which a message could be smuggled into another (RFC 5321 §2.3.8).
	ErrBareNewline = errors.New("the message has a CR or LF that stands alone")
	// ErrUnsafeArgument means that an argument of a command has a character that
	// could end the command or begin another.
	ErrUnsafeArgument = errors.New("unsafe character in a command")
	// ErrOutcomeUnknown means that the connection died after the final dot may have
	// left and before the reply came: the message may or may not arrive.
	ErrOutcomeUnknown = errors.New("the answer to the message was lost")
	// ErrUnexpectedReply means that the server answered out of turn.
	ErrUnexpectedReply = errors.New("unexpected reply")
	// ErrTimeout means that the server did not answer in time.
	ErrTimeout = errors.New("no answer from the server")
	// ErrServerClosed means that the server closed the connection.
	ErrServerClosed = errors.New("the server closed the connection")
	// ErrSessionClosed means that the session cannot be used any further.
	ErrSessionClosed = errors.New("the session is closed")
	// ErrOutOfOrder means that a method of [Session] was called before its turn.
	ErrOutOfOrder = errors.New("session used out of order")
)

// A SessionError is why something in a session failed.
type SessionError struct {
	Stage Stage
	Host  string // empty when it is not known
	IP    string // empty when it is not known
	// Reply is the refusal, 4yz or 5yz, that came with the failure. It is zero when
	// none did; a reply that cannot be believed is only quoted in Err.
	Reply Reply
	Err   error // never nil
}

// Error returns, for example,
// "mx.example.com [192.0.2.1]: auth: authentication failed: 535 5.7.8 No".
func (e *SessionError) Error() string {
	var b strings.Builder
	b.WriteString(e.Host)
	if e.IP != "" && e.IP != e.Host {
		b.WriteString(" [" + e.IP + "]")
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(string(e.Stage) + ": " + e.Err.Error())
	if e.Reply.Code != 0 {
		b.WriteString(": " + e.Reply.String())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *SessionError) Unwrap() error { return e.Err }
