package tlsscan

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"golang.org/x/crypto/cryptobyte"
)

// An answer is what a server chose.
type answer struct {
	version   Version
	suite     uint16
	group     Group // 0 when it is not known, or the suite has none
	primeBits int   // of a finite field; 0 likewise
	retry     bool  // a HelloRetryRequest (RFC 8446 §4.1.4)
}

// readAnswer reads a server's answer to a ClientHello. The errors are those of
// [messages].
func readAnswer(r io.Reader) (answer, error) {
	m := &messages{r: r}
	kind, body, err := m.next()
	if err != nil {
		return answer{}, err
	}
	if kind != typeServerHello {
		return answer{}, fmt.Errorf("%w: a message of type %d where a ServerHello was due", ErrProtocol, kind)
	}
	a, err := parseServerHello(body)
	if err == nil {
		a.readKeyExchange(m)
	}
	return a, err
}

// parseServerHello reads the body of a ServerHello or a HelloRetryRequest (RFC
// 8446 §4.1.3, RFC 5246 §7.4.1.3).
func parseServerHello(body []byte) (answer, error) {
	var (
		a          answer
		version    uint16
		random     []byte
		session    cryptobyte.String
		method     uint8
		extensions cryptobyte.String
	)
	bad := fmt.Errorf("%w: a ServerHello that cannot be read", ErrProtocol)
	s := cryptobyte.String(body)
	if !s.ReadUint16(&version) || !s.ReadBytes(&random, 32) || !s.ReadUint8LengthPrefixed(&session) ||
		!s.ReadUint16(&a.suite) || !s.ReadUint8(&method) || len(session) > 32 {
		return answer{}, bad
	}
	a.version = Version(version)
	a.retry = bytes.Equal(random, retryRandom())
	if s.Empty() {
		return a, nil
	}
	if !s.ReadUint16LengthPrefixed(&extensions) || !s.Empty() {
		return answer{}, bad
	}
	for !extensions.Empty() {
		var id uint16
		var data cryptobyte.String
		if !extensions.ReadUint16(&id) || !extensions.ReadUint16LengthPrefixed(&data) || !a.extension(id, data) {
			return answer{}, bad
		}
	}
	return a, nil
}

// extension takes in an extension of a ServerHello and tells whether it could be
// read.
func (a *answer) extension(id uint16, data cryptobyte.String) bool {
	var value uint16
	switch id {
	case extSupportedVersions:
		if !data.ReadUint16(&value) || !data.Empty() {
			return false
		}
		a.version = Version(value)
	case extKeyShare:
		if !data.ReadUint16(&value) {
			return false
		}
		a.group = Group(value)
	}
	return true
}

// retryRandom is the random value of a HelloRetryRequest (RFC 8446 §4.1.3).
func retryRandom() []byte {
	sum := sha256.Sum256([]byte("HelloRetryRequest"))
	return sum[:]
}

// judge says what an answer, or the error in its place, means for what was
// offered. Whether a server that hung up has refused it, only its other answers
// say.
func (h *hello) judge(a answer, err error) (outcome Outcome, cause error) {
	alert := (*AlertError)(nil)
	switch {
	case errors.As(err, &alert) && alert.Code != alertUnrecognizedName:
		return Refused, err
	case errors.Is(err, io.EOF):
		return Refused, ErrClosed
	case err != nil:
		return Unknown, err
	case a.version < h.version:
		return Refused, fmt.Errorf("%w: %s", ErrOther, a.version)
	case a.version > h.version:
		return Unknown, fmt.Errorf("%w: it chose %s, above what was offered", ErrProtocol, a.version)
	case !slices.Contains(h.suites, a.suite):
		return Unknown, fmt.Errorf("%w: it chose %s, which was not offered", ErrProtocol, cipherOf(a.suite).Name)
	}
	return Accepted, nil
}
