// Package spf implements the Sender Policy Framework of RFC 7208.
//
// [Check] is check_host() of RFC 7208 §4: it says what a receiver decides about
// one client, and keeps a trace of how. [Walk] looks at everything that a domain
// publishes, whichever client may come: what the look-ups add up to, which
// networks may send, and what could be left out. [Parse] reads a record and keeps
// what is wrong with it; [Flatten] writes one that needs fewer look-ups.
package spf
