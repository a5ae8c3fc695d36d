package spf

import (
	"errors"
	"math/big"
	"net/netip"
	"slices"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Why a part of a [Tree] is not there.
var (
	// ErrLoop means that a record includes itself or redirects to itself.
	ErrLoop = errors.New("the record leads back to itself")
	// ErrTreeTooLarge means that a tree was not followed to its end.
	ErrTreeTooLarge = errors.New("more than can be looked at")
)

// A Tree is the policy of a domain with all that it includes and redirects to:
// what holds whichever client comes. [Walk] makes it.
type Tree struct {
	Domain string
	// Texts are all SPF records of the domain; only one is allowed.
	Texts []string
	// Similar are TXT records that are no SPF records and look as if they were
	// meant to be.
	Similar []string
	// Retired are records of the type SPF (99), which nobody asks for any more
	// (§3.1). They are looked up only for the domain that is walked.
	Retired []string
	Record  Record // the zero Record unless there is exactly one
	Size    Size
	// Branches are the terms of the record, in order; each has one, the invalid
	// ones too.
	Branches []Branch
	// Answer is that to the question for the record.
	Answer delivery.Answer
	// Err is why there is no policy: as in [Result], or [ErrLoop], [ErrTreeTooLarge].
	Err error

	// Cost is what a check can cost at most, down to the ends of the tree.
	Cost Cost
	// Incomplete says that something could not be looked up, so that Cost is too
	// low and networks are missing.
	Incomplete bool
	// Default is the result for a client that no mechanism but "all" matches: Fail
	// for "-all". With redirect it is that of the other record, or an error when that
	// cannot be used.
	Default Status

	sets  map[Status]addrSet // whom the record passes, fails, …; "all" not counted
	exact bool               // sets is everyone; no term depends on the message or the DNS in other ways
}

// A Cost counts what is limited (§4.6.4).
type Cost struct {
	Lookups int // terms that ask the DNS
	// Void4 and Void6 are terms whose look-up brings nothing for a client with an
	// IPv4 or an IPv6 address.
	Void4, Void6 int
}

// ExceedsLookups reports whether a check can end in PermError for asking too much.
func (c Cost) ExceedsLookups() bool { return c.Lookups > MaxLookups }

// ExceedsVoid reports whether a check can end in PermError for finding too little,
// for a client of either family.
func (c Cost) ExceedsVoid() bool { return max(c.Void4, c.Void6) > MaxVoidLookups }

func (c Cost) plus(other Cost) Cost {
	return Cost{c.Lookups + other.Lookups, c.Void4 + other.Void4, c.Void6 + other.Void6}
}

// Recommended sizes (RFC 7208 §3.4).
const (
	// MaxCombined is what the name and all its TXT records together should stay
	// below, so that an answer over UDP is not truncated.
	MaxCombined = 450
	// MaxMessage is what every resolver takes over UDP.
	MaxMessage = 512
)

// A Size is how large a record and the answer with it are, in octets.
type Size struct {
	Record   int // of the SPF record
	Combined int // of the name and all TXT records at it
	Message  int // of the answer that carries them, without DNSSEC and EDNS
}

// A Branch is one term and what is behind it.
type Branch struct {
	Term Term
	// Target is the domain that the term is about. It is empty when the term is
	// about none, or when it depends on the client or the message (Dynamic).
	Target  string
	Dynamic bool
	// Reached is false for a mechanism behind "all" and for a redirect beside it:
	// they do nothing.
	Reached bool
	Cost    Cost // of the term and of everything below it; zero when it is not reached
	// Answers are those of its own look-ups, the addresses of mail exchangers too.
	Answers []delivery.Answer
	MX      []delivery.MX // of an mx
	Below   *Tree         // of include and redirect
	// Err is what is wrong with the branch: a syntax error, [ErrNoDomain] for a
	// target that cannot be looked up, [ErrTooManyMX], that the DNS could not tell,
	// or why there is no policy in Below. What is wrong with a term of Below is told
	// there.
	Err error
	// Redundant says that the term never decides anything: other terms have already
	// decided about all its networks. By is the index of the one term that covers
	// it, or -1 when several do together.
	Redundant bool
	By        int

	set   addrSet // what it matches
	exact bool    // set is all of it
}

// Networks returns the networks that the term matches, as the fewest networks;
// for an include those that pass there. It reports whether these are all: not so
// for what depends on the message or could not be looked up.
func (b *Branch) Networks() ([]netip.Prefix, bool) { return b.set.prefixes(), b.exact }

// Networks returns the networks that get a result by a mechanism other than
// "all", and reports whether these are all.
func (t *Tree) Networks(status Status) ([]netip.Prefix, bool) {
	return t.sets[status].prefixes(), t.exact
}

// Senders counts the addresses that pass.
func (t *Tree) Senders() (ipv4, ipv6 *big.Int) {
	pass := t.sets[Pass]
	return pass.count(32), pass.count(128)
}

// All calls visit for the tree and every tree below it, from left to right. path
// are the domains from the walked one down to the tree.
func (t *Tree) All(visit func(path []string, t *Tree)) { t.all(nil, visit) }

func (t *Tree) all(path []string, visit func([]string, *Tree)) {
	path = append(slices.Clip(path), t.Domain)
	visit(path, t)
	for i := range t.Branches {
		if below := t.Branches[i].Below; below != nil {
			below.all(path, visit)
		}
	}
}
