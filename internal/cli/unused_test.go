package cli

import (
	"strings"
	"testing"

	"github.com/mailctl/mailctl/pkg/delivery"
)

func TestUnusedFlags(t *testing.T) {
	some := []string{"x"}
	tests := []struct {
		name string
		set  func(*sendSettings)
		user string
		want string // how the error begins; "" for none
	}{
		{"nothing", func(*sendSettings) {}, "", ""},
		{"signed", func(s *sendSettings) { s.DKIMKey, s.DKIMSelector, s.DKIMDomain = some, some, some }, "", ""},
		{"logged in", func(s *sendSettings) { s.PasswordFile, s.AuthMechanism = "f", "plain" }, "me", ""},
		{"attached", func(s *sendSettings) { s.AttachColumn, s.AttachRoot = "file", "dir" }, "", ""},
		{"user alone", func(*sendSettings) {}, "me", ""},
		{"domain", func(s *sendSettings) { s.DKIMDomain = some }, "", "--dkim-domain "},
		{"selector", func(s *sendSettings) { s.DKIMSelector = some }, "", "--dkim-selector "},
		{"password", func(s *sendSettings) { s.PasswordFile = "f" }, "", "--password-file "},
		{"mechanism", func(s *sendSettings) { s.AuthMechanism = "plain" }, "", "--auth-mechanism "},
		{"root", func(s *sendSettings) { s.AttachRoot = "dir" }, "", "--attach-root "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var s sendSettings
			test.set(&s)
			err := unusedFlags(s, via{kind: viaRelay, relay: delivery.Relay{User: test.user}})
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || len(delivery.Hints(err)) != 1 {
				t.Errorf("error %v with hints %q, want %q", err, delivery.Hints(err), test.want)
			}
		})
	}
}
