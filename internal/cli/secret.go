package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/zalando/go-keyring"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// keyringService is the name under which the system's keyring keeps passwords
// of relays.
const keyringService = "mailctl"

// readSecret returns the password or token of a relay's user: from the file,
// else from the environment, else from the system's keyring, where it is kept
// for USER@HOST.
func readSecret(env Environment, file string, relay delivery.Relay) (string, error) {
	if file != "" {
		return readSecretFile(file)
	}
	if secret := env.get("MAILCTL_PASSWORD"); secret != "" {
		return secret, nil
	}
	account := relay.User + "@" + relay.Host
	// A machine without a keyring is as good as one that knows nothing.
	if secret, err := keyring.Get(keyringService, account); err == nil && secret != "" {
		return secret, nil
	}
	return "", delivery.Hint(fmt.Errorf("no password for %q", account),
		"set MAILCTL_PASSWORD, give --password-file FILE, or keep it in the keyring as service "+keyringService+", account "+account)
}

// readSecretFile returns the first line of a file.
func readSecretFile(path string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", fileError("read --password-file", path, err)
	}
	secret, _, _ := strings.Cut(string(content), "\n")
	if secret = strings.TrimSuffix(secret, "\r"); secret == "" {
		return "", delivery.Hint(errors.New("--password-file is empty"), "put the password on its first line")
	}
	return secret, nil
}

// credentials returns what a user logs in with. The mechanism is that of
// --auth-mechanism, empty for the best one that is offered.
func credentials(user, mechanism, secret string) (*delivery.Auth, error) {
	mechanism = strings.ToUpper(mechanism)
	if mechanism != "" {
		if err := oneOf("auth-mechanism", strings.ToLower(mechanism), "scram-sha-256", "plain", "login", "xoauth2"); err != nil {
			return nil, err
		}
	}
	auth := &delivery.Auth{Mechanism: mechanism, User: user, Password: secret}
	if mechanism == "XOAUTH2" {
		auth.Password, auth.Token = "", secret
	}
	return auth, nil
}
