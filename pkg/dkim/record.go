package dkim

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
)

// maxString is how long one character-string of a TXT record may be, in octets
// (RFC 1035 §3.3).
const maxString = 255

// zoneString is how long the strings of a long record are in a zone file, where
// a tab and quotes stand around them.
const zoneString = 64

// A Record is the TXT record that publishes a key (RFC 6376 §3.6.1, RFC 8463 §3).
type Record struct {
	Name  string // "selector._domainkey.example.com", without a trailing dot
	Value string // "v=DKIM1; k=rsa; p=…", the strings joined
}

// Record returns the record to publish, under which receivers find the key.
func (s *Signer) Record() (Record, error) {
	value, err := s.key.Record()
	if err != nil {
		return Record{}, err
	}
	return Record{Name: s.selector + "._domainkey." + s.domain, Value: value}, nil
}

// Record returns the value of the TXT record that publishes the key.
func (k *Key) Record() (string, error) {
	var public []byte
	switch p := k.signer.Public().(type) {
	case ed25519.PublicKey:
		public = p // the bare octets, RFC 8463 §4
	case *rsa.PublicKey:
		der, err := x509.MarshalPKIXPublicKey(p)
		if err != nil {
			return "", fmt.Errorf("encode public key: %w", err)
		}
		public = der
	}
	return "v=DKIM1; k=" + string(k.Algorithm()) + "; p=" + base64.StdEncoding.EncodeToString(public), nil
}

// Strings returns the value cut into the character-strings of a TXT record, each
// of at most 255 octets. Joined without anything between them they are the value.
func (r Record) Strings() []string { return cutEvery(r.Value, maxString) }

// cutEvery cuts a text into parts of at most n octets.
func cutEvery(text string, n int) []string {
	var parts []string
	for len(text) > n {
		parts = append(parts, text[:n])
		text = text[n:]
	}
	return append(parts, text)
}

// Zone returns the record as a zone file holds it (RFC 1035 §5.1). A value that
// is too long for one string is cut into short ones, each on a line of its own
// that a terminal and an editor of 80 columns show whole.
func (r Record) Zone() string {
	if len(r.Value) <= maxString {
		return fmt.Sprintf("%s. IN TXT \"%s\"\n", r.Name, r.Value)
	}
	parts := cutEvery(r.Value, zoneString)
	return fmt.Sprintf("%s. IN TXT (\n\t\"%s\"\n)\n", r.Name, strings.Join(parts, "\"\n\t\""))
}
