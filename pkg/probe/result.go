package probe

import (
	"net/netip"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Schema names the form of results in JSON.
const Schema = "mailctl.probe/1"

// A Reason is why a server could not be reached.
type Reason string

// The reasons. The set is closed.
const (
	ReasonRefused Reason = "refused"        // the host answers that nobody listens
	ReasonTimeout Reason = "timeout"        // nothing answers
	ReasonReset   Reason = "reset"          // the connection was reset before a word was said
	ReasonEgress  Reason = "egress-blocked" // nothing gets out of here to that port or address
	ReasonDNS     Reason = "dns"            // the DNS has or tells no address
)

// A Result is what was found out about one endpoint. What was not seen is empty.
type Result struct {
	Host      string  `json:"host"`
	Address   string  `json:"address"` // empty when none could be found
	Port      int     `json:"port"`
	Service   Service `json:"service"`
	Domain    string  `json:"domain,omitempty"` // whose mail exchanger the host is
	Verdict   Verdict `json:"verdict"`
	Reachable bool    `json:"reachable"`
	Reason    Reason  `json:"reason,omitempty"` // why it is not reachable
	// Stage and Error say how far the session came and what ended it.
	Stage delivery.Stage `json:"stage,omitempty"`
	Error string         `json:"error,omitempty"`

	Greeting     string       `json:"greeting"` // with its code
	Name         string       `json:"name"`     // what the server calls itself in its reply to EHLO
	Hello        string       `json:"hello"`    // "EHLO", or "HELO" for a server that only knows that
	StartTLS     bool         `json:"starttls"` // it is offered
	Capabilities Capabilities `json:"capabilities"`
	Auth         Mechanisms   `json:"auth"`
	Size         int64        `json:"size"`   // most octets of a message; 0 for none said
	Limits       Limits       `json:"limits"` // RFC 9422; zero for none said

	TLS         *TLS          `json:"tls"`                    // null without TLS
	TLSVersions []TLSVersion  `json:"tls_versions,omitempty"` // what else is taken, when it was asked for
	Chain       []Certificate `json:"certificates"`           // as sent, the server's own first
	PKIX        PKIX          `json:"pkix"`                   // what the public authorities' rules say
	DANE        DANE          `json:"dane"`                   // what TLSA records say
	MTASTS      MTASTS        `json:"mtasts"`                 // what the domain's policy says
	ReverseName *ReverseName  `json:"ptr,omitempty"`

	Milliseconds Timing    `json:"milliseconds"`
	Findings     []Finding `json:"findings"`
}

// Capabilities are what the server offers, as it writes it.
type Capabilities struct {
	BeforeTLS []string `json:"before_tls"`
	AfterTLS  []string `json:"after_tls"` // those that count, under TLS
}

// Mechanisms are those of AUTH (RFC 4954).
type Mechanisms struct {
	BeforeTLS  []string `json:"before_tls"`
	AfterTLS   []string `json:"after_tls"`
	WithoutTLS bool     `json:"without_tls"` // some are offered before TLS
	Login      string   `json:"login,omitempty"`
}

// Limits are those of RFC 9422 §4; zero for none said.
type Limits struct {
	MailMax       int `json:"mailmax,omitempty"`
	RcptMax       int `json:"rcptmax,omitempty"`
	RcptDomainMax int `json:"rcptdomainmax,omitempty"`
}

// A ReverseName is the reverse DNS of the address.
type ReverseName struct {
	Status delivery.PTRStatus `json:"status"`
	Names  []string           `json:"names"`
	// SameAsEHLO is whether one of them is what the server calls itself.
	SameAsEHLO bool `json:"same_as_ehlo"`
}

// Timing is how long each phase took, in milliseconds; zero for what did not come
// about.
type Timing struct {
	Connect   float64 `json:"connect"`
	Greeting  float64 `json:"greeting"`
	Hello     float64 `json:"ehlo"`
	StartTLS  float64 `json:"starttls"`
	Handshake float64 `json:"handshake"`
	HelloTLS  float64 `json:"ehlo_tls"`
	Quit      float64 `json:"quit"`
	Total     float64 `json:"total"`
}

// milliseconds keeps three digits behind the point.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// A TLS is a connection under TLS.
type TLS struct {
	Version string `json:"version"` // "TLSv1.3"
	Cipher  string `json:"cipher"`  // as IANA names it
	Group   string `json:"group"`   // of the key exchange; empty when it is RSA's
	OCSP    *OCSP  `json:"ocsp"`    // null when no status was stapled

	version uint16
	suite   uint16
}

// OCSP is the status that the server stapled (RFC 6066 §8).
type OCSP struct {
	Status     string     `json:"status"` // good, revoked, unknown or unreadable
	ThisUpdate *time.Time `json:"this_update,omitempty"`
	NextUpdate *time.Time `json:"next_update,omitempty"`
}

// A Certificate is one of those that the server sent.
type Certificate struct {
	Subject    string    `json:"subject"`
	Issuer     string    `json:"issuer"`
	Names      []string  `json:"names"`
	NotBefore  time.Time `json:"not_before"`
	NotAfter   time.Time `json:"not_after"`
	DaysLeft   int       `json:"days_left"` // negative when it has expired
	Key        string    `json:"key"`       // such as "RSA 2048" or "ECDSA P-256"
	Signature  string    `json:"signature"`
	Serial     string    `json:"serial"`
	SHA256     string    `json:"sha256"`
	SPKISHA256 string    `json:"spki_sha256"` // as in a TLSA record 3 1 1
}

// Endpoint returns "mx.example.com [192.0.2.1]:25".
func (r Result) Endpoint() string {
	addr, _ := netip.ParseAddr(r.Address)
	return Endpoint{Host: r.Host, Addr: addr, Port: r.Port}.String()
}
