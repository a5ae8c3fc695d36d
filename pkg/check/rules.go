package check

import "slices"

// A Rule is what a finding can be about. The set is closed: every finding has the
// id of one, and what the rule says holds for all findings of that id.
type Rule struct {
	ID       string   `json:"id"`
	Standard Standard `json:"standard"`
	// Severity is that of the findings, unless the case is graver or more harmless
	// than usual.
	Severity Severity `json:"severity"`
	Title    string   `json:"title"`         // what is wrong
	Why      string   `json:"why"`           // what comes of it
	Ref      string   `json:"ref,omitempty"` // such as "RFC 7208 §4.6.4"
}

// Rules returns all rules, in the order of the standards.
func Rules() []Rule { return slices.Concat(ruleTables()...) }

// RuleOf returns the rule of an id.
func RuleOf(id string) (Rule, bool) {
	for _, table := range ruleTables() {
		for _, rule := range table {
			if rule.ID == id {
				return rule, true
			}
		}
	}
	return Rule{}, false
}

func ruleTables() [][]Rule {
	return [][]Rule{
		mxRules[:], addressRules[:], spfRules[:], spfAdvice[:], dkimRules[:], dkimAdvice[:], dmarcRules[:], dmarcAdvice[:],
		mtastsRules[:], tlsrptRules[:], dnssecRules[:], daneRules[:], bimiRules[:], dnsblRules[:], parkedRules[:], okRules[:], policyRules[:],
	}
}
