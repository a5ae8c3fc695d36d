// Package tlsscan finds out which versions of TLS and which cipher suites a
// server accepts. It writes each ClientHello itself and reads no further than
// the server's choice, so that it can ask for what no TLS library speaks any
// more, from SSLv3 (RFC 6101) to TLS 1.3 (RFC 8446).
//
// What a server does with a ClientHello is judged so:
//   - a ServerHello or HelloRetryRequest of the version and with a suite that
//     were offered: accepted;
//   - one of a lower version: refused, since it chose not to speak this one;
//   - a fatal alert: refused, except unrecognized_name, which is about the name;
//   - the end of the connection instead of an answer: refused, if the server
//     answered any other ClientHello of the scan in TLS, since many servers hang
//     up where others send an alert; unknown if it never spoke TLS;
//   - a reset, a timeout, half an answer, an answer against the rules, or no
//     connection: unknown.
package tlsscan
