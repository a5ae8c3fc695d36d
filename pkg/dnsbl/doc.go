// Package dnsbl asks DNS blocklists about addresses and domains (RFC 5782).
//
// An answer is only a listing when the list is alive and willing to answer:
// [Check] asks each list about its test entries too, and an error code is an
// error, never a listing.
package dnsbl
