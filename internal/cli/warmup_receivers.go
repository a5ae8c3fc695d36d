package cli

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/mailctl/mailctl/internal/sink"
	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/warmup"
)

// A playedReceiver is a personality that stands for a provider in a simulation.
// It never hears of a server: it is the model behind one.
type playedReceiver struct {
	model    *sink.Model
	provider string
}

// Try is part of [warmup.Receiver]. What the reply means is judged as in a
// mailing.
func (r *playedReceiver) Try(now time.Time, recipient int) (warmup.Answer, bool) {
	to := "user" + strconv.Itoa(recipient) + "@" + r.provider + ".example"
	stage, reply := r.model.Deliver(now, "news@acme.example", to)
	if reply.Code/100 == 2 {
		return warmup.Taken, r.model.Complains(to)
	}
	return answerOf(delivery.Classify(reply, stage)), false
}

// answerOf says what a refusal is to the sender of a simulation.
func answerOf(v delivery.Verdict) warmup.Answer {
	switch {
	case v.Bounce == delivery.BounceHard:
		return warmup.NoMailbox
	case v.Class == delivery.ClassPermanent:
		return warmup.Refused
	case v.Scope == delivery.ScopeRecipient || v.Reason == delivery.ReasonGreylisted:
		return warmup.PutOff
	default:
		return warmup.SlowDown
	}
}

// simulatedClient is the address that a simulation sends from, one of those that
// RFC 5737 keeps for examples.
const simulatedClient = "192.0.2.25"

// choosePersonalities returns which personality stands for which provider.
// Choices are NAME for all of them and PROVIDER=NAME for one. Otherwise a
// provider is played by the personality of its name, Microsoft 365 by its
// sibling, which distrusts strangers as it does, and the rest by one that is fair.
func choosePersonalities(providers, choices []string) (map[string]*sink.Personality, error) {
	names := map[string]string{}
	for _, provider := range providers {
		names[provider] = "realistic"
		for _, own := range sink.Names() {
			if own == provider {
				names[provider] = own
			}
		}
		if provider == "microsoft365" {
			names[provider] = "outlook"
		}
	}
	for _, choice := range choices {
		provider, name, one := strings.Cut(choice, "=")
		if !one {
			for _, p := range providers {
				names[p] = choice
			}
			continue
		}
		if names[provider] == "" {
			return nil, delivery.Hint(fmt.Errorf("invalid --personality %q: the plan has no provider %q", choice, provider),
				"its providers are: "+strings.Join(providers, ", "))
		}
		names[provider] = name
	}
	chosen := map[string]*sink.Personality{}
	for provider, name := range names {
		p, err := sink.ParsePersonality(name, readPersonality)
		if err != nil {
			return nil, fmt.Errorf("--personality: %w", err)
		}
		chosen[provider] = p
	}
	return chosen, nil
}

// receivers are the models of a run, by provider.
type receivers map[string]*playedReceiver

// newReceivers returns models that know nobody yet.
func newReceivers(personalities map[string]*sink.Personality, seed uint64) receivers {
	all := receivers{}
	for provider, p := range personalities {
		all[provider] = &playedReceiver{sink.NewModel(p, seed, simulatedClient), provider}
	}
	return all
}

// forPlay returns them as a simulation takes them.
func (r receivers) forPlay() map[string]warmup.Receiver {
	all := map[string]warmup.Receiver{}
	for provider, receiver := range r {
		all[provider] = receiver
	}
	return all
}

// opinions returns what those that remember the sender think of it.
func (r receivers) opinions() map[string]ui.WarmupReceiver {
	all := map[string]ui.WarmupReceiver{}
	for provider, receiver := range r {
		if reputation, takes := receiver.model.Reputation(); takes > 0 {
			all[provider] = ui.WarmupReceiver{Reputation: math.Round(reputation*1000) / 1000, Takes: int(takes)}
		}
	}
	return all
}
