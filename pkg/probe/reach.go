package probe

import (
	"errors"
	"net"
	"slices"
	"syscall"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// reason returns why there was no server to talk to, or "". A port that takes a
// connection and says nothing is reachable.
func (v *visit) reason() Reason {
	stage := v.failedAt()
	if v.err == nil || (stage != delivery.StageConnect && stage != delivery.StageGreeting) {
		return ""
	}
	switch {
	case isErrno(v.err, errnoReset) && len(v.first) == 0:
		return ReasonReset
	case v.connected():
		return ""
	case isErrno(v.err, errnoRefused):
		return ReasonRefused
	case v.noRoute():
		return ReasonEgress
	}
	return ReasonTimeout
}

// connected reports whether there was a TCP connection.
func (v *visit) connected() bool {
	return v.tls != nil || v.failedAt() != delivery.StageConnect || errors.Is(v.err, delivery.ErrTLSHandshake)
}

// noRoute reports whether this machine could not even try.
func (v *visit) noRoute() bool {
	return isErrno(v.err, errnoNoNetwork, errnoForbidden, errnoNotAllowed, errnoFamily, errnoNoAddress, errnoNetworkDown)
}

func isErrno(err error, numbers ...syscall.Errno) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && slices.Contains(numbers, errno)
}

// causeText returns what an error says besides where and with whom, which a
// result says already.
func causeText(err error) string {
	failed := new(delivery.SessionError)
	if !errors.As(err, &failed) {
		return err.Error()
	}
	text := failed.Err.Error()
	var errno syscall.Errno
	op := new(net.OpError)
	switch {
	case errors.As(failed.Err, &errno):
		text = errno.Error()
	case errors.As(failed.Err, &op):
		text = op.Err.Error()
	}
	if !failed.Reply.IsZero() {
		text += ": " + failed.Reply.String()
	}
	return text
}
