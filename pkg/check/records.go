package check

import (
	"net/netip"

	"github.com/mailctl/mailctl/pkg/bimi"
	"github.com/mailctl/mailctl/pkg/dane"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dkim"
	"github.com/mailctl/mailctl/pkg/dmarc"
	"github.com/mailctl/mailctl/pkg/dnsbl"
	"github.com/mailctl/mailctl/pkg/mtasts"
	"github.com/mailctl/mailctl/pkg/spf"
	"github.com/mailctl/mailctl/pkg/tlsrpt"
)

// MXRecords is what Domain.Records holds for [StandardMX].
type MXRecords struct {
	Kind    delivery.MXKind `json:"kind"`
	Records []string        `json:"records,omitempty"` // as in a zone file
	Hosts   []MXHost        `json:"hosts,omitempty"`
	// Addresses are the sending addresses that were given.
	Addresses []SendingAddress `json:"addresses,omitempty"`
}

// An MXHost is one mail server.
type MXHost struct {
	Name       string       `json:"name"`
	Preference uint16       `json:"preference"`
	Addresses  []netip.Addr `json:"addresses,omitempty"`
	Alias      string       `json:"alias,omitempty"` // what the name is an alias for
	Unknown    bool         `json:"unknown,omitempty"`
}

// A SendingAddress is an address that sends, and its names.
type SendingAddress struct {
	Address   netip.Addr         `json:"address"`
	Names     []string           `json:"names,omitempty"`
	Status    delivery.PTRStatus `json:"status"`
	Confirmed []string           `json:"confirmed,omitempty"` // the names that lead back to the address
}

// An SPFStatus says whether there is a policy.
type SPFStatus string

// The statuses.
const (
	SPFFound   SPFStatus = "found"
	SPFNone    SPFStatus = "none"
	SPFSeveral SPFStatus = "several"
	SPFInvalid SPFStatus = "invalid"
	SPFUnknown SPFStatus = "unknown"
)

// SPFRecords is what Domain.Records holds for [StandardSPF].
type SPFRecords struct {
	Status      SPFStatus `json:"status"`
	Records     []string  `json:"records,omitempty"`
	Lookups     int       `json:"lookups"` // the most that a check can need
	VoidLookups int       `json:"void_lookups"`
	Incomplete  bool      `json:"incomplete,omitempty"` // something could not be looked up: there may be more
	// Includes are the domains of include and redirect in the record itself, and
	// AllIncludes also those below them.
	Includes    []string    `json:"includes,omitempty"`
	AllIncludes []string    `json:"all_includes,omitempty"`
	Default     spf.Status  `json:"default,omitempty"` // what everybody else gets
	Results     []SPFResult `json:"results,omitempty"` // for the sending addresses that were given
}

// An SPFResult is what SPF says about an address that sends for the domain.
type SPFResult struct {
	Address   netip.Addr `json:"address"`
	Result    spf.Status `json:"result"`
	Mechanism string     `json:"mechanism,omitempty"`
}

// DKIMRecords is what Domain.Records holds for [StandardDKIM].
type DKIMRecords struct {
	Keys    []DKIMKey `json:"keys,omitempty"`    // what was found at the selectors
	Tried   []string  `json:"tried"`             // selectors
	Unknown []string  `json:"unknown,omitempty"` // selectors whose look-up failed
	None    bool      `json:"none,omitempty"`    // it is proven that there are no keys, whatever the selector
	Named   bool      `json:"named,omitempty"`   // the selectors were given, not tried
}

// A DKIMKey is the key at one selector.
type DKIMKey struct {
	Selector  string         `json:"selector"`
	Provider  string         `json:"provider,omitempty"` // whose selector it is
	Status    dkim.KeyStatus `json:"status"`
	Algorithm dkim.Algorithm `json:"algorithm,omitempty"`
	Bits      int            `json:"bits,omitempty"`
	Testing   bool           `json:"testing,omitempty"`
	Wildcard  bool           `json:"wildcard,omitempty"`
	Aliases   []string       `json:"aliases,omitempty"` // the names on the way to the key
	Records   []string       `json:"records,omitempty"`
}

