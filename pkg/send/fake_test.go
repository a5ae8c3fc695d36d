package send

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A memoryStore is a [Store] in memory that checks what it is told.
type memoryStore struct {
	t *testing.T

	mu         sync.Mutex
	recipients []*remembered
	suppressed map[int64]bool
	failAfter  int                     // changes until Record fails; 0 never fails
	slow       func() <-chan time.Time // when Record goes on; nil is at once
	released   []int64
	voids      int // intents that were taken back
}

type remembered struct {
	Recipient
	destination string
	claimed     bool
	intended    bool
	outcome     delivery.Outcome // empty while pending
	due         time.Time
	attempts    []delivery.Attempt
}

var errStore = errors.New("disk is full")

func newMemoryStore(t *testing.T, n int, destination func(i int) string) *memoryStore {
	s := &memoryStore{t: t}
	for i := range n {
		s.recipients = append(s.recipients, &remembered{
			Recipient: Recipient{
				ID: int64(i), Row: i + 1,
				Address: delivery.Address{Local: fmt.Sprintf("u%d", i), Domain: "x.example"},
			},
			destination: destination(i),
		})
	}
	return s
}

func one(int) string { return "relay" }

func (s *memoryStore) Destinations(context.Context) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys []string
	for _, r := range s.recipients {
		if !slices.Contains(keys, r.destination) {
			keys = append(keys, r.destination)
		}
	}
	return keys, nil
}

func (s *memoryStore) Claim(_ context.Context, destination string, n int, dueBy time.Time) ([]Recipient, error) {
	if dueBy.IsZero() {
		dueBy = time.Now()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var claimed []Recipient
	for _, r := range s.recipients {
		due := r.outcome == "" || (r.outcome == delivery.OutcomeDeferred && !r.due.After(dueBy))
		if len(claimed) == n || r.claimed || r.destination != destination || !due {
			continue
		}
		found := r.Recipient
		if found.Suppressed = s.suppressed[r.ID]; found.Suppressed {
			r.outcome = delivery.OutcomeSuppressed
		} else {
			r.claimed = true
		}
		claimed = append(claimed, found)
	}
	return claimed, nil
}

func (s *memoryStore) Suppressed(_ context.Context, r Recipient) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.suppressed[r.ID], nil
}

// suppress puts a recipient on the suppression list.
func (s *memoryStore) suppress(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.suppressed == nil {
		s.suppressed = map[int64]bool{}
	}
	s.suppressed[id] = true
}

func (s *memoryStore) Release(_ context.Context, ids []int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		r := s.recipients[id]
		if !r.claimed {
			s.t.Errorf("recipient %d released, but not claimed", id)
		}
		r.claimed, r.intended = false, false
		s.released = append(s.released, id)
	}
	return nil
}

func (s *memoryStore) NextDue(_ context.Context, destination string) (time.Time, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var next time.Time
	for _, r := range s.recipients {
		if r.destination != destination || r.claimed || r.outcome != delivery.OutcomeDeferred {
			continue
		}
		if next.IsZero() || r.due.Before(next) {
			next = r.due
		}
	}
	return next, !next.IsZero(), nil
}

func (s *memoryStore) Record(_ context.Context, changes []Change) error {
	if s.slow != nil {
		<-s.slow()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failAfter > 0 {
		if s.failAfter -= len(changes); s.failAfter <= 0 {
			return errStore
		}
	}
	for _, c := range changes {
		r := s.recipients[c.Recipient]
		if !r.claimed {
			s.t.Errorf("recipient %d changed, but not claimed", c.Recipient)
		}
		if c.Attempt == nil {
			r.intended = !c.Void
			if c.Void {
				s.voids++
			}
			continue
		}
		r.claimed, r.intended = false, false
		if c.Attempt.Outcome == delivery.OutcomeSuppressed {
			r.outcome = delivery.OutcomeSuppressed
			continue
		}
		r.attempts = append(r.attempts, *c.Attempt)
		r.Attempts++
		r.outcome, r.due = c.Attempt.Outcome, c.NextTry
		if r.First.IsZero() {
			r.First = c.Attempt.Time
		}
	}
	return nil
}

// count returns how many recipients are left in a state; empty is pending.
func (s *memoryStore) count(outcome delivery.Outcome) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.recipients {
		if r.outcome == outcome {
			n++
		}
	}
	return n
}

// An answer is what the fake server says to one try of one message.
type answer struct {
	stage delivery.Stage // where; empty accepts
	reply delivery.Reply // what; zero breaks the connection there
}

func reply(code int, text string) delivery.Reply {
	return delivery.Reply{Code: code, Lines: []string{text}}
}

func result(accepted bool, at delivery.Stage, r delivery.Reply) delivery.Result {
	return delivery.Result{
		Accepted:   accepted,
		Recipients: []delivery.RecipientResult{{Accepted: accepted, Stage: at, Reply: r}},
	}
}

// A fakeServer is a [Transport] that answers as it is told and keeps count.
type fakeServer struct {
	store   *memoryStore
	latency time.Duration // of each reply
	before  time.Duration // how much later the message may follow
	perConn int           // messages until a connection is closed; 0 is never
	answer  func(to delivery.Address, try int) answer
	refuse  func(opens int) error // instead of opening

	mu       sync.Mutex
	opens    int
	now      int // connections open
	most     int // at once
	tries    map[string]int
	accepted map[string]int
	handed   map[int64]bool // whose message was handed over
	times    []time.Time
}

func newFakeServer(store *memoryStore) *fakeServer {
	return &fakeServer{
		store: store,
		answer: func(delivery.Address, int) answer {
			return answer{}
		},
		tries: map[string]int{}, accepted: map[string]int{}, handed: map[int64]bool{},
	}
}

