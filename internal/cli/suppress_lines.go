package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// isObjects reports whether a file that begins like this has JSON in it. An address
// may begin with a brace too (RFC 5322 §3.2.3), but not with a brace and a quote.
func isObjects(start []byte) bool {
	inner, brace := bytes.CutPrefix(bytes.TrimSpace(start), []byte("{"))
	return brace && bytes.HasPrefix(bytes.TrimSpace(inner), []byte(`"`))
}

// suppressionObject is an entry as export writes it, with the address also under
// the name that lists have for it. Other fields are passed over.
type suppressionObject struct {
	Address      string          `json:"address"`
	Email        string          `json:"email"`
	Reason       string          `json:"reason"`
	Source       string          `json:"source"`
	Time         string          `json:"time"`
	Suppressions json.RawMessage `json:"suppressions"`
}

// nextObject returns the entry of the next line that is not blank, which is an object
// of JSON, and io.EOF behind the last.
func (r *suppressionReader) nextObject() (ledger.Suppression, error) {
	for {
		r.bounded.left = maxSuppressionLine
		text, err := r.lines.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return ledger.Suppression{}, fileError("read", r.name, err)
		}
		r.line++
		if len(bytes.TrimSpace(text)) > 0 {
			return r.object(text)
		}
		if err != nil {
			return ledger.Suppression{}, io.EOF
		}
	}
}

// object makes an entry of an object.
func (r *suppressionReader) object(text []byte) (ledger.Suppression, error) {
	var o suppressionObject
	if err := json.Unmarshal(text, &o); err != nil {
		return ledger.Suppression{}, r.wrongObject(fmt.Errorf("not an object with an address: %w", err))
	}
	if o.Suppressions != nil {
		return ledger.Suppression{}, r.wrongObject(errors.New("all entries in one object, not one a line"))
	}
	entry := ledger.Suppression{Address: strings.TrimSpace(o.Email), Reason: o.Reason, Source: o.Source}
	if entry.Address == "" {
		entry.Address = strings.TrimSpace(o.Address)
	}
	if entry.Address == "" {
		return entry, r.wrongObject(errors.New("no address"))
	}
	return r.checked(r.line, entry, o.Time)
}

// wrongObject says what is wrong with a line of JSON.
func (r *suppressionReader) wrongObject(err error) error {
	return delivery.Hint(fmt.Errorf("%s:%d: %w; nothing was added", r.name, r.line, err),
		`write one object a line, such as {"address":"anna@example.com"}; suppress export --format jsonl does`)
}
