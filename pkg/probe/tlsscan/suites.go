package tlsscan

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A Cipher is a cipher suite.
type Cipher struct {
	ID        uint16
	Name      string   // as IANA registered it
	OpenSSL   string   // what OpenSSL calls or called it, "" when it never knew it
	Strength  Strength // of the worst flaw
	Flaws     []Flaw   // the worst first
	PrimeBits int      // size of the server's finite field for DHE; 0 without one
}

// suitesFile holds the assigned rows of the TLS Cipher Suites registry of IANA
// without the signalling values, and 0060 to 0066, which are reserved there for
// the suites of a draft that were widely spoken: identifier, name, and the name
// that some version of OpenSSL gives the suite.
//
//go:embed data/suites.csv
var suitesFile string

// A suiteTable is the registry in the order in which suites are offered.
type suiteTable struct {
	offer []uint16
	byID  map[uint16]Cipher
}

var suites = sync.OnceValue(func() *suiteTable {
	table := &suiteTable{byID: map[uint16]Cipher{}}
	for line := range strings.Lines(suitesFile) {
		fields := strings.Split(strings.TrimSpace(line), ",")
		id, err := strconv.ParseUint(fields[0], 16, 16)
		if err != nil || len(fields) != 3 {
			continue // TestSuites finds none
		}
		flaws := judge(fields[1])
		table.byID[uint16(id)] = Cipher{
			ID: uint16(id), Name: fields[1], OpenSSL: fields[2], Flaws: flaws, Strength: strength(flaws),
		}
		table.offer = append(table.offer, uint16(id))
	}
	slices.SortStableFunc(table.offer, func(a, b uint16) int {
		return rank(table.byID[a]) - rank(table.byID[b])
	})
	return table
})

// rank orders suites as a careful client would offer them, the best first.
func rank(c Cipher) int {
	order := 0
	if !common(c.Name) {
		order += 1000
	}
	switch c.Strength {
	case Weak:
		order += 300
	case Acceptable:
		order += 100
	}
	order += 10 * len(c.Flaws)
	if slices.Contains(c.Flaws, FlawStatic) {
		order += 50
	}
	if !strings.Contains(c.Name, "256_") {
		order += 2
	}
	if !aead(c.Name) {
		order++
	}
	return order
}

// common tells whether a suite is one of those that mail servers are likely to
// speak; there are fewer than 64, the most that some old servers look at.
func common(name string) bool {
	exchange, protection, older := strings.Cut(name, "_WITH_")
	if !older {
		return false
	}
	switch exchange {
	case "TLS_ECDHE_ECDSA", "TLS_ECDHE_RSA", "TLS_DHE_RSA", "TLS_RSA":
	default:
		return false
	}
	for _, rare := range []string{"ARIA", "CAMELLIA", "SEED", "IDEA", "CCM", "NULL"} {
		if strings.Contains(protection, rare) {
			return false
		}
	}
	return true
}

// aead tells whether a suite exists since TLS 1.2 only (RFC 5246 §6.2.3.3).
func aead(name string) bool {
	for _, mode := range []string{"_GCM_", "_CCM", "_POLY1305_", "_OMAC"} {
		if strings.Contains(name, mode) {
			return true
		}
	}
	return false
}

// suitesOf returns the suites that a version knows, in the order in which they
// are offered.
func suitesOf(v Version) []uint16 {
	table := suites()
	var ids []uint16
	for _, id := range table.offer {
		name := table.byID[id].Name
		newest := !strings.Contains(name, "_WITH_") || strings.Contains(name, "_MGM_") // RFC 9367
		if newest == (v == TLSv13) && (v >= TLSv12 || !aead(name)) {
			ids = append(ids, id)
		}
	}
	return ids
}

// cipherOf returns what is known about a suite.
func cipherOf(id uint16) Cipher {
	c, ok := suites().byID[id]
	if !ok {
		return Cipher{ID: id, Name: fmt.Sprintf("0x%04X", id)}
	}
	c.Flaws = slices.Clone(c.Flaws)
	return c
}
