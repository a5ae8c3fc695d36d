package delivery

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// ErrBadRecording means that a recording of DNS answers cannot be read.
var ErrBadRecording = errors.New("bad recording")

// A recordedAnswer is one line of a recording.
type recordedAnswer struct {
	Name    string          `json:"name"`
	Type    string          `json:"type"`
	Status  LookupStatus    `json:"status"`
	Records []string        `json:"records,omitempty"` // as in a zone file
	Chain   []recordedAlias `json:"chain,omitempty"`
	TTL     int64           `json:"ttl,omitempty"` // seconds
	Zone    string          `json:"zone,omitempty"`
	Secure  bool            `json:"secure,omitempty"`
	Server  string          `json:"server,omitempty"`
	Cause   LookupCause     `json:"cause,omitempty"`
	Error   string          `json:"error,omitempty"`
}

type recordedAlias struct {
	From string `json:"from"`
	To   string `json:"to"`
	TTL  int64  `json:"ttl"`
}

// A Recorder is a resolver that writes down what another one answers, for
// [Replay]: a line of JSON for each question, the first time it is answered.
type Recorder struct {
	next Resolver

	mu   sync.Mutex
	out  io.Writer
	seen map[Question]bool
	err  error
}

// RecordTo returns a resolver that asks next and writes to w. Writes are one line
// each and never at the same time.
func RecordTo(w io.Writer, next Resolver) *Recorder {
	return &Recorder{next: next, out: w, seen: make(map[Question]bool)}
}

// Lookup implements [Resolver].
func (r *Recorder) Lookup(ctx context.Context, name string, qtype uint16) Answer {
	a := r.next.Lookup(ctx, name, qtype)
	if a.Cause == CauseInvalidName || a.Cause == CauseCanceled {
		return a
	}
	line, err := json.Marshal(record(a))
	r.mu.Lock()
	defer r.mu.Unlock()
	q := Question{a.Name, a.Type}
	if r.err != nil || r.seen[q] {
		return a
	}
	r.seen[q] = true
	if err == nil {
		_, err = r.out.Write(append(line, '\n'))
	}
	r.err = err
	return a
}

// Err returns the first error of writing; nothing is written after it.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

func record(a Answer) recordedAnswer {
	line := recordedAnswer{
		Name: a.Name, Type: TypeName(a.Type), Status: a.Status, TTL: int64(a.TTL / time.Second),
		Zone: a.Zone, Secure: a.Secure, Server: a.Server, Cause: a.Cause,
	}
	for _, rr := range a.Records {
		line.Records = append(line.Records, rr.String())
	}
	for _, alias := range a.Chain {
		line.Chain = append(line.Chain, recordedAlias{alias.From, alias.To, int64(alias.TTL / time.Second)})
	}
	if a.Err != nil {
		line.Error = a.Err.Error()
	}
	return line
}

// Replay reads a recording and returns a resolver that answers from it alone.
// Whatever it does not hold is unknown, with the cause [CauseNotRecorded]. Of
// several answers to a question the last one counts. Errors wrap
// [ErrBadRecording] and name the line.
func Replay(r io.Reader) (Resolver, error) {
	const maxLine = 4 << 20
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxLine)
	answers := make(replay)
	for number := 1; lines.Scan(); number++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		a, err := replayed(lines.Bytes())
		if err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrBadRecording, number, err)
		}
		answers[Question{a.Name, a.Type}] = a
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadRecording, err)
	}
	return answers, nil
}

// replayed reads one line.
func replayed(text []byte) (Answer, error) {
	var line recordedAnswer
	if err := json.Unmarshal(text, &line); err != nil {
		return Answer{}, err
	}
	name, err := DNSName(line.Name)
	if err != nil {
		return Answer{}, err
	}
	qtype, ok := parseType(line.Type)
	if !ok {
		return Answer{}, fmt.Errorf("the record type %q is not known", line.Type)
	}
	if !slices.Contains([]LookupStatus{LookupFound, LookupNoName, LookupNoRecord, LookupUnknown}, line.Status) {
		return Answer{}, fmt.Errorf("the status %q is not known", line.Status)
	}
	a := Answer{
		Name: name, Type: qtype, Status: line.Status, TTL: time.Duration(line.TTL) * time.Second,
		Zone: line.Zone, Secure: line.Secure, Server: line.Server, Cause: line.Cause,
	}
	for _, alias := range line.Chain {
		a.Chain = append(a.Chain, Alias{alias.From, alias.To, time.Duration(alias.TTL) * time.Second})
	}
	for _, record := range line.Records {
		rr, err := dns.NewRR(record)
		if err != nil || rr == nil || rr.Header().Rrtype != qtype {
			return Answer{}, fmt.Errorf("the record %q is not valid", record)
		}
		a.Records = append(a.Records, rr)
	}
	if a.Found() == (a.Records == nil) {
		return Answer{}, errors.New("the status and the records contradict each other")
	}
	if a.Unknown() {
		a.Err = errors.New(line.Error)
	}
	return a, nil
}

// parseType reads "MX" or, of types without a name, "TYPE65280" (RFC 3597 §5).
func parseType(name string) (uint16, bool) {
	if qtype, ok := dns.StringToType[name]; ok {
		return qtype, true
	}
	number, ok := strings.CutPrefix(name, "TYPE")
	qtype, err := strconv.ParseUint(number, 10, 16)
	return uint16(qtype), ok && err == nil
}

// A replay answers from a recording.
type replay map[Question]Answer

// Lookup implements [Resolver].
func (r replay) Lookup(ctx context.Context, name string, qtype uint16) Answer {
	ascii, err := DNSName(name)
	if err != nil {
		return unknownAnswer(name, qtype, CauseInvalidName, err)
	}
	if a, ok := r[Question{ascii, qtype}]; ok {
		return a
	}
	return nothing{}.Lookup(ctx, ascii, qtype)
}
