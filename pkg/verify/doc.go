// Package verify judges a message as a receiver does: SPF for the client that
// handed it over, the DKIM signatures, DMARC for its author, the form of the
// message (RFC 5322) and the fields by which people unsubscribe (RFC 8058).
//
// [Verify] does it all and returns a [Report]: what each of them says, the
// Authentication-Results field (RFC 8601) that says it to others, and findings for
// people.
package verify
