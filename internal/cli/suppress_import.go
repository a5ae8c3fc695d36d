package cli

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// importSuppressions adds every address of a file, or none when any line is
// wrong: an address that is passed over is somebody who is written to against
// their will.
func importSuppressions(ctx context.Context, r ledgerRun) (err error) {
	file, err := openSuppressions(r.env, r.args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.close()) }()
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
type suppressionFile struct {
	name    string // for messages
	file    *os.File
	spooled bool // it is a copy, and goes when it is closed
}

// openSuppressions opens a file. What can be read only once is kept in a
// temporary file.
func openSuppressions(env Environment, path string) (*suppressionFile, error) {
	if path == "-" {
		copied, err := spool(env.Stdin)
		if err != nil {
			return nil, fileError("read", "standard input", err)
		}
		return &suppressionFile{name: "standard input", file: copied, spooled: true}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError("read", path, err)
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() {
		return &suppressionFile{name: path, file: f}, nil
	}
	var copied *os.File
	if err == nil {
		copied, err = spool(f)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fileError("read", path, err)
	}
	return &suppressionFile{name: path, file: copied, spooled: true}, nil
}

func (f *suppressionFile) close() error {
	err := f.file.Close()
	if f.spooled {
		err = errors.Join(err, os.Remove(f.file.Name()))
	}
	return err
}

// read reads the file from its start.
func (f *suppressionFile) read() (*suppressionReader, error) {
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return nil, fileError("read", f.name, err)
	}
	text, err := plainText(f.file)
	if err != nil {
		return nil, fileError("read", f.name, err)
	}
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

// plainText undoes gzip (RFC 1952) and UTF-16, and drops a byte order mark.
func plainText(r io.Reader) (*bufio.Reader, error) {
	stored := bufio.NewReader(r)
	if start, _ := stored.Peek(2); bytes.Equal(start, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(stored)
		if err != nil {
			return nil, err
		}
		stored = bufio.NewReader(unzipped)
	}
	return bufio.NewReader(transform.NewReader(stored, unicode.BOMOverride(transform.Nop))), nil
}

// suppressionDelimiter returns what separates the fields of a file that begins
// with the given text: what brings an address or the name of its column about,
// else a comma.
func suppressionDelimiter(start []byte) rune {
	line, _, _ := strings.Cut(strings.TrimSpace(string(start)), "\n")
	for _, delimiter := range ",;\t" {
		table := csv.NewReader(strings.NewReader(line))
		table.Comma, table.LazyQuotes = delimiter, true
		fields, err := table.Read()
		if err != nil {
			continue
		}
		if _, named := addressColumn(fields); named || checkSuppression(strings.TrimSpace(fields[0])) == nil {
			return delimiter
		}
	}
	return ','
}

// addressColumn returns the column that a header names email or address, and
// whether there is one.
func addressColumn(header []string) (int, bool) {
	for _, name := range []string{"email", "address"} {
		if i := columnNamed(header, name); i >= 0 {
			return i, true
		}
	}
	return 0, false
}

// columnNamed returns the index of a column, -1 when there is none.
func columnNamed(header []string, name string) int {
	return slices.IndexFunc(header, func(field string) bool { return strings.EqualFold(strings.TrimSpace(field), name) })
}

// checkSuppression refuses what is neither an address nor "@" and a domain.
func checkSuppression(entry string) error {
	if !utf8.ValidString(entry) || strings.ContainsRune(entry, utf8.RuneError) {
		return fmt.Errorf("invalid address %q: it is not valid text", entry)
	}
	if domain, ok := strings.CutPrefix(entry, "@"); ok {
		if _, err := delivery.ParseAddress("x@" + domain); err != nil {
			return fmt.Errorf("invalid domain %q", entry)
		}
		return nil
	}
	_, err := delivery.ParseAddress(entry)
	return err
}

// A suppressionReader reads entries: addresses one a line, JSON lines, or CSV, whose
// first line may name the columns. Columns are address, reason, source and time, as
// export writes them, unless the first line says otherwise.
type suppressionReader struct {
	name    string
	bounded *boundedReader
	lines   *bufio.Reader // of JSON; nil for CSV
	line    int           // how many of them were read
	table   *csv.Reader
	begun   bool   // the first line was read
	named   bool   // it names a column for addresses
	guessed string // it has no address either, and begins like this

	address, reason, source, time int // columns; -1 for none
}

// next returns the next entry, and io.EOF behind the last. Blank lines are passed
// over. The time is zero when the file does not tell it.
func (r *suppressionReader) next() (ledger.Suppression, error) {
	if r.lines != nil {
		return r.nextObject()
	}
	for {
		r.bounded.left = maxSuppressionLine
		record, err := r.table.Read()
		if errors.Is(err, io.EOF) {
			return ledger.Suppression{}, io.EOF
		}
		if err != nil {
			return ledger.Suppression{}, r.unreadable(err)
		}
		if strings.TrimSpace(strings.Join(record, "")) == "" {
			continue
		}
		if !r.begun && r.header(record) {
			continue
		}
		return r.entry(record)
	}
}

// count reads all entries and returns how many there are.
func (r *suppressionReader) count(ctx context.Context) (int, error) {
	for n := 0; ; n++ {
		_, err := r.next()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return n, err
		}
	}
}

