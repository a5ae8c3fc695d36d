package dane

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// ErrBadRecord means that a text is not a TLSA record.
var ErrBadRecord = errors.New("not a TLSA record")

// A Usage says what a record is about (RFC 7218 §2.1).
type Usage uint8

// The usages. SMTP uses the last two only (RFC 7672 §3.1.3).
const (
	PKIXTA Usage = 0 // a CA of the usual kind
	PKIXEE Usage = 1 // a certificate from a CA of the usual kind
	DANETA Usage = 2 // a CA of any kind: the chain and the name are checked
	DANEEE Usage = 3 // the server's certificate or key: names and dates do not count
)

// A Selector says which part of a certificate is meant (RFC 7218 §2.2).
type Selector uint8

// The selectors.
const (
	FullCertificate Selector = 0
	PublicKey       Selector = 1 // SubjectPublicKeyInfo, which outlives a renewal with the same key
)

// A Matching says how the part is presented (RFC 7218 §2.3).
type Matching uint8

// The matching types.
const (
	Exact  Matching = 0 // the part itself
	SHA256 Matching = 1
	SHA512 Matching = 2
)

// A Record is one TLSA record.
type Record struct {
	Usage    Usage
	Selector Selector
	Matching Matching
	Data     []byte
	Problems []ProblemKind // why senders do not use it, or should not have to
}

// A ProblemKind is what is wrong with a record.
type ProblemKind string

// The kinds of problem. All but the last make the record unusable.
const (
	ProblemPKIX     ProblemKind = "pkix-usage"    // usage 0 or 1, which senders ignore (RFC 7672 §3.1.3)
	ProblemUsage    ProblemKind = "unknown-usage" // another usage
	ProblemSelector ProblemKind = "unknown-selector"
	ProblemMatching ProblemKind = "unknown-matching"
	ProblemLength   ProblemKind = "digest-length" // a digest of the wrong length
	ProblemContent  ProblemKind = "bad-content"   // matching type 0 without a certificate or key
	ProblemExact    ProblemKind = "exact-match"   // matching type 0 makes large answers (RFC 7671 §10.1.2)
)

// NewRecord makes a record and judges it.
func NewRecord(u Usage, s Selector, m Matching, data []byte) Record {
	r := Record{Usage: u, Selector: s, Matching: m, Data: data}
	switch u {
	case PKIXTA, PKIXEE:
		r.Problems = append(r.Problems, ProblemPKIX)
	case DANETA, DANEEE:
	default:
		r.Problems = append(r.Problems, ProblemUsage)
	}
	if s > PublicKey {
		r.Problems = append(r.Problems, ProblemSelector)
	}
	switch m {
	case Exact:
		r.Problems = append(r.Problems, ProblemExact)
		if !r.hasContent() {
			r.Problems = append(r.Problems, ProblemContent)
		}
	case SHA256:
		r.checkLength(sha256.Size)
	case SHA512:
		r.checkLength(sha512.Size)
	default:
		r.Problems = append(r.Problems, ProblemMatching)
	}
	return r
}

func (r *Record) checkLength(want int) {
	if len(r.Data) != want {
		r.Problems = append(r.Problems, ProblemLength)
	}
}

// hasContent reports whether the data are the certificate or the key that they
// should be.
func (r *Record) hasContent() bool {
	var err error
	switch r.Selector {
	case FullCertificate:
		_, err = x509.ParseCertificate(r.Data)
	case PublicKey:
		_, err = x509.ParsePKIXPublicKey(r.Data)
	}
	return err == nil
}

// RecordFor makes the record that a certificate needs.
func RecordFor(cert *x509.Certificate, u Usage, s Selector, m Matching) Record {
	return NewRecord(u, s, m, part(cert, s, m))
}

// part is what a record about a certificate has as data; nil when the selector or
// the matching type is not known.
func part(cert *x509.Certificate, s Selector, m Matching) []byte {
	var data []byte
	switch s {
	case FullCertificate:
		data = cert.Raw
	case PublicKey:
		data = cert.RawSubjectPublicKeyInfo
	default:
		return nil
	}
	switch m {
	case Exact:
		return data
	case SHA256:
		sum := sha256.Sum256(data)
		return sum[:]
	case SHA512:
		sum := sha512.Sum512(data)
		return sum[:]
	default:
		return nil
	}
}

// Usable reports whether senders use the record (RFC 7672 §3.1).
func (r Record) Usable() bool {
	return !slices.ContainsFunc(r.Problems, func(p ProblemKind) bool { return p != ProblemExact })
}

// Matches reports whether the record is about a certificate or its key.
func (r Record) Matches(cert *x509.Certificate) bool {
	data := part(cert, r.Selector, r.Matching)
	return data != nil && bytes.Equal(data, r.Data)
}

// String prints the record as a zone file has it: "3 1 1 0f3a…".
func (r Record) String() string {
	return fmt.Sprintf("%d %d %d %s", r.Usage, r.Selector, r.Matching, hex.EncodeToString(r.Data))
}

// ParseRecord reads a record as a zone file has it: three numbers and hexadecimal
// digits, which may have white space between them (RFC 6698 §2.2). The error is
// [ErrBadRecord].
func ParseRecord(text string) (Record, error) {
	fields := strings.Fields(text)
	if len(fields) < 4 {
		return Record{}, fmt.Errorf("%w: %q is not three numbers and data", ErrBadRecord, text)
	}
	var numbers [3]uint8
	for i := range numbers {
		n, err := strconv.ParseUint(fields[i], 10, 8)
		if err != nil {
			return Record{}, fmt.Errorf("%w: %q is not a number from 0 to 255", ErrBadRecord, fields[i])
		}
		numbers[i] = uint8(n)
	}
	data, err := hex.DecodeString(strings.Join(fields[3:], ""))
	if err != nil {
		return Record{}, fmt.Errorf("%w: the data are not hexadecimal: %w", ErrBadRecord, err)
	}
	return NewRecord(Usage(numbers[0]), Selector(numbers[1]), Matching(numbers[2]), data), nil
}

// recordsOf takes the records out of an answer.
func recordsOf(answer delivery.Answer) []Record {
	var records []Record
	for _, rr := range answer.TLSA() {
		data, err := hex.DecodeString(rr.Certificate)
		if err != nil {
			data = nil // miekg/dns writes it in hexadecimal itself
		}
		records = append(records, NewRecord(Usage(rr.Usage), Selector(rr.Selector), Matching(rr.MatchingType), data))
	}
	return records
}
