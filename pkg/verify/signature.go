package verify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery/taglist"
	"github.com/mailctl/mailctl/pkg/dkim"
)

// A DKIMResult is what came of a signature (RFC 8601 §2.7.1).
type DKIMResult string

// The results.
const (
	DKIMPass      DKIMResult = "pass"
	DKIMFail      DKIMResult = "fail"      // message and signature do not fit each other
	DKIMNeutral   DKIMResult = "neutral"   // the signature's own syntax is wrong, or it uses what nobody knows
	DKIMPolicy    DKIMResult = "policy"    // not acceptable: rsa-sha1, RSA under 1024 bits (RFC 8301), l=, expired
	DKIMTempError DKIMResult = "temperror" // the key could not be looked up; worth trying again
	DKIMPermError DKIMResult = "permerror" // there is no key that can be used, or From is not signed
)

// A Signature is one DKIM signature and what came of it.
type Signature struct {
	Domain    string     `json:"domain"`    // d
	Selector  string     `json:"selector"`  // s
	Algorithm string     `json:"algorithm"` // a
	Result    DKIMResult `json:"result"`
	Reason    string     `json:"reason"` // why it is not a pass, and what is worth knowing when it is
	Identity  string     `json:"identity,omitempty"`
	KeyBits   int        `json:"key_bits,omitempty"`
	Testing   bool       `json:"testing,omitempty"` // t=y in the key: the domain is only trying DKIM out
	Headers   []string   `json:"headers,omitempty"` // h: the signed fields

	// Key is what the DNS says; nil when it was not asked.
	Key *dkim.KeyLookup `json:"-"`
	// Value begins the signature itself, to tell it from others (RFC 6008).
	Value string `json:"-"`

	tags  map[string]string
	field field
}

// covers reports whether all fields of a name that the message has are signed.
func (s *Signature) covers(name string, count int) bool {
	n := 0
	for _, h := range s.Headers {
		if strings.EqualFold(h, name) {
			n++
		}
	}
	return n >= count
}

// rule sets the result.
func (s *Signature) rule(result DKIMResult, format string, args ...any) {
	s.Result, s.Reason = result, fmt.Sprintf(format, args...)
}

// maxSignedNames bounds h: each name is looked for among all fields.
const maxSignedNames = 500

// parseSignature reads a signature (RFC 6376 §3.5). What is already known to keep
// it from a pass is its result; the result is empty otherwise.
func parseSignature(f field, now time.Time) *Signature {
	s := &Signature{tags: map[string]string{}, field: f}
	s.readTags(f.value)
	s.Domain, s.Selector = strings.ToLower(s.tag("d")), s.tag("s")
	s.Algorithm, s.Identity = strings.ToLower(s.tag("a")), s.tag("i")
	if h, ok := s.tags["h"]; ok {
		s.Headers = listItems(h)
	}
	const enough = 8 // RFC 6008 §4
	b := s.tag("b")
	s.Value = b[:min(len(b), enough)]
	if s.Result == "" {
		s.checkSyntax()
	}
	if s.Result == "" {
		s.checkPolicy(now)
	}
	return s
}

// readTags takes the tags in. One that is repeated, empty or none at all makes the list
// invalid (§3.2).
func (s *Signature) readTags(value string) {
	for _, tag := range taglist.Parse(value) {
		_, repeated := s.tags[tag.Name]
		switch {
		case tag.Name == "" && !tag.Assigned:
			s.rule(DKIMNeutral, "the signature has an empty tag: a semicolon with nothing before it")
		case tag.Name == "":
			s.rule(DKIMNeutral, "%q in the signature is a tag without a name", shorten("="+tag.Value))
		case !tag.Assigned:
			s.rule(DKIMNeutral, "%q in the signature is not a tag: it has no =", shorten(tag.Name))
		case repeated:
			s.rule(DKIMNeutral, "the tag %s is in the signature twice", shorten(tag.Name))
		default:
			s.tags[tag.Name] = tag.Value
		}
	}
}

// tag returns a value without the white space that may be anywhere in it.
func (s *Signature) tag(name string) string { return unspaced(s.tags[name]) }

// checkSyntax finds what keeps verifiers from understanding the signature.
func (s *Signature) checkSyntax() {
	for _, name := range []string{"v", "a", "b", "bh", "d", "h", "s"} {
		if s.tag(name) == "" {
			s.rule(DKIMNeutral, "the signature has no tag %s", name)
			return
		}
	}
	if s.checkForms(); s.Result != "" {
		return
	}
	query, queried := s.tags["q"]
	switch {
	case s.tag("v") != "1":
		s.rule(DKIMNeutral, "the signature has version %q, only 1 is known", shorten(s.tag("v")))
	case queried && !slices.Contains(listItems(query), "dns/txt"):
		s.rule(DKIMNeutral, "unknown way %q to get the key", shorten(query))
	case len(s.Headers) > maxSignedNames:
		s.rule(DKIMNeutral, "h has more than %d names", maxSignedNames)
	case !s.covers("From", 1):
		s.rule(DKIMPermError, "From is not signed") // §5.4
	case s.Identity != "" && !isWithin(s.identityDomain(), s.Domain):
		s.rule(DKIMPermError, "the identity %q is not within %s", shorten(s.Identity), shorten(s.Domain)) // §3.5
	}
}

// checkPolicy finds what verifiers do not accept though it is understood.
func (s *Signature) checkPolicy(now time.Time) {
	signed, expires := s.seconds("t"), s.seconds("x")
	_, partial := s.tags["l"]
	switch {
	case s.Algorithm == "rsa-sha1":
		s.rule(DKIMPolicy, "rsa-sha1 must not be used any more (RFC 8301)")
	case s.Algorithm != "rsa-sha256" && s.Algorithm != "ed25519-sha256":
		s.rule(DKIMNeutral, "unknown algorithm %q", shorten(s.Algorithm))
	case partial:
		s.rule(DKIMPolicy, "l signs only the beginning of the body: anything could be added (RFC 6376)")
	case expires > 0 && expires <= signed:
		s.rule(DKIMNeutral, "the signature expires before it was made")
	case expires > 0 && now.Unix() > expires:
		s.rule(DKIMPolicy, "the signature expired at %s", time.Unix(expires, 0).UTC().Format(time.RFC3339))
	}
}

// seconds reads a time, whose form is known to be good; zero when the tag is missing.
func (s *Signature) seconds(name string) int64 {
	n, err := strconv.ParseInt(s.tags[name], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (s *Signature) identityDomain() string {
	return strings.ToLower(s.Identity[strings.LastIndexByte(s.Identity, '@')+1:])
}

// isWithin reports whether a domain is another one or below it.
func isWithin(domain, above string) bool {
	return domain == above || strings.HasSuffix(domain, "."+above)
}

// shorten cuts what a stranger wrote for a sentence.
func shorten(text string) string {
	const limit = 60
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}
