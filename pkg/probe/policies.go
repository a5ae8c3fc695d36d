package probe

import (
	"context"
	"crypto/x509"
)

// Policies say what is published about the certificates of servers. They may be
// asked from several goroutines at once.
type Policies interface {
	// DANE holds a live chain, which is empty without TLS, against the TLSA records
	// of the endpoint.
	DANE(ctx context.Context, e Endpoint, chain []*x509.Certificate) DANE
	// MTASTS returns the policy of a domain.
	MTASTS(ctx context.Context, domain string) STSPolicy
}

// A DANEStatus is what senders who use DANE make of a server.
type DANEStatus string

// The statuses. All but the first five come of TLSA records that count.
const (
	DANEUnasked      DANEStatus = ""              // nobody looked
	DANENone         DANEStatus = "none"          // it is proven that there are no records, or they do not count for want of DNSSEC
	DANEUnusable     DANEStatus = "unusable"      // there are records and none can be used: any certificate will do
	DANEBogus        DANEStatus = "bogus"         // signatures in the DNS are broken
	DANEUnknown      DANEStatus = "unknown"       // a look-up failed
	DANEVerified     DANEStatus = "verified"      // a record matches
	DANENoMatch      DANEStatus = "no-match"      // none does
	DANEChainInvalid DANEStatus = "chain-invalid" // one matches an authority, and the chain to it is broken or out of date
	DANENameMismatch DANEStatus = "name-mismatch" // the same, and the certificate is for other names
	DANENoTLS        DANEStatus = "no-tls"        // there are usable records and no certificate to hold against them
)

// DANE is a chain of certificates held against TLSA records.
type DANE struct {
	Status  DANEStatus `json:"status"`
	Why     string     `json:"why,omitempty"`
	Records []string   `json:"records,omitempty"` // as a zone file has them
	// DaysLeft is how long the records are sure to match: until the certificate ends
	// that is the only one they know. It is null when they know another one, or the
	// authority.
	DaysLeft *int `json:"days_left,omitempty"`
	// Renewal says what ends the match: "any" certificate but this one, or a "key"
	// other than this one.
	Renewal string `json:"renewal,omitempty"`
}

// What ends the match of TLSA records.
const (
	RenewalAny = "any"
	RenewalKey = "key"
)

// An STSPolicy is the MTA-STS policy of a domain (RFC 8461).
type STSPolicy struct {
	Status STSPolicyStatus
	Mode   string // enforce, testing or none
	Why    string // of a policy that is unknown
	// Covers reports whether a host is named; nil unless the status is found.
	Covers func(host string) bool
}

// An STSPolicyStatus says whether a domain has a policy.
type STSPolicyStatus string

// The statuses.
const (
	STSPolicyNone    STSPolicyStatus = "none"    // there is none that senders would use
	STSPolicyUnknown STSPolicyStatus = "unknown" // it could not be had
	STSPolicyFound   STSPolicyStatus = "found"
)

// An STSStatus is what senders who use MTA-STS make of a server.
type STSStatus string

// The statuses.
const (
	STSUnasked     STSStatus = ""        // nobody looked, or no domain is known
	STSNone        STSStatus = "none"    // there is no policy
	STSUnknown     STSStatus = "unknown" // it could not be had, or no server was met
	STSVerified    STSStatus = "verified"
	STSNotCovered  STSStatus = "not-covered" // the policy does not name the host
	STSNoTLS       STSStatus = "no-tls"
	STSCertificate STSStatus = "certificate" // it is not valid
)

// MTASTS is a server held against the policy of its domain.
type MTASTS struct {
	Status STSStatus `json:"status"`
	Mode   string    `json:"mode,omitempty"`
	Why    string    `json:"why,omitempty"`
}

// PKIX is a chain held against the rules of the public authorities.
type PKIX struct {
	Status PKIXStatus `json:"status"`
	Why    string     `json:"why,omitempty"`
}

// A PKIXStatus is what a client that verifies certificates makes of a chain.
type PKIXStatus string

// The statuses.
const (
	PKIXNone        PKIXStatus = "none" // there is no TLS
	PKIXValid       PKIXStatus = "valid"
	PKIXExpired     PKIXStatus = "expired"
	PKIXNotYetValid PKIXStatus = "not-yet-valid"
	PKIXWrongName   PKIXStatus = "wrong-name"
	PKIXSelfSigned  PKIXStatus = "self-signed"
	PKIXIncomplete  PKIXStatus = "incomplete-chain"
	PKIXUntrusted   PKIXStatus = "untrusted"
	PKIXWeak        PKIXStatus = "weak-signature"
	PKIXInvalid     PKIXStatus = "invalid"
)
