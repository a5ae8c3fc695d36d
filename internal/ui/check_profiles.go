package ui

import (
	"fmt"
	"strings"

	"github.com/mailctl/mailctl/pkg/check"
)

// profiles writes what each receiver's rules came to.
func (p *checkText) profiles(profiles []check.Profile) {
	for _, profile := range profiles {
		p.line("")
		p.line(fmt.Sprintf("  %s  %s", p.style.Bold(profile.Receiver), p.style.Faint("rules as of "+profile.Date)))
		var unseen []string // reasons
		hidden := map[string][]string{}
		for _, r := range profile.Rules {
			if r.Status == check.RuleNotCheckable {
				if hidden[r.Why] == nil {
					unseen = append(unseen, r.Why)
				}
				hidden[r.Why] = append(hidden[r.Why], strings.TrimPrefix(r.Rule, profile.Receiver+"-"))
				continue
			}
			text := r.Text
			if r.Status != check.RulePass {
				text = joinSentences(r.Text, r.Why)
			}
			p.hanging("  "+ruleText(p.style, r.Status)+strings.Repeat(" ", 9-len(r.Status)), 11, text)
		}
		for _, why := range unseen {
			p.hanging("  "+p.style.Faint("unseen")+"   ", 11, strings.Join(hidden[why], ", ")+": "+why)
		}
	}
}

func joinSentences(a, b string) string {
	if b == "" {
		return a
	}
	return a + ": " + b
}

func ruleText(style Style, s check.RuleStatus) string {
	switch s {
	case check.RulePass:
		return style.Good(string(s))
	case check.RuleFail:
		return style.Bad(string(s))
	case check.RuleUnknown:
		return style.Warn(string(s))
	case check.RuleNotCheckable:
	}
	return string(s)
}
