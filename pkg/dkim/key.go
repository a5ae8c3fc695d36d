package dkim

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Kind is an algorithm and size of key.
type Kind string

// The kinds. RFC 8301 §3.2 asks signers for at least 2048 bits, and verifiers to
// take up to 4096; longer records do not fit one DNS string, and some DNS hosts
// refuse them.
const (
	RSA2048 Kind = "rsa2048"
	RSA4096 Kind = "rsa4096"
	Ed25519 Kind = "ed25519" // RFC 8463
)

// Kinds returns the kinds of key that [Generate] makes.
func Kinds() []Kind { return []Kind{RSA2048, RSA4096, Ed25519} }

// An Algorithm is the key type as records spell it (RFC 6376 §3.6.1, "k=").
type Algorithm string

// The algorithms.
const (
	AlgorithmRSA     Algorithm = "rsa"
	AlgorithmEd25519 Algorithm = "ed25519"
)

// Sizes of RSA keys, in bits (RFC 8301 §3.2).
const (
	minRSABits     = 1024 // verifiers refuse shorter keys
	advisedRSABits = 2048
	maxRSABits     = 8192 // what a record can hold, and a signer has the patience for
)

// Causes of errors about keys.
var (
	ErrKind     = errors.New("unknown kind of key")
	ErrKey      = errors.New("not a DKIM key")
	ErrShortKey = errors.New("key too short")
)

// A Key is a private signing key. It is safe for concurrent use.
type Key struct {
	signer crypto.Signer
}

// Generate makes a new key, from the system's source of randomness.
func Generate(kind Kind) (*Key, error) {
	switch kind {
	case RSA2048:
		return generateRSA(2048)
	case RSA4096:
		return generateRSA(4096)
	case Ed25519:
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("generate Ed25519 key: %w", err)
		}
		return &Key{signer: private}, nil
	}
	return nil, delivery.Hint(fmt.Errorf("%w %q", ErrKind, kind), fmt.Sprintf("the kinds are: %s, %s, %s", RSA2048, RSA4096, Ed25519))
}

func generateRSA(bits int) (*Key, error) {
	private, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return nil, fmt.Errorf("generate RSA key: %w", err)
	}
	return &Key{signer: private}, nil
}

// The types of PEM blocks that hold a private key.
const (
	pemPKCS8 = "PRIVATE KEY"     // RFC 5958
	pemPKCS1 = "RSA PRIVATE KEY" // RFC 8017
)

// maxPEM bounds what is read as a key, in octets: twice what the longest takes.
const maxPEM = 16 << 10

// ParseKey reads a private key from PEM, PKCS #8 or for RSA also PKCS #1. Text
// around the block is ignored. Encrypted keys are refused, and RSA keys of fewer
// than 1024 bits.
func ParseKey(data []byte) (*Key, error) {
	if len(data) > maxPEM {
		return nil, fmt.Errorf("%w: it has %d octets, more than any key needs", ErrKey, len(data))
	}
	var seen []string
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case pemPKCS8:
			private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", ErrKey, err)
			}
			return newKey(private)
		case pemPKCS1:
			private, err := x509.ParsePKCS1PrivateKey(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", ErrKey, err)
			}
			return newKey(private)
		}
		seen = append(seen, block.Type)
	}
	err := fmt.Errorf("%w: there is no PEM block with a private key", ErrKey)
	switch {
	case slices.Contains(seen, "ENCRYPTED PRIVATE KEY"):
		return nil, delivery.Hint(err, "it is encrypted; take the password off with: openssl pkey -in FILE -out FILE.pem")
	case slices.Contains(seen, "PUBLIC KEY"):
		return nil, delivery.Hint(err, "this is the public key; the private one signs")
	}
	return nil, delivery.Hint(err, "make one with: mailctl dkim keygen")
}

// newKey takes a parsed private key that DKIM can use.
func newKey(private any) (*Key, error) {
	switch k := private.(type) {
	case *rsa.PrivateKey:
		if bits := k.N.BitLen(); bits < minRSABits {
			err := fmt.Errorf("%w: it has %d bits, receivers refuse fewer than %d", ErrShortKey, bits, minRSABits)
			return nil, delivery.Hint(err, "make a new one with: mailctl dkim keygen")
		} else if bits > maxRSABits {
			return nil, fmt.Errorf("%w: it has %d bits, more than the %d a record can hold", ErrKey, bits, maxRSABits)
		}
		return &Key{signer: k}, nil
	case ed25519.PrivateKey:
		return &Key{signer: k}, nil
	}
	return nil, delivery.Hint(fmt.Errorf("%w: %T cannot sign", ErrKey, private), "DKIM knows RSA and Ed25519")
}

// PEM returns the key as a PKCS #8 PEM block. It is a secret.
func (k *Key) PEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.signer)
	if err != nil {
		return nil, fmt.Errorf("encode key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemPKCS8, Bytes: der}), nil
}

// Algorithm returns the key's algorithm.
func (k *Key) Algorithm() Algorithm {
	if _, ok := k.signer.(ed25519.PrivateKey); ok {
		return AlgorithmEd25519
	}
	return AlgorithmRSA
}

// Bits returns the size of the key: the modulus of an RSA key, 256 for Ed25519.
func (k *Key) Bits() int {
	if private, ok := k.signer.(*rsa.PrivateKey); ok {
		return private.N.BitLen()
	}
	return ed25519.PublicKeySize * 8
}

// String tells the kind of key, and nothing secret.
func (k *Key) String() string {
	if k.Algorithm() == AlgorithmEd25519 {
		return string(Ed25519)
	}
	return fmt.Sprintf("rsa%d", k.Bits())
}
