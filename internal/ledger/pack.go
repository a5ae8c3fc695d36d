package ledger

import (
	"encoding/binary"
	"fmt"
)

// packIDs writes the recipients of a claim as the differences of their rows, a
// byte or two each.
func packIDs(campaign int64, leases []*lease) []byte {
	packed := make([]byte, 0, 2*len(leases))
	before := recipientID(campaign, 0)
	for _, ls := range leases {
		packed = binary.AppendVarint(packed, ls.id-before)
		before = ls.id
	}
	return packed
}

// unpackIDs reads what packIDs wrote.
func unpackIDs(campaign int64, packed []byte) ([]int64, error) {
	var ids []int64
	first, last := recipientsOf(campaign)
	before := first
	for len(packed) > 0 {
		step, n := binary.Varint(packed)
		id := before + step
		if n <= 0 || id < first || id > last {
			return nil, fmt.Errorf("%w: a claim is not readable", ErrDamaged)
		}
		ids = append(ids, id)
		before, packed = id, packed[n:]
	}
	return ids, nil
}
