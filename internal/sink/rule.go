package sink

import (
	"strconv"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A rule is one entry of a personality.
type rule struct {
	name string // unique within the personality
	at   delivery.Stage

	to, from []pattern     // any of them; none selects everything
	share    float64       // (0, 1]; 0 means all
	first    int           // 0 means any attempt
	wait     time.Duration // 0 means at any time
	after    int           // messages accepted on the connection before it applies
	open     int           // 0, or more than so many connections from the client: the key "connections"
	unsigned bool          // only messages without a DKIM signature
	below    float64       // 0, or only clients whose reputation is lower
	over     limit         // only what is over that limit of the client; empty for all
	hold     time.Duration // how long it goes on applying to the client

	reply  *delivery.Reply // nil says nothing
	least  time.Duration   // shortest delay
	most   time.Duration   // longest delay
	accept bool
	hangUp bool // the key "close"
	dead   bool // the reply says that there is no such mailbox
}

// decides reports whether the rule ends the search for one.
func (r *rule) decides() bool { return r.reply != nil || r.accept || r.hangUp }

// A moment is what rules are tested against.
type moment struct {
	stage       delivery.Stage
	connection  uint64   // its number
	transaction int64    // its number on the connection
	accepted    int64    // messages accepted on the connection so far
	from        string   // from mail on
	to          []string // at rcpt the one in question, from data on all accepted
	ip          string   // the client's address
	open        int      // at connect, its connections with this one
	signed      bool     // at message, whether there is a DKIM signature
}

// A decision is what the rules say about a moment. The zero value says yes.
type decision struct {
	rule  *rule         // nil when no rule decided
	delay time.Duration // of all rules that applied
	to    string        // the recipient the rule applied to, where there is one
}

// refuses reports whether the answer is no.
func (d decision) refuses() bool {
	return d.rule != nil && !d.rule.accept && (d.rule.reply == nil || d.rule.reply.Code/100 != 2)
}

// subjects returns what a rule's chance and memory hang on.
func (m *moment) subjects() []string {
	if hasRecipient(m.stage) {
		return m.to
	}
	subject := strconv.FormatUint(m.connection, 10)
	if m.stage == delivery.StageMail {
		subject += "/" + strconv.FormatInt(m.transaction, 10)
	}
	return []string{subject}
}

// hasRecipient reports whether recipients are known at a stage.
func hasRecipient(at delivery.Stage) bool {
	return at == delivery.StageRcpt || at == delivery.StageData || at == delivery.StageMessage
}

// A judge applies the rules of a personality. It is safe for concurrent use.
type judge struct {
	rules    map[delivery.Stage][]*rule
	seed     uint64
	now      func() time.Time
	attempts *attempts
	clients  *clients // nil when nothing is remembered of them
}

func newJudge(p *Personality, seed uint64, now func() time.Time, remember int) *judge {
	j := &judge{rules: make(map[delivery.Stage][]*rule), seed: seed, now: now, attempts: newAttempts(remember)}
	for _, r := range p.rules {
		j.rules[r.at] = append(j.rules[r.at], r)
	}
	if p.receiver != nil {
		j.clients = newClients(p.receiver, remember)
	}
	return j
}

// decide says what is answered at a moment, and remembers it. A transaction whose
// beginning was not refused comes to its message, or to [judge.abandon].
func (j *judge) decide(m moment) decision {
	d := j.search(m)
	if j.clients != nil {
		j.clients.learn(&m, d, j.complaints(&m), j.now())
	}
	return d
}

// abandon is told of a transaction that ends before its message is decided on.
func (j *judge) abandon(ip string) {
	if j.clients != nil {
		j.clients.abandon(ip, j.now())
	}
}

// complaints returns how many recipients of a message complain about it.
func (j *judge) complaints(m *moment) int {
	n := 0
	if m.stage == delivery.StageMessage && j.clients.receiver.complaints > 0 {
		for _, to := range m.to {
			if fraction(hash(j.seed, "complaint", strings.ToLower(to))) < j.clients.receiver.complaints {
				n++
			}
		}
	}
	return n
}

// search tries the rules of the moment's stage in order.
func (j *judge) search(m moment) decision {
	var d decision
	rules := j.rules[m.stage]
	if len(rules) == 0 {
		return d
	}
	subjects := m.subjects()
	for _, r := range rules {
		subject, ok := j.applies(r, &m, subjects)
		if !ok {
			continue
		}
		d.delay += j.delay(r, subject)
		if r.decides() {
			d.rule = r
			if hasRecipient(m.stage) {
				d.to = subject
			}
			return d
		}
	}
	return d
}

// applies returns the first subject that a rule applies to.
func (j *judge) applies(r *rule, m *moment, subjects []string) (string, bool) {
	switch {
	case m.accepted < int64(r.after), !matchesAny(r.from, m.from),
		r.open > 0 && m.open <= r.open, r.unsigned && m.signed,
		j.clients != nil && !j.clients.applies(r, m, j.now()):
		return "", false
	}
	for _, subject := range subjects {
		if matchesAny(r.to, subject) && j.chosen(r, subject) && j.holds(r, subject) {
			return subject, true
		}
	}
	return "", false
}

// chosen reports whether the rule's share includes the subject.
func (j *judge) chosen(r *rule, subject string) bool {
	return r.share == 0 || fraction(hash(j.seed, r.name, strings.ToLower(subject))) < r.share
}

// holds counts an attempt where the rule limits attempts, and reports whether
// the rule still applies to the subject.
func (j *judge) holds(r *rule, subject string) bool {
	if r.first == 0 && r.wait == 0 {
		return true
	}
	key := hash(j.seed, r.name, strings.ToLower(subject))
	return j.attempts.visit(key, j.now(), func(number int, since time.Duration) bool {
		return number <= r.first || r.wait > 0 && since < r.wait
	})
}

// delay picks a time between the rule's shortest and longest.
func (j *judge) delay(r *rule, subject string) time.Duration {
	if r.most <= r.least {
		return r.least
	}
	part := fraction(hash(j.seed, r.name, "delay", strings.ToLower(subject)))
	return r.least + time.Duration(part*float64(r.most-r.least))
}
