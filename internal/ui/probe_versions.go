package ui

import (
	"fmt"
	"strings"

	"github.com/mailctl/mailctl/pkg/probe"
	"github.com/mailctl/mailctl/pkg/probe/tlsscan"
)

// versions writes what each server takes, where that was asked for.
func (p *probeText) versions(g ProbedGroup) {
	for _, r := range g.Results {
		if len(r.TLSVersions) == 0 {
			continue
		}
		p.text.line("")
		p.text.line("  " + p.text.style.Bold("TLS versions") + p.text.style.Faint("  "+printable(r.Endpoint())))
		for _, outcome := range []tlsscan.Outcome{tlsscan.Accepted, tlsscan.Refused, tlsscan.Unknown} {
			if names := versionsThat(r, outcome); len(names) > 0 {
				p.text.hanging(fmt.Sprintf("  %-10s", outcome), 12, strings.Join(names, ", "))
			}
		}
		for _, v := range r.TLSVersions {
			p.ciphers(v)
		}
	}
}

func versionsThat(r probe.Result, outcome tlsscan.Outcome) []string {
	var names []string
	for _, v := range r.TLSVersions {
		if v.Outcome == outcome {
			names = append(names, v.Version)
		}
	}
	return names
}

// ciphers writes the suites of a version, in the server's order.
func (p *probeText) ciphers(v probe.TLSVersion) {
	if len(v.Ciphers) == 0 {
		return
	}
	order := ""
	if v.ServerOrder != nil && *v.ServerOrder {
		order = ", in the server's order"
	}
	p.text.line("")
	p.text.line("  " + p.text.style.Bold(v.Version) + p.text.style.Faint("  "+Plural(len(v.Ciphers), "cipher suite")+order))
	for _, c := range v.Ciphers {
		text := c.Name
		if len(c.Flaws) > 0 {
			flaws := make([]string, len(c.Flaws))
			for i, f := range c.Flaws {
				flaws[i] = string(f)
			}
			text += " (" + strings.Join(flaws, ", ") + ")"
		}
		p.text.hanging("  "+strengthText(p.text.style, c.Strength)+strings.Repeat(" ", 12-len(c.Strength)), 14, text)
	}
	if len(v.Groups) > 0 {
		p.text.hanging("  "+p.text.style.Faint("groups")+"      ", 14, strings.Join(v.Groups, ", "))
	}
}

func strengthText(style Style, s tlsscan.Strength) string {
	switch s {
	case tlsscan.Strong:
		return style.Good(string(s))
	case tlsscan.Weak:
		return style.Bad(string(s))
	case tlsscan.Acceptable:
	}
	return string(s)
}
