package check

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// ErrUnknownProfile means that there are no rules of a receiver.
var ErrUnknownProfile = errors.New("unknown profile")

//go:embed data/profiles.json
var profileData []byte

// A RuleSet is what one receiver asks of those who send to it.
type RuleSet struct {
	Receiver string         `json:"receiver"`
	Date     string         `json:"date"`   // when the rules were read
	Source   string         `json:"source"` // where the receiver says so
	Rules    []ReceiverRule `json:"rules"`
}

// A ReceiverRule is one thing that a receiver asks for.
type ReceiverRule struct {
	ID    string `json:"id"`
	Needs Need   `json:"needs"`
	Text  string `json:"text"`
}

// RuleSets returns the rules of all receivers. The error says that the embedded
// data is not what it should be.
func RuleSets() ([]RuleSet, error) { return parseRuleSets(profileData) }

func parseRuleSets(data []byte) ([]RuleSet, error) {
	var sets []RuleSet
	if err := json.Unmarshal(data, &sets); err != nil {
		return nil, fmt.Errorf("rules of receivers: %w", err)
	}
	seen := map[string]bool{}
	for _, set := range sets {
		for _, rule := range set.Rules {
			if _, ok := needs()[rule.Needs]; !ok || rule.ID == "" || rule.Text == "" || seen[rule.ID] {
				return nil, fmt.Errorf("rules of receivers: %s: the rule %q is not complete, or not the only one of its name", set.Receiver, rule.ID)
			}
			seen[rule.ID] = true
		}
	}
	return sets, nil
}

// Profiles returns the rules of some receivers, in the order they are named.
// "all" stands for all of them. The error is [ErrUnknownProfile], with a hint.
func Profiles(receivers []string) ([]RuleSet, error) {
	sets, err := RuleSets()
	if err != nil || slices.Contains(receivers, "all") {
		return sets, err
	}
	var names []string
	for _, set := range sets {
		names = append(names, set.Receiver)
	}
	var chosen []RuleSet
	for _, receiver := range receivers {
		i := slices.Index(names, receiver)
		if i < 0 {
			return nil, unknownProfile(receiver, append(names, "all"))
		}
		if !slices.ContainsFunc(chosen, func(s RuleSet) bool { return s.Receiver == receiver }) {
			chosen = append(chosen, sets[i])
		}
	}
	return chosen, nil
}

func unknownProfile(receiver string, names []string) error {
	return delivery.Hint(fmt.Errorf("%w %q", ErrUnknownProfile, receiver), errorHint(unknownWord("profile", receiver, names)))
}

// errorHint returns the first hint of an error.
func errorHint(err error) string {
	for _, hint := range delivery.Hints(err) {
		return hint
	}
	return ""
}

// Judge applies the rules to what was found out about a domain. Rules that are
// not met, or of which that could not be found out, become findings too.
func (s RuleSet) Judge(d Domain) Domain {
	profile := Profile{Receiver: s.Receiver, Date: s.Date}
	d.Findings = slices.Clone(d.Findings)
	for _, rule := range s.Rules {
		status, why := needs()[rule.Needs](d)
		profile.Rules = append(profile.Rules, RuleResult{Rule: rule.ID, Status: status, Text: rule.Text, Why: why, Source: s.Source})
		if f, ok := s.finding(d.Domain, rule, status, why); ok {
			d.Findings = append(d.Findings, f)
		}
	}
	d = Summed(d)
	d.Profiles = append(slices.Clone(d.Profiles), profile)
	return d
}

// finding makes a finding of a rule that is not met or not known to be.
func (s RuleSet) finding(domain string, rule ReceiverRule, status RuleStatus, why string) (Finding, bool) {
	id, told := "profile-unmet", "not met"
	switch status {
	case RulePass, RuleNotCheckable:
		return Finding{}, false
	case RuleUnknown:
		id, told = "profile-unknown", "not known to be met"
	case RuleFail:
	}
	known, ok := RuleOf(id)
	if !ok {
		return Finding{}, false
	}
	return Finding{
		ID: id, Severity: known.Severity, Standard: known.Standard, Subject: domain,
		Message: fmt.Sprintf("the rule %s is %s: %s; %s", rule.ID, told, rule.Text, why),
		Ref:     s.Source,
	}, true
}
