// Package tlsrpt reads the records by which a domain asks for reports about TLS
// on the way to it (RFC 8460).
package tlsrpt
