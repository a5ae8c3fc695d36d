package ledger

import (
	"database/sql"
	"encoding/json"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// suppressed holds the keys of suppressions that some addresses met; nil holds
// none.
type suppressed map[string]bool

// has reports whether an address must not be written to.
func (s suppressed) has(a delivery.Address) bool {
	if len(s) == 0 {
		return false
	}
	own, domain := suppressionKeys(a)
	return s[own] || s[domain]
}

// suppressedEntries looks up who of a batch is suppressed.
func (t tx) suppressedEntries(batch []Entry) (suppressed, error) {
	return t.suppressedOf(0, func(yield func(delivery.Address)) {
		for _, e := range batch {
			if e.Skip == nil {
				yield(e.Address)
			}
		}
	})
}

// suppressedSince looks up who of some candidates was suppressed after the
// suppression with the number seen.
func (t tx) suppressedSince(seen int64, found []candidate) (suppressed, error) {
	return t.suppressedOf(seen, func(yield func(delivery.Address)) {
		for _, k := range found {
			yield(k.address)
		}
	})
}

// suppressedOf looks addresses up among the suppressions after the one with the
// number seen; most often there are none.
func (t tx) suppressedOf(seen int64, addresses func(func(delivery.Address))) (suppressed, error) {
	var some bool
	if _, err := t.one([]any{&some}, "SELECT EXISTS (SELECT 1 FROM suppressions WHERE id > ?)", seen); err != nil || !some {
		return nil, err
	}
	var keys []string
	domains := map[string]bool{}
	addresses(func(a delivery.Address) {
		own, domain := suppressionKeys(a)
		keys = append(keys, own)
		if !domains[domain] {
			domains[domain] = true
			keys = append(keys, domain)
		}
	})
	list, err := json.Marshal(keys)
	if err != nil {
		return nil, err
	}
	met := suppressed{}
	err = t.each(func(rows *sql.Rows) error {
		var key string
		err := rows.Scan(&key)
		met[key] = true
		return err
	}, "SELECT key FROM suppressions WHERE key IN (SELECT value FROM json_each(?)) AND id > ?", string(list), seen)
	return met, err
}
