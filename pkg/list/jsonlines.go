package list

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// jsonLines reads a list of one JSON object a line.
type jsonLines struct {
	in       *input
	encoding encoding
	opt      Options
	line     []byte // used again for every line
}

// next returns the next row, before its address is read.
func (j *jsonLines) next() (Row, error) {
	for {
		row := Row{Line: j.in.line}
		complete, err := j.readLine()
		if err != nil {
			return Row{}, err
		}
		text := bytes.TrimSpace(j.line)
		switch {
		case !complete:
			row.Problem = &Problem{Kind: KindTooLong, Err: fmt.Errorf("the line is longer than %d octets", j.opt.MaxRow)}
		case len(text) == 0:
			continue
		default:
			j.fill(&row, text)
		}
		return row, nil
	}
}

// readLine reads one line, and reports whether it fits the bounds.
func (j *jsonLines) readLine() (complete bool, err error) {
	j.line = j.line[:0]
	complete = true
	for first := true; ; first = false {
		chunk := j.in.chunk()
		if len(chunk) == 0 {
			if failure := j.in.failure(); first || failure != nil {
				return false, j.in.err
			}
			return complete, nil
		}
		end := bytes.IndexAny(chunk, "\r\n")
		piece := chunk
		if end >= 0 {
			piece = chunk[:end]
		}
		complete = complete && len(j.line)+len(piece) <= j.opt.MaxRow
		if complete {
			j.line = append(j.line, piece...)
		}
		j.in.pos += len(piece)
		if end >= 0 {
			j.in.newline()
			return complete, nil
		}
	}
}

// fill reads the object.
func (j *jsonLines) fill(row *Row, text []byte) {
	if err := j.encoding.check(text); err != nil {
		row.Problem = &Problem{Kind: KindBadEncoding, Err: err}
		return
	}
	fields, err := DecodeFields(text)
	if err != nil {
		row.Problem = &Problem{Kind: KindBadJSON, Err: err}
		if text[0] != '{' {
			row.Problem.Err = delivery.Hint(err, `a list of JSON lines holds one object a line: {"email":"anna@example.com"}`)
		}
		return
	}
	row.Fields = fields
	if row.email, err = column(fields, j.opt.EmailColumn); err != nil {
		row.Problem = &Problem{Kind: KindInvalidAddress, Err: err}
		return
	}
	suppressed, err := column(fields, j.opt.SuppressedColumn)
	if err != nil {
		row.Problem = &Problem{Kind: KindSuppressed, Err: err}
		return
	}
	if suppressed != "" {
		readSuppressed(row, suppressed)
	}
}

// column returns the name a field goes by in this object, "" when it has none.
func column(fields map[string]any, name string) (string, error) {
	if _, ok := fields[name]; ok {
		return name, nil
	}
	found := ""
	for key := range fields {
		if !strings.EqualFold(strings.TrimSpace(key), strings.TrimSpace(name)) {
			continue
		}
		if found != "" {
			return "", fmt.Errorf("two fields are named %q in different letter case", name)
		}
		found = key
	}
	return found, nil
}
