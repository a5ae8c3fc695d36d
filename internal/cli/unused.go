package cli

import (
	"errors"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// unusedFlags refuses flags of send that do nothing without another, since who
// gave them counts on what they say.
func unusedFlags(s sendSettings, way via) error {
	relayUser := way.relay.User
	const (
		needsKey  = "give --dkim-key FILE as well, or nothing is signed"
		needsUser = "name the user in the URL: --via smtp://USER@HOST"
		needsMX   = "give --via mx:, or leave it out: a relay chooses the way itself"
	)
	for _, flag := range []struct {
		unused      bool
		error, hint string
	}{
		{len(s.DKIMDomain) > 0 && len(s.DKIMKey) == 0, "--dkim-domain does nothing without --dkim-key", needsKey},
		{len(s.DKIMSelector) > 0 && len(s.DKIMKey) == 0, "--dkim-selector does nothing without --dkim-key", needsKey},
		{s.PasswordFile != "" && relayUser == "", "--password-file does nothing without a user in --via", needsUser},
		{s.AuthMechanism != "" && relayUser == "", "--auth-mechanism does nothing without a user in --via", needsUser},
		{len(s.FromIP) > 0 && way.kind != viaMX, "--from-ip does nothing without --via mx:", needsMX},
		{len(s.Receiver) > 0 && way.kind != viaMX, "--receiver does nothing without --via mx:", needsMX},
		{
			s.AttachRoot != "" && s.AttachColumn == "", "--attach-root does nothing without --attach-column",
			"give --attach-column COLUMN as well, or leave --attach-root out",
		},
	} {
		if flag.unused {
			return delivery.Hint(errors.New(flag.error), flag.hint)
		}
	}
	return nil
}
