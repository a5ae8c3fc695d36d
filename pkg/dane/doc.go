// Package dane is DANE for SMTP (RFC 7672, with RFC 6698 and RFC 7671): it finds
// the TLSA records of mail exchangers, judges them, and holds the certificates
// of a server against them.
//
// DANE is worth what DNSSEC makes it worth: every look-up keeps whether it was
// validated. That is the AD bit of the resolver, so that a resolver which cannot
// be trusted, or the way to it, makes all of it worth nothing.
package dane
