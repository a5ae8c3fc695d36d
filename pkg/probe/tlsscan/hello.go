package tlsscan

import (
	"crypto/ecdh"
	"crypto/rand"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
)

// A hello is what a ClientHello offers.
type hello struct {
	version    Version
	suites     []uint16
	groups     []Group
	serverName string // "" sends no name
	noKeyShare bool   // let the server name the group that it wants (RFC 8446 §4.2.8)
}

// What is written and read of the protocol, by their numbers in IANA's registries.
const (
	recordAlert     = 21
	recordHandshake = 22

	typeClientHello       = 1
	typeServerHello       = 2
	typeServerKeyExchange = 12
	typeServerHelloDone   = 14

	extServerName           = 0
	extSupportedGroups      = 10
	extPointFormats         = 11
	extSignatureAlgorithms  = 13
	extExtendedMasterSecret = 23
	extSupportedVersions    = 43
	extKeyShare             = 51

	// scsvRenegotiation says that the client is not open to the attack on
	// renegotiation; some servers insist (RFC 5746 §3.3).
	scsvRenegotiation = 0x00FF
)

// signatureAlgorithms are those of RFC 8446 §4.2.3, RFC 5246 §7.4.1.4.1 with
// SHA-1 and DSA among them, and RFC 8734 (brainpool).
var signatureAlgorithms = [...]uint16{
	0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B,
	0x0401, 0x0501, 0x0601, 0x081A, 0x081B, 0x081C, 0x0301, 0x0303,
	0x0203, 0x0201, 0x0402, 0x0502, 0x0602, 0x0302, 0x0202,
}

// marshal returns the ClientHello in one record (RFC 8446 §4.1.2, RFC 5246
// §7.4.1.2, RFC 6101 §5.6.1.2).
func (h *hello) marshal() ([]byte, error) {
	random := make([]byte, 64)
	if _, err := rand.Read(random); err != nil {
		return nil, err
	}
	share, err := h.keyShare()
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddUint8(recordHandshake)
	b.AddUint16(uint16(min(h.version, TLSv10))) // RFC 8446 §5.1
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
		b.AddUint8(typeClientHello)
		b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { h.body(b, random, share) })
	})
	message, err := b.Bytes()
	if err != nil {
		return nil, fmt.Errorf("writing a ClientHello: %w", err)
	}
	return message, nil
}

func (h *hello) body(b *cryptobyte.Builder, random, share []byte) {
	b.AddUint16(uint16(min(h.version, TLSv12)))
	b.AddBytes(random[:32])
	b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) {
		if h.version == TLSv13 {
			b.AddBytes(random[32:]) // what stands between is used to it: RFC 8446 appendix D.4
		}
	})
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
		addUint16s(b, h.suites)
		if h.version < TLSv13 {
			b.AddUint16(scsvRenegotiation)
		}
	})
	b.AddBytes([]byte{1, 0}) // no compression
	if h.version == SSLv3 {
		return // it has no extensions
	}
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { h.extensions(b, share) })
}

func (h *hello) extensions(b *cryptobyte.Builder, share []byte) {
	if name := h.hostName(); name != "" {
		addExtension(b, extServerName, func(b *cryptobyte.Builder) { // RFC 6066 §3
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				b.AddUint8(0)
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(name)) })
			})
		})
	}
	addExtension(b, extSupportedGroups, func(b *cryptobyte.Builder) {
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { addUint16s(b, h.groups) })
	})
	if h.version >= TLSv12 {
		addExtension(b, extSignatureAlgorithms, func(b *cryptobyte.Builder) {
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { addUint16s(b, signatureAlgorithms[:]) })
		})
	}
	if h.version < TLSv13 {
		addExtension(b, extPointFormats, func(b *cryptobyte.Builder) { b.AddBytes([]byte{1, 0}) }) // RFC 8422 §5.1.2
		addExtension(b, extExtendedMasterSecret, func(*cryptobyte.Builder) {})                     // RFC 7627 §5.1
		return
	}
	addExtension(b, extSupportedVersions, func(b *cryptobyte.Builder) {
		b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddUint16(uint16(h.version)) })
	})
	addExtension(b, extKeyShare, func(b *cryptobyte.Builder) {
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			if share != nil {
				b.AddUint16(uint16(groupX25519))
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(share) })
			}
		})
	})
}

// keyShare makes a public key for TLS 1.3. The private one is not kept: the
// handshake ends with the server's choice.
func (h *hello) keyShare() ([]byte, error) {
	if h.version < TLSv13 || h.noKeyShare || !slices.Contains(h.groups, groupX25519) {
		return nil, nil
	}
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return key.PublicKey().Bytes(), nil
}

// hostName returns the name to ask for. An address is none (RFC 6066 §3).
func (h *hello) hostName() string {
	name := strings.TrimSuffix(h.serverName, ".")
	if _, err := netip.ParseAddr(name); err == nil {
		return ""
	}
	return name
}

func addExtension(b *cryptobyte.Builder, id uint16, body func(*cryptobyte.Builder)) {
	b.AddUint16(id)
	b.AddUint16LengthPrefixed(body)
}

func addUint16s[T ~uint16](b *cryptobyte.Builder, values []T) {
	for _, v := range values {
		b.AddUint16(uint16(v))
	}
}
