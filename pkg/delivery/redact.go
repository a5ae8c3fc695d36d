package delivery

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// A redactor hides credentials in what a server says while it is told them: some
// servers repeat a command that they refuse. The zero value hides nothing.
type redactor struct{ secrets []string }

// newRedactor hides secrets: as they are, as they look once a reply was made
// harmless, and in base64.
func newRedactor(secrets ...string) redactor {
	var r redactor
	for _, secret := range secrets {
		r.add(secret)
		r.add(harmless([]byte(secret)))
		r.addEncoded(base64.StdEncoding.EncodeToString([]byte(secret)))
		r.addEncoded(base64.URLEncoding.EncodeToString([]byte(secret)))
	}
	return r
}

// add hides a text too.
func (r *redactor) add(text string) {
	if text != "" {
		r.secrets = append(r.secrets, text)
	}
}

// addEncoded hides a text in base64, with or without its padding.
func (r *redactor) addEncoded(text string) {
	r.add(text)
	r.add(strings.TrimRight(text, "="))
}

// text returns text with "***" in the place of each secret.
func (r redactor) text(text string) string {
	var b strings.Builder
	kept := 0 // what comes before is written
	for i := 0; i < len(text); {
		n := r.match(text[i:])
		if n == 0 {
			i++
			continue
		}
		b.WriteString(text[kept:i] + "***")
		i += n
		kept = i
	}
	if kept == 0 {
		return text
	}
	b.WriteString(text[kept:])
	return strings.ToValidUTF8(b.String(), "\ufffd")
}

// match returns how much of a secret text begins with: all of one, or so much
// that it tells something, since servers cut short what they repeat.
func (r redactor) match(text string) int {
	const telling = 8
	longest := 0
	for _, secret := range r.secrets {
		n := 0
		for n < len(secret) && n < len(text) && secret[n] == text[n] {
			n++
		}
		if n == len(secret) || n >= telling {
			longest = max(longest, n)
		}
	}
	return longest
}

// reply returns a reply, and the error with which it was read, without secrets. A
// challenge stays what it is: it is answered, and shown to nobody.
func (r redactor) reply(reply Reply, err error) (Reply, error) {
	if len(r.secrets) == 0 || err == nil && reply.Code == 334 {
		return reply, err
	}
	lines := make([]string, len(reply.Lines))
	for i, line := range reply.Lines {
		lines[i] = r.text(line)
	}
	reply.Lines = lines
	if errors.Is(err, ErrMalformedReply) { // it quotes the line
		err = fmt.Errorf("%w: %q", ErrMalformedReply, shorten(reply.String()))
	}
	return reply, err
}
