package maillog

import (
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// What a [Judge] remembers: verdicts, the octets of a reply it remembers one for,
// and which providers servers belong to.
const (
	maxVerdicts   = 4096
	maxRemembered = 1024
	maxHosts      = 16384
)

// A Judge says what events mean. It remembers verdicts, since few replies differ
// in more than addresses and queue ids; it forgets all when there are too many. It
// is not for concurrent use.
type Judge struct {
	verdicts  map[string]delivery.Verdict
	hosts     map[string]string // providers by the end of a server's name
	delivered delivery.Verdict
	key       []byte
}

// NewJudge returns a judge that remembers nothing yet.
func NewJudge() *Judge {
	return &Judge{
		verdicts:  map[string]delivery.Verdict{},
		hosts:     map[string]string{},
		delivered: delivery.Classify(delivery.Reply{Code: 250}, ""),
	}
}

// Verdict returns what [delivery.ClassifyFrom] says about an event. The recipient's
// domain tells the provider where it can, else the server's name.
func (j *Judge) Verdict(e Event) delivery.Verdict {
	provider, host := j.whose(e)
	if e.Outcome == OutcomeDelivered || e.Outcome == OutcomeDeliverable {
		v := j.delivered
		v.Provider = provider
		return v
	}
	j.remember(e, provider)
	if v, ok := j.verdicts[string(j.key)]; ok {
		return v
	}
	v := delivery.ClassifyFrom(judged(e), e.Stage, host)
	if v.Provider == "" {
		v.Provider = provider
	}
	if len(e.Text) <= maxRemembered {
		if len(j.verdicts) == maxVerdicts {
			clear(j.verdicts)
		}
		j.verdicts[string(j.key)] = v
	}
	return v
}

// Provider returns the provider whose mailbox an event is about, "" when it cannot
// be told. Other than a verdict's it does not depend on what was said.
func (j *Judge) Provider(e Event) string {
	provider, _ := j.whose(e)
	return provider
}

// whose returns a provider, and the name by which it was told.
func (j *Judge) whose(e Event) (provider, host string) {
	domain := domainOf(e.Recipient)
	if provider := delivery.Provider(domain); provider != "" {
		return provider, domain
	}
	return j.provider(e.Host), e.Host
}

// provider returns the provider that a server belongs to, "" when none is known. It
// is the one that a refusal without words would be laid to.
func (j *Judge) provider(host string) string {
	name := lastLabels(host)
	provider, ok := j.hosts[name]
	if !ok {
		provider = delivery.ClassifyFrom(delivery.Reply{Code: 550}, "", host).Provider
		if len(j.hosts) == maxHosts {
			clear(j.hosts)
		}
		j.hosts[strings.Clone(name)] = provider
	}
	return provider
}

// Dead reports whether an event means that its recipient is never to be written to
// again: the message was given up, for a lasting reason that lies with the address.
func Dead(e Event, v delivery.Verdict) bool {
	return e.Outcome == OutcomeBounced && v.Bounce == delivery.BounceHard
}

// judged returns the reply that an event is judged by: words without a code have
// the severity of the outcome.
func judged(e Event) delivery.Reply {
	if e.Outcome == OutcomeExpired {
		return delivery.Reply{Enhanced: delivery.EnhancedCode{Class: 5, Subject: 4, Detail: 7}} // RFC 3463 §3.5
	}
	reply := e.Reply()
	if e.MTA == Sendmail && e.Text == "User unknown" && !strings.HasPrefix(e.Status, "5.1.") && e.Status != "5.0.0" {
		reply.Lines = nil // Sendmail's words for any refusal of RCPT: what the server meant is in the code
	}
	if reply.Code == 0 && reply.Enhanced.IsZero() {
		reply.Enhanced.Class = 4
		if e.Outcome != OutcomeDeferred {
			reply.Enhanced.Class = 5
		}
	}
	return reply
}

// remember makes the key of an event: all that its verdict can hang on.
func (j *Judge) remember(e Event, provider string) {
	j.key = append(j.key[:0], provider...)
	j.key = append(j.key, 0, e.MTA[0], e.Outcome[0])
	j.key = append(j.key, e.Stage...)
	j.key = append(j.key, 0)
	j.key = append(j.key, e.Status...)
	for word := range strings.SplitSeq(e.Text[:min(len(e.Text), maxRemembered+1)], " ") {
		j.key = append(j.key, ' ')
		if isVariable(word) {
			word = "#"
		}
		j.key = append(j.key, word...)
	}
}

// lastLabels returns the last three labels of a name, by which the servers of a
// provider are alike: protection.outlook.com.
func lastLabels(host string) string {
	for i, dots := len(host)-1, 0; i >= 0; i-- {
		if host[i] != '.' {
			continue
		}
		if dots++; dots == 3 {
			return host[i+1:]
		}
	}
	return host
}

// isVariable reports whether a word differs from reply to reply without meaning: an
// address, or something long with digits in it such as a queue id. What providers
// number their rules with is shorter, and a link may name the rule.
func isVariable(word string) bool {
	const long = 16
	switch {
	case strings.Contains(word, "://"):
		return false
	case strings.IndexByte(word, '@') > 0:
		return true
	}
	return len(word) >= long && strings.ContainsAny(word, "0123456789")
}

// domainOf returns the domain of a recipient in lower case, and "" for a local one.
func domainOf(recipient string) string {
	i := strings.LastIndexByte(recipient, '@')
	if i < 0 {
		return ""
	}
	return strings.ToLower(strings.TrimSuffix(recipient[i+1:], "."))
}
