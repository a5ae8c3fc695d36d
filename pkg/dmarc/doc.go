// Package dmarc is DMARC as RFC 9989 defines it (which obsoletes RFC 7489 and
// RFC 9091), with the report destinations of RFC 9990.
//
// [Parse] reads a record, [Discover] finds the one that applies to a domain by the
// DNS Tree Walk, [Evaluate] says what a receiver would decide, and [Destinations]
// says whether the receivers of reports agreed to get them. A look-up that
// failed is unknown, never absent.
package dmarc
