package sink

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// maxDelay is the longest delay a rule may ask for; RFC 5321 §4.5.3.2 lets a
// client wait longer than that only for the reply to the final dot.
const maxDelay = 10 * time.Minute

// stages are those a rule can be at, in the order of a conversation.
func stages() []string {
	return []string{
		string(delivery.StageConnect), string(delivery.StageHello), string(delivery.StageMail),
		string(delivery.StageRcpt), string(delivery.StageData), string(delivery.StageMessage),
	}
}

// personalityFields returns the keys of a personality file.
func personalityFields(p *Personality) []field {
	return []field{
		{"about", func(n *yaml.Node) (err error) { p.About, err = readString(n); return err }},
		{"host", func(n *yaml.Node) (err error) { p.host, err = readHost(n); return err }},
		{"max_size", func(n *yaml.Node) (err error) { p.maxSize, err = readCount(n); return err }},
		{"max_recipients", func(n *yaml.Node) (err error) { p.maxRecipients, err = readCount(n); return err }},
		{"receiver", func(n *yaml.Node) (err error) { p.receiver, err = readReceiver(n); return err }},
		{"rules", func(n *yaml.Node) error { return readRules(n, p) }},
	}
}

// readRules reads the list of rules.
func readRules(n *yaml.Node, p *Personality) error {
	if n.Kind != yaml.SequenceNode {
		return errors.New("expected a list of rules")
	}
	if len(n.Content) > maxRules {
		return errRules
	}
	names := make(map[string]bool)
	for i, item := range n.Content {
		r := &rule{}
		if err := readMapping(item, ruleFields(r)); err != nil {
			return err
		}
		if r.name == "" {
			r.name = fmt.Sprintf("rule-%d", i+1)
		}
		if names[r.name] {
			return at(item, fmt.Errorf("two rules are called %q", r.name))
		}
		names[r.name] = true
		if err := r.check(); err != nil {
			return at(item, fmt.Errorf("rule %q: %w", r.name, err))
		}
		p.rules = append(p.rules, r)
	}
	return nil
}

// ruleFields returns the keys of a rule.
func ruleFields(r *rule) []field {
	return []field{
		{"name", func(n *yaml.Node) (err error) { r.name, err = readName(n); return err }},
		{"at", func(n *yaml.Node) (err error) { r.at, err = readStage(n); return err }},
		{"to", func(n *yaml.Node) (err error) { r.to, err = readPatterns(n); return err }},
		{"from", func(n *yaml.Node) (err error) { r.from, err = readPatterns(n); return err }},
		{"share", func(n *yaml.Node) (err error) { r.share, err = readShare(n); return err }},
		{"first", func(n *yaml.Node) (err error) { r.first, err = readCount(n); return err }},
		{"wait", func(n *yaml.Node) (err error) { r.wait, err = readDuration(n, math.MaxInt64); return err }},
		{"after", func(n *yaml.Node) (err error) { r.after, err = readCount(n); return err }},
		{"connections", func(n *yaml.Node) (err error) { r.open, err = readCount(n); return err }},
		{"unsigned", func(n *yaml.Node) (err error) { r.unsigned, err = readBool(n); return err }},
		{"below", func(n *yaml.Node) (err error) { r.below, err = readShare(n); return err }},
		{"over", func(n *yaml.Node) (err error) { r.over, err = readLimit(n); return err }},
		{"hold", func(n *yaml.Node) (err error) { r.hold, err = readDuration(n, math.MaxInt64); return err }},
		{"reply", func(n *yaml.Node) error { return readReply(n, r) }},
		{"delay", func(n *yaml.Node) (err error) { r.least, r.most, err = readDelay(n); return err }},
		{"accept", func(n *yaml.Node) (err error) { r.accept, err = readBool(n); return err }},
		{"close", func(n *yaml.Node) (err error) { r.hangUp, err = readBool(n); return err }},
	}
}

// readHost reads a name for the greeting.
func readHost(n *yaml.Node) (string, error) {
	text, err := readString(n)
	if err == nil && (text == "" || len(text) > 255 || strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' })) {
		err = fmt.Errorf("%q is not a host name", text)
	}
	return text, err
}

// readName reads a rule's name.
func readName(n *yaml.Node) (string, error) {
	text, err := readString(n)
	if err == nil && (text == "" || len(text) > 64 || strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c == 0x7f })) {
		err = fmt.Errorf("%q is not a name of 1 to 64 printable characters", text)
	}
	return text, err
}

