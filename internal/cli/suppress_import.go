package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// importSuppressions adds every address of a file, or none when any line is
// wrong: an address that is passed over is somebody who is written to against
// their will.
func importSuppressions(ctx context.Context, r ledgerRun) (err error) {
	kept, err := keep(r.env, "read", r.args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.close()) }()
	file := suppressionFile{kept}
	checked, err := file.read()
	if err != nil {
		return err
	}
	read, err := checked.count(ctx)
	if err != nil {
		return err
	}
	if read == 0 && !checked.named {
		return delivery.Hint(fmt.Errorf("%s: no address in it", file.name), hintSuppressions)
	}
	if checked.guessed != "" {
		fmt.Fprintf(r.env.Stderr, "%s: the first line, %q, is taken for names of columns\n", file.name, checked.guessed)
	}
	good, err := file.read()
	if err != nil {
		return err
	}
	added, err := r.ledger.Suppressions().Import(ctx, func() (ledger.Suppression, error) {
		entry, err := good.next()
		if entry.Time.IsZero() {
			entry.Time = r.env.Now()
		}
		return entry, err
	})
	if err != nil {
		return err
	}
	return reportSuppressed(r, suppressedLine{Added: &added}, read)
}

const hintSuppressions = "write one address or @domain a line, CSV whose first line names the column email or address, or JSON lines with that field"

// A suppressionFile is a file to import, ready to be read twice.
type suppressionFile struct{ keptFile }

// read reads the file from its start.
func (f suppressionFile) read() (*suppressionReader, error) {
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return nil, fileError("read", f.name, err)
	}
	stored, err := unpacked(f.file, "suppress import")
	if err != nil {
		return nil, fileError("read", f.name, err)
	}
	text := bufio.NewReader(transform.NewReader(stored, unicode.BOMOverride(transform.Nop))) // from UTF-16 too
	bounded := &boundedReader{r: text}
	start, _ := text.Peek(text.Size()) // what is wrong with it shows when it is read
	if bytes.HasPrefix(bytes.TrimSpace(start), []byte("[")) {
		return nil, delivery.Hint(fmt.Errorf("%s: it is a JSON array; nothing was added", f.name),
			"write one object a line: jq -c '.[]' list.json > list.jsonl")
	}
	if isObjects(start) {
		return &suppressionReader{name: f.name, bounded: bounded, lines: bufio.NewReader(bounded)}, nil
	}
	table := csv.NewReader(bounded)
	table.Comma = suppressionDelimiter(start)
	table.FieldsPerRecord, table.ReuseRecord, table.TrimLeadingSpace = -1, true, table.Comma != '\t'
	return &suppressionReader{name: f.name, bounded: bounded, table: table}, nil
}
