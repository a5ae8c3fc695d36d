package delivery

import (
	"crypto/tls"
	"errors"
)

// errorCauses are the errors that no further try would mend, with what they
// mean. Anything else is temporary.
var errorCauses = []struct {
	err    error
	reason Reason
}{
	{ErrTLSRequired, ReasonTLSFailed},
	{ErrStartTLSInjection, ReasonTLSFailed},
	{ErrAuthWithoutTLS, ReasonAuthFailed},
	{ErrNoAuth, ReasonAuthFailed},
	{ErrAuthFailed, ReasonAuthFailed},
	{ErrNeedsSMTPUTF8, ReasonSMTPUTF8Required},
	{ErrNeeds8BitMIME, ReasonMessageMalformed},
	{ErrTooLarge, ReasonMessageTooLarge},
	{ErrTooManyRecipients, ReasonTooManyRecipients},
	{ErrBareNewline, ReasonMessageMalformed},
	{ErrNoRecipients, ReasonAddressSyntax},
	{ErrUnsafeArgument, ReasonAddressSyntax},
}

// ClassifyError returns what an error of a [Session] means: what the reply in
// it means, if there is one, else what the error itself does. An error that
// another try may not meet is temporary.
func ClassifyError(err error) Verdict {
	at := StageConnect
	if failed := new(SessionError); errors.As(err, &failed) {
		if !failed.Reply.IsZero() {
			return Classify(failed.Reply, failed.Stage)
		}
		at = failed.Stage
	}
	if certificate := new(tls.CertificateVerificationError); errors.As(err, &certificate) {
		return errorVerdict(ClassPermanent, ReasonTLSFailed)
	}
	for _, cause := range errorCauses {
		if errors.Is(err, cause.err) {
			return errorVerdict(ClassPermanent, cause.reason)
		}
	}
	return Classify(Reply{}, at)
}

// errorVerdict is the verdict of a cause that is certain.
func errorVerdict(class Class, reason Reason) Verdict {
	info := reason.Info()
	return Verdict{
		Class: class, Reason: reason, Bounce: info.Bounce, Scope: info.Scope, Action: info.Action,
		Confidence: 1, Meaning: info.Meaning, Advice: info.Advice,
	}
}
