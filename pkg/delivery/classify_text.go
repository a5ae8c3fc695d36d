package delivery

import (
	"errors"
	"fmt"
	"slices"
)

// A textRow is one row of data/text.json: phrases that tell a reason. A row is
// worth more than those below it. The other files of data/text-*.json hold phrases
// of other languages for the same rows.
type textRow struct {
	Reason Reason `json:"reason"`
	// Class, when it is not 0, is the first digit the reply must have, if it has one.
	Class int `json:"class"`
	// At, when it is not empty, are the stages it is about. It says nothing where the
	// stage is not known.
	At []Stage `json:"at"`
	// Codes are enhanced codes, as in a [providerRule]; the reply must have one of
	// them, where there are any.
	Codes []string `json:"codes"`
	// Vague says that the phrases are believed less than an enhanced code that speaks
	// of an address or a mailbox.
	Vague bool `json:"vague"`
	// Coded says that the reply must have a basic code.
	Coded   bool     `json:"coded"`
	Phrases []string `json:"phrases"` // see [phrases]
	// Alone says that phrases of other languages do not belong to this row, but to a
	// later one for the same reason.
	Alone bool `json:"alone"`

	codes []codeRange
}

// sure says how sure a reason is that the words of the row told.
func (row *textRow) sure(class Class) float64 {
	switch {
	case row.Vague:
		return sureVague
	case class == ClassUnknown:
		return sureWords
	default:
		return sureText
	}
}

// A textTable finds the rows of data/text.json whose phrases a text contains.
type textTable struct{ rows []textRow }

// readText reads the table and makes its phrases mean its rows.
func readText(p *phrases) (textTable, error) {
	var t textTable
	err := readData("data/text.json", &t.rows)
	for i := range t.rows {
		row := &t.rows[i]
		codes, codesErr := parseCodeRanges(row.Codes)
		row.codes = codes
		err = errors.Join(err, codesErr, p.addAll(row.Phrases, i))
	}
	for _, name := range dataNames("text-*.json") {
		var rows []textRow
		err = errors.Join(err, readData(name, &rows))
		for _, row := range rows {
			i := slices.IndexFunc(t.rows, func(r textRow) bool { return r.Reason == row.Reason && r.Class == row.Class && !r.Alone })
			if i < 0 {
				err = errors.Join(err, fmt.Errorf("%s: data/text.json has no row for %q and class %d", name, row.Reason, row.Class))
				continue
			}
			err = errors.Join(err, p.addAll(row.Phrases, i))
		}
	}
	return t, err
}

// match finds the first of rows that is one of the table's and about the reply, nil
// when there is none.
func (t *textTable) match(r Reply, rows []int, class Class, at Stage) *textRow {
	best := len(t.rows)
	for _, row := range rows {
		if row < best && t.rows[row].fits(r, class, at) {
			best = row
		}
	}
	if best == len(t.rows) {
		return nil
	}
	return &t.rows[best]
}

// fits reports whether a row is about a reply of a class at a stage.
func (row *textRow) fits(r Reply, class Class, at Stage) bool {
	if len(row.codes) > 0 && !anyContains(row.codes, r.Enhanced) {
		return false
	}
	if row.Coded && r.Code == 0 || len(row.At) > 0 && !slices.Contains(row.At, at) {
		return false
	}
	switch row.Class {
	case 4:
		return class != ClassPermanent
	case 5:
		return class != ClassTemporary
	}
	return true
}
