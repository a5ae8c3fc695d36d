package delivery

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// Bounds of a zone file.
const (
	maxZoneOctets  = 64 << 20
	maxZoneRecords = 1_000_000
	// zoneTTL is that of records which have none and no $TTL before them.
	zoneTTL = 3600
)

// ParseZone reads a zone file. The name is for messages only. Relative names
// need an $ORIGIN line before them; $INCLUDE is refused. Errors wrap [ErrBadZone].
func ParseZone(r io.Reader, name string) (*Zone, error) {
	limited := &io.LimitedReader{R: r, N: maxZoneOctets + 1}
	parser := dns.NewZoneParser(limited, "", "")
	parser.SetDefaultTTL(zoneTTL)
	z := &Zone{
		name:   name,
		sets:   make(map[Question][]dns.RR),
		exists: make(map[string]bool),
		apexes: make(map[string]*dns.SOA),
	}
	seen := make(map[zoneLine]bool)
	for parsed, ok := parser.Next(); ok; parsed, ok = parser.Next() {
		rr, err := viaWire(parsed)
		if err != nil {
			return nil, fmt.Errorf("%w %s: the %s record at %s: %w", ErrBadZone, name, TypeName(parsed.Header().Rrtype), parsed.Header().Name, err)
		}
		if err := z.add(rr, seen); err != nil {
			return nil, err
		}
	}
	if err := parser.Err(); err != nil {
		text := strings.TrimPrefix(err.Error(), "dns: ")
		return nil, Hint(fmt.Errorf("%w %s: %s", ErrBadZone, name, text), zoneHint(text))
	}
	if limited.N == 0 {
		return nil, fmt.Errorf("%w %s: it has more than %d octets", ErrBadZone, name, maxZoneOctets)
	}
	return z, nil
}

// viaWire returns a record as it would come from a server, so that it is valid
// and spelled in one way only.
func viaWire(rr dns.RR) (dns.RR, error) {
	wire := make([]byte, dns.Len(rr)+dns.MinMsgSize)
	if _, err := dns.PackRR(rr, wire, 0, nil, false); err != nil {
		return nil, err
	}
	rr, _, err := dns.UnpackRR(wire, 0)
	if err == nil && rr.Header().Rdlength == 0 {
		err = errors.New("it has no data")
	}
	return rr, err
}

// zoneHint is the advice for what goes wrong most.
func zoneHint(text string) string {
	switch {
	case strings.Contains(text, "$INCLUDE"):
		return "put the records of the included file into the zone file"
	case strings.Contains(text, "bad owner name"), strings.Contains(text, "bad origin"):
		return `begin the file with a line such as "$ORIGIN example.com.", or end every name with a dot`
	case strings.HasPrefix(text, "bad MX Mx"), strings.HasPrefix(text, "bad CNAME Target"), strings.HasPrefix(text, "bad NS Ns"):
		return `begin the file with a line such as "$ORIGIN example.com.", or end the name behind the type with a dot`
	}
	return ""
}

// A zoneLine is a record without its TTL.
type zoneLine struct {
	Question
	data string
}

// add takes one record in, unless it is among those seen before.
func (z *Zone) add(rr dns.RR, seen map[zoneLine]bool) error {
	h := rr.Header()
	owner := plainName(h.Name)
	if h.Class != dns.ClassINET {
		return fmt.Errorf("%w %s: the record at %s is of class %s, only IN is known", ErrBadZone, z.name, owner, dns.ClassToString[h.Class])
	}
	if z.records++; z.records > maxZoneRecords {
		return fmt.Errorf("%w %s: it has more than %d records", ErrBadZone, z.name, maxZoneRecords)
	}
	q := Question{owner, h.Rrtype}
	if line := (zoneLine{q, recordData(rr)}); !seen[line] {
		seen[line] = true // a set has each record once (RFC 2181 §5)
		z.sets[q] = append(z.sets[q], rr)
	}
	if soa, ok := rr.(*dns.SOA); ok {
		z.apexes[owner] = soa
	}
	for name, more := owner, true; more && !z.exists[name]; name, more = parentName(name) {
		z.exists[name] = true
	}
	return nil
}

// Misplaced returns the names that are aliases and have another record too, in order. A
// name server loads no such zone (RFC 2181 §10.1); here the other record counts, or of
// several aliases the first.
func (z *Zone) Misplaced() []string {
	var names []string
	for q, set := range z.sets {
		switch q.Type {
		case dns.TypeRRSIG, dns.TypeNSEC:
		case dns.TypeCNAME:
			if len(set) > 1 {
				names = append(names, q.Name)
			}
		default:
			if z.sets[Question{q.Name, dns.TypeCNAME}] != nil {
				names = append(names, q.Name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// parentName is the name without its first label; false at the root.
func parentName(name string) (string, bool) {
	if name == "." {
		return "", false
	}
	for i := range len(name) {
		if name[i] == '.' && (i == 0 || name[i-1] != '\\') {
			return name[i+1:], true
		}
	}
	return ".", true
}
