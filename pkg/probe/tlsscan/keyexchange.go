package tlsscan

import (
	"math/big"
	"strings"

	"golang.org/x/crypto/cryptobyte"
)

// An exchange is how the keys of a suite before TLS 1.3 are agreed upon.
type exchange int

const (
	exchangeOther    exchange = iota // without a ServerKeyExchange that is read here
	exchangeFinite                   // Diffie-Hellman in a field
	exchangeElliptic                 // Diffie-Hellman on a curve
)

// exchangeOf tells how the keys of a suite are agreed upon.
func exchangeOf(id uint16) exchange {
	name, _, older := strings.Cut(strings.TrimPrefix(cipherOf(id).Name, "TLS_"), "_WITH_")
	switch {
	case !older || strings.Contains(name, "PSK"): // its message starts in another way (RFC 4279 §2)
		return exchangeOther
	case strings.HasPrefix(name, "ECDHE_"), name == "ECDH_anon":
		return exchangeElliptic
	case strings.HasPrefix(name, "DHE_"), strings.HasPrefix(name, "DH_anon"):
		return exchangeFinite
	}
	return exchangeOther
}

// readKeyExchange completes an answer with the group or the prime that the server
// uses. The server has made its choice when it is asked for: where it says no
// more, or nothing that can be read, they stay unknown.
func (a *answer) readKeyExchange(m *messages) {
	kind := exchangeOf(a.suite)
	if a.version >= TLSv13 || kind == exchangeOther {
		return
	}
	for {
		message, body, err := m.next()
		switch {
		case err != nil || message == typeServerHelloDone:
			return
		case message == typeServerKeyExchange:
			a.keyExchange(kind, body)
			return
		}
	}
}

// keyExchange reads the body of a ServerKeyExchange up to what is wanted of it
// (RFC 5246 §7.4.3, RFC 8422 §5.4).
func (a *answer) keyExchange(kind exchange, body cryptobyte.String) {
	const namedCurve = 3
	var (
		curveType uint8
		curve     uint16
		prime     cryptobyte.String
	)
	switch kind {
	case exchangeElliptic:
		if body.ReadUint8(&curveType) && curveType == namedCurve && body.ReadUint16(&curve) {
			a.group = Group(curve)
		}
	case exchangeFinite:
		if body.ReadUint16LengthPrefixed(&prime) {
			a.primeBits = new(big.Int).SetBytes(prime).BitLen()
		}
	}
}
