package bounce

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/mailctl/mailctl/pkg/delivery"
)

//go:embed data/marks.json
var marksFile []byte

// A markRow is one row of data/marks.json: phrases by which a message is known.
// Phrases are words in lower case without punctuation. One that ends in "*" may
// go on inside its last word, one that begins with "*" may begin inside its
// first: so are scripts matched that put no spaces between words.
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
	Rows    []markRow   `json:"marks"`
	Reasons []reasonRow `json:"reasons"`
	// Senders are local parts and display names of programs that report.
	Senders []string `json:"senders"`
	// Originals begin the line behind which the message that came back follows.
	Originals []string `json:"originals"`
	// Labels stand before the address of a recipient.
	Labels []string `json:"labels"`
}

// readMarks reads the data file once. It is part of the program, and a test
// reads it too; were it broken, it would be empty.
var readMarks = sync.OnceValue(func() *marks {
	m, _ := parseMarks(marksFile)
	return m
})

func parseMarks(data []byte) (*marks, error) {
	m := &marks{}
	if err := json.Unmarshal(data, m); err != nil {
		return m, fmt.Errorf("data/marks.json: %w", err)
	}
	for i := range m.Rows {
		pad(m.Rows[i].Subject)
		pad(m.Rows[i].Body)
	}
	for i := range m.Reasons {
		pad(m.Reasons[i].Phrases)
	}
	pad(m.Originals)
	return m, nil
}

// pad makes phrases begin and end where words do, except at a "*".
func pad(phrases []string) {
	for i, p := range phrases {
		p, open := strings.CutSuffix(p, "*")
		p, opens := strings.CutPrefix(p, "*")
		if !open {
			p += " "
		}
		if !opens {
			p = " " + p
		}
		phrases[i] = p
	}
}

// contains reports whether one of the phrases is in text, which [words] made.
func contains(text string, phrases []string) bool {
	for _, p := range phrases {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}

// kinds returns what is known from the subject and the body: for each kind,
// whether one of its phrases is there.
func (m *marks) kinds(subject, body string) (bySubject, byBody map[Kind]bool, note Note) {
	bySubject, byBody = map[Kind]bool{}, map[Kind]bool{}
	for _, row := range m.Rows {
		if contains(subject, row.Subject) {
			bySubject[row.Kind] = true
			if note == "" {
				note = row.Note
			}
		}
		if contains(body, row.Body) {
			byBody[row.Kind] = true
		}
	}
	return bySubject, byBody, note
}

// reason returns the first reason that has a phrase in text.
func (m *marks) reason(text string) (delivery.Reason, bool) {
	for _, row := range m.Reasons {
		if contains(text, row.Phrases) {
			return row.Reason, true
		}
	}
	return "", false
}