// readStage reads the stage a rule is at.
func readStage(n *yaml.Node) (delivery.Stage, error) {
	text, err := readString(n)
	if err == nil && !slices.Contains(stages(), text) {
		err = unknownWord("stage", text, stages())
	}
	return delivery.Stage(text), err
}

// readPatterns reads a pattern or a list of them.
func readPatterns(n *yaml.Node) ([]pattern, error) {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	var all []pattern
	for _, item := range items {
		text, err := readString(resolve(item))
		if err != nil {
			return nil, err
		}
		p, err := parsePattern(text)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	if len(all) == 0 {
		return nil, errors.New("expected at least one pattern")
	}
	return all, nil
}

// readShare reads 0.02 or 2%.
func readShare(n *yaml.Node) (float64, error) {
	text, err := readString(n)
	if err != nil {
		return 0, err
	}
	digits, percent := strings.CutSuffix(text, "%")
	share, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if percent {
		share /= 100
	}
	if err != nil || !(share > 0 && share <= 1) { // so that NaN is refused too
		return 0, fmt.Errorf("%q is not a share above 0 and up to 1, such as 0.02 or 2%%", text)
	}
	return share, nil
}

// readDelay reads 300ms or 200ms..2s.
func readDelay(n *yaml.Node) (least, most time.Duration, err error) {
	text, err := readString(n)
	if err != nil {
		return 0, 0, err
	}
	from, to, isRange := strings.Cut(text, "..")
	if !isRange {
		to = from
	}
	least, err = parseDuration(from, maxDelay)
	if err != nil {
		return 0, 0, err
	}
	most, err = parseDuration(to, maxDelay)
	if err == nil && most < least {
		err = fmt.Errorf("delay %q ends before it begins", text)
	}
	return least, most, err
}

// readDuration reads a time above 0.
func readDuration(n *yaml.Node, limit time.Duration) (time.Duration, error) {
	text, err := readString(n)
	if err != nil {
		return 0, err
	}
	return parseDuration(text, limit)
}

// parseDuration reads a time above 0 and up to the limit.
func parseDuration(text string, limit time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(strings.TrimSpace(text))
	switch {
	case err != nil || d <= 0:
		return 0, fmt.Errorf("%q is not a time such as 200ms, 5s or 10m", text)
	case d > limit:
		return 0, fmt.Errorf("%q is more than %v", text, limit)
	}
	return d, nil
}

// check refuses keys that mean nothing together.
func (r *rule) check() error {
	recipient, message := hasRecipient(r.at), r.at == delivery.StageMessage
	positive := r.reply != nil && r.reply.Code/100 == 2
	switch {
	case r.at == "":
		return delivery.Hint(errors.New(`no stage`), `add "at:" with one of: `+strings.Join(stages(), ", "))
	case !r.decides() && r.most == 0:
		return delivery.Hint(errors.New("it does nothing"), `add "reply:", "delay:", "accept:" or "close:"`)
	case !recipient && (r.to != nil || r.first > 0 || r.wait > 0):
		return fmt.Errorf(`"to", "first" and "wait" need a recipient, which is not known at %s`, r.at)
	case !recipient && r.at != delivery.StageMail && (r.from != nil || r.after > 0):
		return fmt.Errorf(`"from" and "after" need a message, which has not begun at %s`, r.at)
	case r.open > 0 && r.at != delivery.StageConnect:
		return errors.New(`"connections" has a meaning only at connect`)
	case r.unsigned && !message:
		return errors.New(`"unsigned" has a meaning only at message`)
	case r.hold > 0 && r.over == "":
		return errors.New(`"hold" has a meaning only with "over"`)
	case r.first > 0 && r.wait > 0:
		return errors.New(`"first" and "wait" exclude each other`)
	case positive && (!message || r.reply.Code != 250):
		return errors.New(`the only positive reply a rule can give is a 250 at message`)
	case r.reply != nil && r.reply.Code/100 == 3:
		return errors.New(`a 3yz reply refuses nothing`)
	case r.accept && r.reply != nil && !positive:
		return errors.New(`it accepts and refuses at once`)
	case positive && r.hangUp:
		return errors.New(`a connection that ends after keeping a message gives no reply: say "accept" and "close"`)
	case r.accept && r.hangUp && !message:
		return errors.New(`"accept" with "close" has a meaning only at message`)
	}
	return nil
}
