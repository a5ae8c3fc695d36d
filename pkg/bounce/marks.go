package bounce

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/mailctl/mailctl/pkg/delivery"
)

//go:embed data/marks.json
var marksFile []byte

// A markRow is one row of data/marks.json: phrases by which a message is known;
// see [phraseIndex].
type markRow struct {
	// From names the software or the language the phrases are from. It is for
	// whoever reads the file.
	From string `json:"from"`
	// Kind is what the phrases tell.
	Kind Kind `json:"kind"`
	// Note is what they tell of a message that is not a bounce.
	Note    Note     `json:"note"`
	Subject []string `json:"subject"`
	Body    []string `json:"body"`
}

// A reasonRow is a row of phrases by which mail software, not an SMTP server,
// says what is wrong.
type reasonRow struct {
	Reason  delivery.Reason `json:"reason"`
	Phrases []string        `json:"phrases"`
}

// marks hold what the data file says.
type marks struct {
	rows    []markRow
	reasons []reasonRow
	senders []string // local parts and display names of programs that report
	labels  []string // words before the address of a recipient

	complainers []string // like senders, of those who pass complaints on
	contacts    []string // words before an address that is no recipient's

	subject, body, reasonText, originals, remarks, parcels phraseIndex
}

// readMarks reads the data file once. It is part of the program, and a test
// reads it too; were it broken, it would be empty.
var readMarks = sync.OnceValue(func() *marks {
	m, _ := parseMarks(marksFile)
	return m
})

func parseMarks(data []byte) (*marks, error) {
	var file struct {
		Rows      []markRow   `json:"marks"`
		Reasons   []reasonRow `json:"reasons"`
		Senders   []string    `json:"senders"`
		Originals []string    `json:"originals"` // begin the line above the message that came back
		Labels    []string    `json:"labels"`

		Complainers []string `json:"complainers"`
		Contacts    []string `json:"contacts"` // stand before an address that is no recipient's
		Parcels     []string `json:"parcels"`  // what else is delivered

		// Remarks are of what scanners and firms write below every message: sure ones,
		// and those that a refusal may have too.
		Remarks struct {
			Clean   []string `json:"clean"`
			Scanned []string `json:"scanned"`
		} `json:"remarks"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return &marks{}, fmt.Errorf("data/marks.json: %w", err)
	}
	m := &marks{rows: file.Rows, reasons: file.Reasons, senders: file.Senders, labels: file.Labels, contacts: file.Contacts, complainers: file.Complainers}
	for i, row := range m.rows {
		m.subject.add(i, row.Subject)
		m.body.add(i, row.Body)
	}
	for i, row := range m.reasons {
		m.reasonText.add(i, row.Phrases)
	}
	m.originals.add(0, file.Originals)
	m.parcels.add(0, file.Parcels)
	m.remarks.add(sureRemark, file.Remarks.Clean)
	m.remarks.add(sureRemark+1, file.Remarks.Scanned)
	return m, nil
}

// kinds returns what is known from the subject and the body: for each kind,
// whether one of its phrases is there.
func (m *marks) kinds(subject, body string) (bySubject, byBody map[Kind]bool, note Note) {
	bySubject, byBody = map[Kind]bool{}, map[Kind]bool{}
	noted := len(m.rows)
	m.subject.match(subject, func(row, _ int) bool {
		bySubject[m.rows[row].Kind] = true
		if m.rows[row].Note != "" && row < noted {
			note, noted = m.rows[row].Note, row
		}
		return true
	})
	m.body.match(body, func(row, _ int) bool {
		byBody[m.rows[row].Kind] = true
		return true
	})
	return bySubject, byBody, note
}

// tellsOfParcel reports whether text speaks of something to deliver that is no mail.
func (m *marks) tellsOfParcel(text string) bool {
	_, ok := m.parcels.first(text)
	return ok
}

// says reports whether text has a phrase that reports of a kind have.
func (m *marks) says(text string, kind Kind) bool {
	found := false
	m.body.match(text, func(row, _ int) bool {
		found = m.rows[row].Kind == kind
		return !found
	})
	return found
}

// reason returns the first reason that has a phrase in text.
func (m *marks) reason(text string) (delivery.Reason, bool) {
	row, ok := m.reasonText.first(text)
	if !ok {
		return "", false
	}
	return m.reasons[row].Reason, true
}
