package dkim

import (
	"crypto"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery/taglist"
)

// ErrNotKeyRecord means that a text is not the record of a DKIM key: it has no p
// tag, or says that it is of another kind (RFC 6376 §3.6.1).
var ErrNotKeyRecord = errors.New("not a DKIM key record")

// A KeyRecord is a published key as it was found (RFC 6376 §3.6.1, RFC 8301, RFC
// 8463). A [Record] is one to be published.
type KeyRecord struct {
	Raw  string       // as published, the strings joined
	Tags taglist.List // all tags, unknown ones too

	Algorithm Algorithm // k; [AlgorithmRSA] when missing, as written when not known
	Hashes    []string  // h, as written; nil when missing, which stands for all
	Services  []string  // s, as written; nil when missing, which stands for all
	Testing   bool      // t=y: verifiers treat the mail as if it were not signed
	Strict    bool      // t=s: the domain of the signature's i must be that of d, not one below it
	Comment   string    // n

	Revoked bool             // p is empty: there was a key, and it is no longer valid
	Public  crypto.PublicKey // *rsa.PublicKey or ed25519.PublicKey; nil when revoked or not readable
	Bits    int              // the size of the key: its modulus for RSA, 256 for Ed25519; zero without Public

	Problems []KeyProblem // in the order of the text
}

// A KeyProblemKind is what is wrong with a part of a key record.
type KeyProblemKind string

// The kinds of problem. Verifiers do not use a key with one of the first group.
const (
	KeyVersion      KeyProblemKind = "version"        // v is not DKIM1, or not the first tag
	KeyNoKey        KeyProblemKind = "no-key"         // p is missing
	KeyRepeatedTag  KeyProblemKind = "repeated-tag"   // makes the whole list invalid (§3.2)
	KeyNoValue      KeyProblemKind = "no-value"       // a tag without an equals sign, or without a name, or empty; as that (§3.2)
	KeyUnknownType  KeyProblemKind = "unknown-type"   // k is neither rsa nor ed25519
	KeyBase64       KeyProblemKind = "base64"         // p is not base64
	KeyPadding      KeyProblemKind = "base64-padding" // p lacks the "=" at its end, which some verifiers need
	KeyPEM          KeyProblemKind = "pem"            // p has the BEGIN and END lines of a PEM file
	KeyQuotes       KeyProblemKind = "quotes"         // quotes or backslashes of a zone file became part of the record
	KeyMalformed    KeyProblemKind = "malformed-key"  // p is base64 of something that is not such a key
	KeyTooShort     KeyProblemKind = "key-too-short"  // RSA under 1024 bits (RFC 8301 §3.2)
	KeyEd25519ASN1  KeyProblemKind = "ed25519-asn1"   // an Ed25519 key in ASN.1 instead of its 32 octets (RFC 8463 §4.2)
	KeyTypeMismatch KeyProblemKind = "type-mismatch"  // the key is of the other type than k says
	KeyHash         KeyProblemKind = "hash"           // h allows no hash that verifiers take: sha256 is missing (RFC 8301 §3.1)
	KeyService      KeyProblemKind = "service"        // s is not for email
	KeyShort        KeyProblemKind = "short-key"      // RSA under 2048 bits (RFC 8301 §3.2)
	KeyLarge        KeyProblemKind = "large-key"      // RSA over 4096 bits, which verifiers need not take
	KeyPKCS1        KeyProblemKind = "pkcs1"          // a bare RSA key, which some verifiers do not take
	KeyOldHash      KeyProblemKind = "old-hash"       // h still has sha1 (RFC 8301 §3.1)
	KeyHistoricTag  KeyProblemKind = "historic-tag"   // g, which RFC 6376 removed
	KeyUnknownTag   KeyProblemKind = "unknown-tag"    // ignored by verifiers
	KeyTagCase      KeyProblemKind = "tag-case"       // a known name in upper case, which makes it unknown
	KeyUnknownFlag  KeyProblemKind = "unknown-flag"   // in t; ignored by verifiers
	KeyNoVersion    KeyProblemKind = "no-version"     // v is missing, which is allowed and not advised
)

// keyFatal are the kinds of the first group.
var keyFatal = [...]KeyProblemKind{
	KeyVersion, KeyNoKey, KeyRepeatedTag, KeyNoValue, KeyUnknownType, KeyBase64, KeyPadding, KeyPEM, KeyQuotes, KeyMalformed,
	KeyTooShort, KeyEd25519ASN1, KeyTypeMismatch, KeyHash, KeyService,
}

// A KeyProblem is one thing about a key record and where it is.
type KeyProblem struct {
	Kind  KeyProblemKind
	Tag   string // the tag's name as published; empty when it is about the record
	Value string // what is meant, shortened when long
	Pos   int    // where it is in the record, in octets
}

// Usable reports whether verifiers can use the key.
func (r *KeyRecord) Usable() bool {
	return r.Public != nil && !slices.ContainsFunc(keyFatal[:], r.Has)
}

// Has reports whether the record has a problem of that kind.
func (r *KeyRecord) Has(kind KeyProblemKind) bool {
	return slices.ContainsFunc(r.Problems, func(p KeyProblem) bool { return p.Kind == kind })
}

// String prints the record with one space behind each semicolon.
func (r *KeyRecord) String() string { return r.Tags.String() }

