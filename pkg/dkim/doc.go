// Package dkim makes DomainKeys Identified Mail keys and signatures (RFC 6376,
// RFC 8301, RFC 8463).
//
// A [Key] is generated or read from PEM, shows the [Record] to publish for it,
// and becomes a [Signer] for a domain and a selector. Give several signers to a
// message, RSA first and then Ed25519, because not every receiver verifies the
// newer kind.
package dkim
