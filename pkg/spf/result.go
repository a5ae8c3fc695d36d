package spf

import (
	"errors"
	"net/netip"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Status is the result of check_host() (RFC 7208 §2.6).
type Status string

// The results.
const (
	None      Status = "none"      // there is no policy, or no domain to have one
	Neutral   Status = "neutral"   // the policy says nothing about the client
	Pass      Status = "pass"      // the client may send for the domain
	Fail      Status = "fail"      // it may not
	SoftFail  Status = "softfail"  // it probably may not
	TempError Status = "temperror" // the DNS could not tell; worth trying again
	PermError Status = "permerror" // the policy cannot be understood or exceeds the limits
)

// Limits of one check (RFC 7208 §4.6.4).
const (
	MaxLookups     = 10 // terms that ask the DNS
	MaxVoidLookups = 2  // terms whose look-up brought nothing
	MaxMX          = 10 // mail exchangers of one mx
	MaxPTR         = 10 // names of the client that are looked at; more are ignored
)

// Why a result is PermError, TempError or None: causes of Result.Err.
var (
	ErrNoClient          = errors.New("the client has no IP address")
	ErrNoDomain          = errors.New("not a domain that can have a policy")
	ErrNoRecord          = errors.New("there is no SPF record")
	ErrSeveralRecords    = errors.New("there are several SPF records")
	ErrTooManyLookups    = errors.New("more than 10 terms look something up")
	ErrTooManyVoid       = errors.New("more than 2 look-ups brought nothing")
	ErrTooManyMX         = errors.New("more than 10 mail exchangers for one mx")
	ErrLookup            = errors.New("the DNS could not tell")
	errUnusableExplained = errors.New("the explanation cannot be used")
)

// A Query is what a receiver knows of a client. IP and either MailFrom or Helo
// are needed.
type Query struct {
	IP netip.Addr
	// MailFrom is the reverse-path, with or without angle brackets. When it is
	// empty the HELO identity is checked, as postmaster@ and Helo (§2.4). To check
	// that identity on its own (§2.3), leave MailFrom empty.
	MailFrom string
	Helo     string
	Receiver string    // whom %{r} names; empty means "unknown"
	Time     time.Time // for %{t}
}

// An Identity is what of a message is checked.
type Identity string

// The identities.
const (
	IdentityMailFrom Identity = "mailfrom" // §2.4
	IdentityHelo     Identity = "helo"     // §2.3
)

// A Result is what a receiver computes.
type Result struct {
	Status Status `json:"result"`
	// Explanation is what the domain says about a failure (§6.2), expanded. It is
	// the text of a stranger: visible ASCII and spaces, unless the local part of
	// the sender is otherwise. Empty unless the status is Fail.
	Explanation string   `json:"explanation,omitempty"`
	Identity    Identity `json:"identity"`
	Domain      string   `json:"domain"` // that was checked
	// Mechanism is the mechanism that matched, as it was written; "default" when
	// none did (§9.1), and empty when there was nothing to match.
	Mechanism   string   `json:"mechanism,omitempty"`
	Lookups     int      `json:"lookups"`      // counted to MaxLookups
	VoidLookups int      `json:"void_lookups"` // counted to MaxVoidLookups
	Trace       []*Visit `json:"trace"`        // the record of the domain, and then those it redirects to
	// Err is why the status is None, TempError or PermError; nil otherwise.
	Err error `json:"-"`
}

// A Visit is the evaluation of one record.
type Visit struct {
	Domain  string  `json:"domain"`
	Record  string  `json:"record,omitempty"`
	Asked   []Asked `json:"asked,omitempty"` // to find the record
	Steps   []Step  `json:"steps,omitempty"` // the mechanisms, and redirect at the end
	Status  Status  `json:"result"`          // of this record and those it redirects to
	Problem string  `json:"problem,omitempty"`
}

// A StepOutcome is what came of one term.
type StepOutcome string

// The outcomes.
const (
	StepMatch      StepOutcome = "match"
	StepNoMatch    StepOutcome = "no-match"
	StepRedirect   StepOutcome = "redirect" // the next Visit goes on
	StepTempError  StepOutcome = "temperror"
	StepPermError  StepOutcome = "permerror"
	StepNotReached StepOutcome = "not-reached" // another term decided before
)

// A Step is the evaluation of one term.
type Step struct {
	Term        string      `json:"term"` // as it was written
	Kind        Kind        `json:"kind"`
	Target      string      `json:"target,omitempty"` // the domain, macros expanded
	Outcome     StepOutcome `json:"outcome"`
	Lookups     int         `json:"lookups,omitempty"`      // its own and of all within
	VoidLookups int         `json:"void_lookups,omitempty"` // its own and of all within
	Asked       []Asked     `json:"asked,omitempty"`
	Include     []*Visit    `json:"include,omitempty"` // of an include
	Problem     string      `json:"problem,omitempty"`
}

// Asked is a question that was put to the DNS, and its answer.
type Asked struct {
	Name   string                `json:"name"`
	Type   string                `json:"type"`
	Status delivery.LookupStatus `json:"status"`
	Values []string              `json:"values,omitempty"`
}
