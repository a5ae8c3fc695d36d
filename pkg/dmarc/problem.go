package dmarc

// A ProblemKind is what is wrong, or worth a word, about a part of a record.
type ProblemKind string

// The kinds of problem. Those of the first group make the whole text no DMARC
// record.
const (
	ProblemNoVersion      ProblemKind = "no-version"        // it does not begin with v=
	ProblemVersionLater   ProblemKind = "version-later"     // v= is there, but not first
	ProblemVersionCase    ProblemKind = "version-case"      // DMARC1 in other letter case
	ProblemVersionUnknown ProblemKind = "version-unknown"   // another version, or no semicolon behind DMARC1
	ProblemNoPolicy       ProblemKind = "no-policy"         // p is missing: it counts as none, or the record is not applied
	ProblemInvalidPolicy  ProblemKind = "invalid-policy"    // p, sp or np is not none, quarantine or reject
	ProblemInvalidValue   ProblemKind = "invalid-value"     // the value of another tag; its default is used
	ProblemUnknownTag     ProblemKind = "unknown-tag"       // ignored by receivers
	ProblemHistoricTag    ProblemKind = "historic-tag"      // pct, rf or ri: removed by RFC 9989 (Appendix C.5)
	ProblemRepeatedTag    ProblemKind = "repeated-tag"      // the first one counts here, receivers differ
	ProblemTagCase        ProblemKind = "tag-case"          // an upper-case tag name; some receivers do not know it
	ProblemNoValue        ProblemKind = "no-value"          // a tag without an equals sign
	ProblemEmptyTag       ProblemKind = "empty-tag"         // nothing between two semicolons, or no name before "="
	ProblemBadOctet       ProblemKind = "bad-octet"         // an octet outside printable ASCII
	ProblemLeadingSpace   ProblemKind = "leading-space"     // white space before v=
	ProblemURISyntax      ProblemKind = "uri-syntax"        // not a URI (RFC 3986)
	ProblemURINoScheme    ProblemKind = "uri-no-scheme"     // an address without "mailto:"
	ProblemURIScheme      ProblemKind = "uri-scheme"        // a scheme other than mailto, which receivers may ignore
	ProblemURIAddress     ProblemKind = "uri-address"       // mailto without one valid address
	ProblemURISize        ProblemKind = "uri-size"          // an obsolete size limit (RFC 9989 §4.8)
	ProblemNoFailureURI   ProblemKind = "fo-without-ruf"    // fo is ignored without ruf
	ProblemPolicyOrder    ProblemKind = "policy-not-second" // allowed, but receivers of RFC 7489 want p behind v
)

// A Problem is one thing about a record and where it is.
type Problem struct {
	Kind  ProblemKind
	Tag   string // the tag's name in lower case; empty when it is about the record
	Value string // what is meant, as published
	Pos   int    // where it is in the record, in octets
}

// Has reports whether the record has a problem of that kind.
func (r *Record) Has(kind ProblemKind) bool {
	for _, p := range r.Problems {
		if p.Kind == kind {
			return true
		}
	}
	return false
}