// ParseKeyRecord reads a key record (RFC 6376 §3.6.1). It always returns a record
// that holds the text; the error is [ErrNotKeyRecord] when the text has nothing of
// a key. Everything else that is wrong is a problem.
func ParseKeyRecord(text string) (*KeyRecord, error) {
	r := &KeyRecord{Raw: text, Tags: taglist.Parse(text), Algorithm: AlgorithmRSA}
	if !r.isKey() {
		r.Problems = []KeyProblem{{Kind: KeyNoKey, Pos: len(text)}}
		return r, fmt.Errorf("%w: it has neither %q nor %q", ErrNotKeyRecord, "v=DKIM1", "p=")
	}
	r.checkVersion()
	r.checkQuotes()
	var key *taglist.Tag
	seen := map[string]bool{}
	for i, tag := range r.Tags {
		switch {
		case !tag.Assigned || tag.Name == "":
			r.note(KeyNoValue, tag)
			continue
		case seen[tag.Name]:
			r.note(KeyRepeatedTag, tag)
			continue
		}
		seen[tag.Name] = true
		if tag.Name == "p" {
			key = &r.Tags[i]
			continue
		}
		r.readTag(tag)
	}
	if key == nil {
		r.Problems = append(r.Problems, KeyProblem{Kind: KeyNoKey, Tag: "p", Pos: len(text)})
	} else {
		r.readKey(*key)
	}
	slices.SortStableFunc(r.Problems, func(a, b KeyProblem) int { return a.Pos - b.Pos })
	return r, nil
}

// isKey reports whether a text is meant as a key: it says so, or it has a p tag
// and does not say that it is something else.
func (r *KeyRecord) isKey() bool {
	if len(r.Tags) == 0 {
		return false
	}
	for _, tag := range r.Tags {
		if strings.EqualFold(strings.Trim(tag.Name, `"`), "v") {
			return strings.HasPrefix(strings.ToUpper(tag.Value), "DKIM")
		}
	}
	tag, ok := r.Tags.Get("p")
	return ok && tag.Assigned
}

// checkVersion: v is optional, and where it is, it must be the first tag and
// exactly DKIM1 (RFC 6376 §3.6.1).
func (r *KeyRecord) checkVersion() {
	for i, tag := range r.Tags {
		if tag.Name == "v" {
			if i > 0 || tag.Value != "DKIM1" {
				r.note(KeyVersion, tag)
			}
			return
		}
	}
	r.Problems = append(r.Problems, KeyProblem{Kind: KeyNoVersion, Tag: "v"})
}

// checkQuotes looks for what belongs to the zone file and not to the record: quotes
// around it or inside of the key, and backslashes before semicolons.
func (r *KeyRecord) checkQuotes() {
	key, _ := r.Tags.Get("p")
	at := strings.Index(r.Raw, `\;`)
	if strings.HasPrefix(strings.TrimLeft(r.Raw, " \t"), `"`) {
		at = strings.IndexByte(r.Raw, '"')
	} else if i := strings.IndexAny(key.Value, `"\`); at < 0 && i >= 0 {
		at = key.ValuePos + i
	}
	if at >= 0 {
		r.Problems = append(r.Problems, KeyProblem{Kind: KeyQuotes, Value: r.Raw[at : at+1], Pos: at})
	}
}

func (r *KeyRecord) readTag(tag taglist.Tag) {
	switch tag.Name {
	case "v":
	case "k":
		r.Algorithm = Algorithm(tag.Value)
		if r.Algorithm != AlgorithmRSA && r.Algorithm != AlgorithmEd25519 {
			r.note(KeyUnknownType, tag)
		}
	case "h":
		r.readHashes(tag)
	case "s":
		r.Services = splitColons(tag.Value)
		if !slices.Contains(r.Services, "*") && !slices.Contains(r.Services, "email") {
			r.note(KeyService, tag)
		}
	case "t":
		r.readFlags(tag)
	case "n":
		r.Comment = tag.Value
	case "g":
		r.note(KeyHistoricTag, tag)
	default:
		kind := KeyUnknownTag
		if slices.Contains([]string{"v", "k", "h", "s", "t", "n", "p"}, strings.ToLower(tag.Name)) {
			kind = KeyTagCase
		}
		r.note(kind, tag)
	}
}

func (r *KeyRecord) readHashes(tag taglist.Tag) {
	r.Hashes = splitColons(tag.Value)
	switch {
	case !slices.Contains(r.Hashes, "sha256"):
		r.note(KeyHash, tag)
	case slices.Contains(r.Hashes, "sha1"):
		r.note(KeyOldHash, tag)
	}
}

func (r *KeyRecord) readFlags(tag taglist.Tag) {
	for _, flag := range splitColons(tag.Value) {
		switch flag {
		case "y":
			r.Testing = true
		case "s":
			r.Strict = true
		default:
			r.note(KeyUnknownFlag, tag)
		}
	}
}

// splitColons splits "a : b" at its colons.
func splitColons(value string) []string {
	var items []string
	for item := range strings.SplitSeq(value, ":") {
		items = append(items, strings.Trim(item, " \t\r\n"))
	}
	return items
}

func (r *KeyRecord) note(kind KeyProblemKind, tag taglist.Tag) {
	const most = 80
	value := tag.Value
	if !tag.Assigned {
		value = tag.Name
	}
	if len(value) > most {
		value = value[:most]
	}
	r.Problems = append(r.Problems, KeyProblem{kind, tag.Name, value, tag.Pos})
}