func (f *fakeServer) Open(_ context.Context, destination string) (Conn, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.opens++
	if f.refuse != nil {
		if err := f.refuse(f.opens); err != nil {
			return nil, err
		}
	}
	f.now++
	f.most = max(f.most, f.now)
	return &fakeConn{server: f, host: destination}, nil
}

// A fakeConn is one connection, pipelining by one message.
type fakeConn struct {
	server *fakeServer
	host   string
	begun  []delivery.Mail // whose envelope was sent; the first is the one in hand
	answer answer
	broken bool
	done   int
}

func (c *fakeConn) Host() string { return c.host }
func (c *fakeConn) IP() string   { return "127.0.0.1" }
func (c *fakeConn) TLS() string  { return "" }
func (c *fakeConn) Usable() bool { return !c.broken }

func (c *fakeConn) Check(m *delivery.Mail) error {
	if m.EightBit {
		return &delivery.SessionError{Stage: delivery.StageMail, Err: delivery.ErrNeeds8BitMIME}
	}
	return nil
}

func (c *fakeConn) Close(context.Context) error {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.server.now--
	return nil
}

func (c *fakeConn) Begin(_ context.Context, m delivery.Mail) error {
	c.begun = append(c.begun, m)
	return nil
}

var errBroken = errors.New("connection reset by peer")

// step decides the answer for the message in hand, and returns the result when
// the conversation ends at this stage.
func (c *fakeConn) step(ctx context.Context, at delivery.Stage) (delivery.Result, bool, error) {
	if c.server.latency > 0 {
		select {
		case <-time.After(c.server.latency):
		case <-ctx.Done():
			c.broken = true
			return delivery.Result{}, false, c.fail(at, context.Cause(ctx))
		}
	}
	if c.answer.stage != at {
		return delivery.Result{}, false, nil
	}
	if c.answer.reply.IsZero() {
		c.broken = true
		return delivery.Result{}, false, c.fail(at, errBroken)
	}
	c.broken = c.answer.reply.Code == 421
	return result(false, at, c.answer.reply), true, nil
}

// fail is the error of a connection that broke.
func (c *fakeConn) fail(at delivery.Stage, err error) error {
	if at == delivery.StageMessage {
		err = fmt.Errorf("%w: %w", delivery.ErrOutcomeUnknown, err)
	}
	return &delivery.SessionError{Stage: at, Host: c.host, Err: err}
}

func (c *fakeConn) Ready(ctx context.Context) (delivery.Result, error) {
	to := c.begun[0].Envelope.To[0]
	f := c.server
	if f.perConn > 0 && c.done >= f.perConn {
		c.broken, c.begun = true, c.begun[1:]
		return delivery.Result{}, c.fail(delivery.StageMail, errBroken)
	}
	f.mu.Lock()
	f.tries[to.String()]++
	c.answer = f.answer(to, f.tries[to.String()])
	f.mu.Unlock()
	for _, stage := range []delivery.Stage{delivery.StageMail, delivery.StageRcpt, delivery.StageData} {
		refused, ended, err := c.step(ctx, stage)
		if ended || err != nil {
			c.begun = c.begun[1:]
			return refused, err
		}
		ctx = context.WithoutCancel(ctx)
	}
	if f.before > 0 {
		<-time.After(f.before)
	}
	return result(true, delivery.StageData, reply(354, "go")), nil
}

func (c *fakeConn) Finish(_ context.Context, next *delivery.Mail) error {
	c.server.handedOver(c.begun[0])
	if next != nil {
		c.begun = append(c.begun, *next)
	}
	return nil
}

func (c *fakeConn) Outcome(ctx context.Context) (delivery.Result, error) {
	mail := c.begun[0]
	c.begun = c.begun[1:]
	refused, ended, err := c.step(ctx, delivery.StageMessage)
	if err != nil || ended {
		return refused, err
	}
	f := c.server
	f.mu.Lock()
	defer f.mu.Unlock()
	c.done++
	f.accepted[mail.Envelope.To[0].String()]++
	f.times = append(f.times, time.Now())
	return result(true, delivery.StageMessage, reply(250, "queued")), nil
}

// handedOver checks that the intent was stored before the final dot.
func (f *fakeServer) handedOver(m delivery.Mail) {
	var id int64
	if _, err := fmt.Sscanf(m.Envelope.To[0].Local, "u%d", &id); err != nil {
		f.store.t.Error(err)
	}
	f.store.mu.Lock()
	defer f.store.mu.Unlock()
	if f.store.suppressed[id] {
		f.store.t.Errorf("recipient %d was handed over while suppressed", id)
	}
	if !f.store.recipients[id].intended {
		f.store.t.Errorf("recipient %d was handed over before the intent was stored", id)
	}
	intents := 0
	for _, r := range f.store.recipients {
		if r.intended {
			intents++
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.handed[id] = true
	if intents > 2*f.most {
		f.store.t.Errorf("%d recipients with an intent and no outcome over %d connections", intents, f.most)
	}
}

// A fakeRenderer makes messages of a given size.
type fakeRenderer struct {
	size     int
	eightBit bool
	err      func(Recipient) error
}

func (f fakeRenderer) Render(r Recipient, sevenBit bool) (Message, error) {
	if f.err != nil {
		if err := f.err(r); err != nil {
			return Message{}, err
		}
	}
	return Message{
		ID: fmt.Sprintf("<%d@x.example>", r.ID),
		Mail: delivery.Mail{
			Envelope: delivery.Envelope{To: []delivery.Address{r.Address}},
			Data:     bytes.Repeat([]byte("x"), max(f.size, 1)),
			EightBit: f.eightBit && !sevenBit,
		},
	}, nil
}
