package sink

import (
	"errors"
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// The receiver of a personality that leaves keys out.
const (
	defaultReputation = 0.2
	defaultVolume     = 500
	defaultGrowth     = 3
	defaultHour       = 0.1
	defaultGain       = 0.15
	defaultLoss       = 0.2
	maxGrowth         = 100
)

// readReceiver reads what a personality remembers of clients.
func readReceiver(n *yaml.Node) (*receiver, error) {
	r := &receiver{
		reputation: defaultReputation, volume: defaultVolume, growth: defaultGrowth,
		hour: defaultHour, gain: defaultGain, loss: defaultLoss,
	}
	return r, readMapping(n, receiverFields(r))
}

// receiverFields returns the keys of a receiver.
func receiverFields(r *receiver) []field {
	return []field{
		{"reputation", func(n *yaml.Node) (err error) { r.reputation, err = readShare(n); return err }},
		{"volume", func(n *yaml.Node) (err error) { r.volume, err = readCount(n); return err }},
		{"growth", func(n *yaml.Node) (err error) { r.growth, err = readGrowth(n); return err }},
		{"hour", func(n *yaml.Node) (err error) { r.hour, err = readShare(n); return err }},
		{"gain", func(n *yaml.Node) (err error) { r.gain, err = readShare(n); return err }},
		{"loss", func(n *yaml.Node) (err error) { r.loss, err = readShare(n); return err }},
		{"complaints", func(n *yaml.Node) (err error) { r.complaints, err = readShare(n); return err }},
	}
}

// readGrowth reads a factor above 1.
func readGrowth(n *yaml.Node) (float64, error) {
	text, err := readString(n)
	if err != nil {
		return 0, err
	}
	factor, err := strconv.ParseFloat(text, 64)
	if err != nil || !(factor > 1 && factor <= maxGrowth) { // so that NaN is refused too
		return 0, fmt.Errorf("%q is not a factor above 1 and up to %d", text, maxGrowth)
	}
	return factor, nil
}

// readLimit reads hour or day.
func readLimit(n *yaml.Node) (limit, error) {
	text, err := readString(n)
	if err == nil && limit(text) != limitHour && limit(text) != limitDay {
		err = unknownWord("limit", text, []string{string(limitHour), string(limitDay)})
	}
	return limit(text), err
}

// readReply reads a rule's reply, and what it means for a client that earns it.
func readReply(n *yaml.Node, r *rule) error {
	text, err := readString(n)
	if err != nil {
		return err
	}
	if r.reply, err = parseReply(text); err != nil {
		return err
	}
	r.dead = delivery.Classify(*r.reply, "").Bounce == delivery.BounceHard
	return nil
}

// errNoReceiver means that a rule hangs on what nobody remembers.
var errNoReceiver = errors.New(`no receiver`)

// checkMemory refuses rules about clients in a personality that remembers none.
func (p *Personality) checkMemory() error {
	if p.receiver != nil {
		return nil
	}
	for _, r := range p.rules {
		if r.below > 0 || r.over != "" {
			return delivery.Hint(fmt.Errorf(`rule %q: "below" and "over" need what is remembered of clients: %w`, r.name, errNoReceiver),
				`add "receiver: {}" in front of the rules`)
		}
	}
	return nil
}