// header finds out what the columns are, and reports whether the first line
// names them: that is when no field has an @.
func (r *suppressionReader) header(record []string) bool {
	r.begun = true
	r.address, r.reason, r.source, r.time = 0, 1, -1, -1
	if slices.ContainsFunc(record, func(field string) bool { return strings.Contains(field, "@") }) {
		return false
	}
	if r.address, r.named = addressColumn(record); !r.named {
		r.guessed = strings.TrimSpace(record[0])
	}
	r.reason = columnNamed(record, "reason")
	source, added := columnNamed(record, "source"), columnNamed(record, "time")
	if r.named && r.reason >= 0 && source >= 0 && added >= 0 { // written by export
		r.source, r.time = source, added
	}
	return true
}

// entry makes an entry of a line.
func (r *suppressionReader) entry(record []string) (ledger.Suppression, error) {
	field := func(column int) string {
		if column < 0 || column >= len(record) {
			return ""
		}
		return strings.TrimSpace(record[column])
	}
	line, _ := r.table.FieldPos(0)
	entry := ledger.Suppression{Address: field(r.address), Reason: field(r.reason), Source: field(r.source)}
	if entry.Address == "" {
		return entry, r.wrong(line, fmt.Errorf("no address in column %d", r.address+1))
	}
	return r.checked(line, entry, field(r.time))
}

// checked returns an entry of a line with its time, and refuses one that cannot be.
func (r *suppressionReader) checked(line int, entry ledger.Suppression, stamp string) (ledger.Suppression, error) {
	if entry.Source == "" {
		entry.Source = "suppress import"
	}
	if err := checkSuppression(entry.Address); err != nil {
		return entry, r.wrong(line, err)
	}
	if stamp == "" {
		return entry, nil
	}
	var err error
	if entry.Time, err = time.Parse(time.RFC3339, stamp); err != nil {
		return entry, r.wrong(line, fmt.Errorf("invalid time %q", stamp))
	}
	return entry, nil
}

// wrong says what is wrong with a line.
func (r *suppressionReader) wrong(line int, err error) error {
	return delivery.Hint(fmt.Errorf("%s:%d: %w; nothing was added", r.name, line, err), hintSuppressions)
}

// unreadable says why a line could not be read.
func (r *suppressionReader) unreadable(err error) error {
	if bad, ok := errors.AsType[*csv.ParseError](err); ok {
		return delivery.Hint(fmt.Errorf("%s:%d: %w; nothing was added", r.name, bad.StartLine, bad.Err),
			"close each quote, and write a quote inside a quoted field twice")
	}
	return fileError("read", r.name, err)
}

// maxSuppressionLine is the most octets of one line.
const maxSuppressionLine = 1 << 20

// A boundedReader reads no further than it is left to.
type boundedReader struct {
	r    io.Reader
	left int
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("a line is longer than %d octets", maxSuppressionLine)
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
