// Package mtasts is SMTP MTA Strict Transport Security (RFC 8461): the record
// that announces a policy, the policy itself, and which hosts it covers.
//
// [Discover] does all of it for a domain; [Lookup] and [Fetch] are its two parts,
// and [Parse] and [ParsePolicy] read what they find.
package mtasts