// DMARCRecords is what Domain.Records holds for [StandardDMARC].
type DMARCRecords struct {
	Status               dmarc.Status       `json:"status"`
	Record               string             `json:"record,omitempty"`
	RecordDomain         string             `json:"record_domain,omitempty"`
	OrganizationalDomain string             `json:"organizational_domain,omitempty"`
	Policy               dmarc.Policy       `json:"policy,omitempty"` // that applies to the domain, test mode counted in
	PolicyTag            string             `json:"policy_tag,omitempty"`
	TestMode             bool               `json:"test_mode,omitempty"`
	Subdomains           dmarc.Policy       `json:"subdomains,omitempty"`   // what the record says for them
	NonExistent          dmarc.Policy       `json:"non_existent,omitempty"` // and for those that do not exist
	Reports              []DMARCDestination `json:"reports,omitempty"`
}

// A DMARCDestination is where reports are to go.
type DMARCDestination struct {
	Tag           string              `json:"tag"` // "rua" or "ruf"
	URI           string              `json:"uri"`
	Authorization dmarc.Authorization `json:"authorization"`
}

// MTASTSRecords is what Domain.Records holds for [StandardMTASTS].
type MTASTSRecords struct {
	Status  mtasts.LookupStatus `json:"status"`
	Records []string            `json:"records,omitempty"`
	Fetch   string              `json:"fetch,omitempty"` // how fetching the policy ended; empty when it was not tried
	Policy  string              `json:"policy,omitempty"`
	Mode    mtasts.Mode         `json:"mode,omitempty"`
	MaxAge  int64               `json:"max_age,omitempty"` // seconds
	MX      []string            `json:"mx,omitempty"`
}

// TLSRPTRecords is what Domain.Records holds for [StandardTLSRPT].
type TLSRPTRecords struct {
	Status  tlsrpt.Status `json:"status"`
	Records []string      `json:"records,omitempty"`
	Reports []string      `json:"reports,omitempty"` // where they are to go
}

// DNSSECRecords is what Domain.Records holds for [StandardDNSSEC].
type DNSSECRecords struct {
	Security dane.Security `json:"security"`
	Signed   bool          `json:"signed"`           // there are keys, whoever believes them
	Resolver string        `json:"server,omitempty"` // who said so
	Trusted  bool          `json:"trusted"`          // nobody is on the way to it
	// Validates is whether the resolver validates anything at all.
	Validates bool `json:"validates"`
}

// DANERecords is what Domain.Records holds for [StandardDANE].
type DANERecords struct {
	Security dane.Security `json:"security"` // of the MX records
	Hosts    []DANEHost    `json:"hosts,omitempty"`
}

// A DANEHost is a mail server and its TLSA records.
type DANEHost struct {
	Name    string          `json:"name"`
	Status  dane.HostStatus `json:"status"`
	Records []string        `json:"records,omitempty"`
}

// BIMIRecords is what Domain.Records holds for [StandardBIMI].
type BIMIRecords struct {
	Status    bimi.Status `json:"status"`
	Domain    string      `json:"domain,omitempty"` // where the record is
	Records   []string    `json:"records,omitempty"`
	Location  string      `json:"location,omitempty"`
	Authority string      `json:"authority,omitempty"`
}

// DNSBLRecords is what Domain.Records holds for [StandardDNSBL].
type DNSBLRecords struct {
	Lists []DNSBLEntry `json:"lists"`
}

// A DNSBLEntry is what one list says about one subject.
type DNSBLEntry struct {
	List    string       `json:"list"`
	Subject string       `json:"subject"`
	Status  dnsbl.Status `json:"status"`
	Health  dnsbl.Health `json:"health"`
	Codes   []string     `json:"codes,omitempty"`
	Reasons []string     `json:"reasons,omitempty"`
}
