package dkim

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery/taglist"
)

// largestRSABits is the size up to which verifiers must take RSA keys (RFC 8301
// §3.2).
const largestRSABits = 4096

// readKey reads p: base64, in which white space does not count (RFC 6376 §3.6.1
// and §2.10). An empty one revokes the key.
func (r *KeyRecord) readKey(tag taglist.Tag) {
	text := strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "").Replace(tag.Value)
	if text == "" {
		r.Revoked = true
		return
	}
	if strings.Contains(text, "-----") {
		r.note(KeyPEM, tag)
		return
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		if data, err = base64.RawStdEncoding.DecodeString(text); err != nil {
			r.note(KeyBase64, tag)
			return
		}
		r.note(KeyPadding, tag)
	}
	switch r.Algorithm {
	case AlgorithmRSA:
		r.readRSA(data, tag)
	case AlgorithmEd25519:
		r.readEd25519(data, tag)
	}
}

// readRSA reads a key in SubjectPublicKeyInfo, which is what everybody publishes,
// or as the bare RSAPublicKey that the text of RFC 6376 §3.6.1 speaks of.
func (r *KeyRecord) readRSA(data []byte, tag taglist.Tag) {
	public, err := x509.ParsePKIXPublicKey(data)
	if err != nil {
		if public, err = x509.ParsePKCS1PublicKey(data); err == nil {
			r.note(KeyPKCS1, tag)
		}
	}
	key, ok := public.(*rsa.PublicKey)
	switch {
	case err == nil && !ok, len(data) == ed25519.PublicKeySize:
		r.note(KeyTypeMismatch, tag)
		return
	case err != nil:
		r.note(KeyMalformed, tag)
		return
	}
	r.Public, r.Bits = key, key.N.BitLen()
	switch {
	case r.Bits < minRSABits:
		r.note(KeyTooShort, tag)
	case r.Bits < advisedRSABits:
		r.note(KeyShort, tag)
	case r.Bits > largestRSABits:
		r.note(KeyLarge, tag)
	}
}

// readEd25519 reads the bare 32 octets of RFC 8463 §4.2. Tools that write keys for
// other uses wrap them in ASN.1.
func (r *KeyRecord) readEd25519(data []byte, tag taglist.Tag) {
	if len(data) == ed25519.PublicKeySize {
		r.Public, r.Bits = ed25519.PublicKey(data), ed25519.PublicKeySize*8
		return
	}
	public, err := x509.ParsePKIXPublicKey(data)
	if err != nil {
		r.note(KeyMalformed, tag)
		return
	}
	if _, ok := public.(ed25519.PublicKey); ok {
		r.note(KeyEd25519ASN1, tag)
		return
	}
	r.note(KeyTypeMismatch, tag)
}
