package message

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// idOctets is how much of a hash goes into an identifier: 120 bits, which base32
// writes as 24 characters without padding.
const idOctets = 15

// messageID returns the Message-ID of a campaign's message to a recipient, with
// angle brackets (RFC 5322 §3.6.4). The same two always have the same one, so
// that a receiver can recognise a message it was given twice.
func messageID(campaign, recipient, domain string) string {
	return "<" + identifierOf("message", campaign, recipient) + "@" + domain + ">"
}

// contentID returns the Content-ID of an embedded file, without angle brackets.
func contentID(campaign, file, domain string) string {
	return identifierOf("content", campaign, file) + "@" + domain
}

func identifierOf(what ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(what, "\x00")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:idOctets]))
}
