package tlsscan

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrNotTLS means that the server answered a ClientHello with something else.
	ErrNotTLS = errors.New("the server speaks no TLS")
	// ErrProtocol means that the server's answer breaks the rules of TLS.
	ErrProtocol = errors.New("the server breaks the rules of TLS")
	// ErrOther means that the server chose a version below the one that was offered.
	ErrOther = errors.New("the server chose another version")
	// ErrClosed means that the server hung up instead of answering.
	ErrClosed = errors.New("the server hung up without an answer")
	// ErrConnect means that no connection could be had; no further one was tried.
	ErrConnect = errors.New("the server takes no more connections")
	// ErrMost means that the bound on handshakes was reached.
	ErrMost = errors.New("the bound on handshakes was reached")
)

// alertUnrecognizedName is about the name that was asked for (RFC 6066 §3).
const alertUnrecognizedName = 112

// An AlertError is a TLS alert that ended a handshake.
type AlertError struct {
	Code uint8 // from IANA's TLS Alerts
}

// Error says the alert in words.
func (e *AlertError) Error() string {
	words := strings.TrimPrefix(tls.AlertError(e.Code).Error(), "tls: ")
	return fmt.Sprintf("the server's alert: %s", words)
}
