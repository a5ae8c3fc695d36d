package ledger

import "math"

// A recipient's id is the campaign's in the upper half and the row's number in
// the lower half, so that a campaign's recipients are neighbours in list order.
const rowBits = 32

// maxRow is the greatest row number a list may have.
const maxRow = math.MaxUint32

func recipientID(campaign, row int64) int64 { return campaign<<rowBits | row }

func rowOf(id int64) int { return int(id & maxRow) }

// recipientsOf returns the first and the last id a campaign's recipients can
// have.
func recipientsOf(campaign int64) (first, last int64) {
	return recipientID(campaign, 0), recipientID(campaign, maxRow)
}
