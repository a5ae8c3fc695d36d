package check

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dmarc"
)

// maxPolicyOctets bounds a policy file.
const maxPolicyOctets = 8 << 20

// ParsePolicy reads a policy file (YAML). Every key must be known, and every id
// of an ignored finding must be that of a rule. Errors wrap [ErrBadPolicy], name
// the line, and hint at what was meant.
func ParsePolicy(r io.Reader) (*Policy, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxPolicyOctets+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadPolicy, err)
	}
	if len(data) > maxPolicyOctets {
		return nil, fmt.Errorf("%w: it has more than %d octets", ErrBadPolicy, maxPolicyOctets)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadPolicy, err)
	}
	p := &Policy{index: map[string]int{}}
	if len(document.Content) == 0 {
		return nil, delivery.Hint(fmt.Errorf("%w: it is empty", ErrBadPolicy), "start one with --write-policy")
	}
	if err := p.read(document.Content[0]); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadPolicy, err)
	}
	return p, nil
}

func (p *Policy) read(n *yaml.Node) error {
	return readKeys(n, []policyKey{
		{"domains", func(n *yaml.Node) error {
			return readList(n, func(n *yaml.Node) error { return p.readDomain(n) })
		}},
		{"ignore", func(n *yaml.Node) error { return readIgnores(n, &p.Ignore) }},
	})
}

func (p *Policy) readDomain(n *yaml.Node) error {
	d := DomainPolicy{Line: n.Line}
	err := readKeys(n, []policyKey{
		{"domain", func(n *yaml.Node) (err error) {
			d.Line = n.Line
			d.Domain, err = readDomainName(n)
			return err
		}},
		{"mx", func(n *yaml.Node) error { return readNames(n, &d.MX) }},
		{"selectors", func(n *yaml.Node) error { return readNames(n, &d.Selectors) }},
		{"dmarc", func(n *yaml.Node) error { return readDMARC(n, &d.DMARC) }},
		{"spf", func(n *yaml.Node) error {
			return readKeys(n, []policyKey{
				{"includes", func(n *yaml.Node) error { return readNames(n, &d.Includes) }},
				{"lookups", func(n *yaml.Node) error { return readCount(n, &d.Lookups) }},
			})
		}},
		{"ignore", func(n *yaml.Node) error { return readIgnores(n, &d.Ignore) }},
	})
	switch {
	case err != nil:
		return err
	case d.Domain == "":
		return atLine(n, errors.New("the key \"domain\" is missing"))
	case p.For(d.Domain) != nil:
		return atLine(n, fmt.Errorf("the domain %q is there twice", d.Domain))
	}
	p.index[d.Domain] = len(p.Domains)
	p.Domains = append(p.Domains, d)
	return nil
}

func readIgnores(n *yaml.Node, into *[]Ignore) error {
	return readList(n, func(n *yaml.Node) error {
		i := Ignore{Line: n.Line}
		err := readKeys(n, []policyKey{
			{"id", func(n *yaml.Node) (err error) { i.ID, err = readRuleID(n); return err }},
			{"subject", func(n *yaml.Node) (err error) { i.Subject, err = readText(n); return err }},
			{"until", func(n *yaml.Node) (err error) { i.Until, err = readDay(n); return err }},
			{"reason", func(n *yaml.Node) (err error) { i.Reason, err = readText(n); return err }},
		})
		switch {
		case err != nil:
			return err
		case i.ID == "":
			return atLine(n, errors.New(`the key "id" is missing`))
		case i.Until.IsZero():
			return delivery.Hint(atLine(n, errors.New(`the key "until" is missing`)),
				"nothing is ignored for ever: name the last day, such as 2027-03-31")
		case i.Reason == "":
			return delivery.Hint(atLine(n, errors.New(`the key "reason" is missing`)), "say why, for whoever reads the file next")
		}
		*into = append(*into, i)
		return nil
	})
}

func readDMARC(n *yaml.Node, into *Asked[dmarc.Policy]) error {
	text, err := readText(n)
	if err != nil {
		return err
	}
	policies := []string{string(dmarc.PolicyNone), string(dmarc.PolicyQuarantine), string(dmarc.PolicyReject)}
	if !slices.Contains(policies, text) {
		return atLine(n, unknownWord("DMARC policy", text, policies))
	}
	*into = Asked[dmarc.Policy]{dmarc.Policy(text), n.Line}
	return nil
}

func readCount(n *yaml.Node, into *Asked[int]) error {
	text, err := readText(n)
	if err != nil {
		return err
	}
	count, err := strconv.Atoi(text)
	if err != nil || count < 0 {
		return atLine(n, fmt.Errorf("%q is not a number from 0 on", text))
	}
	*into = Asked[int]{count, n.Line}
	return nil
}

func readRuleID(n *yaml.Node) (string, error) {
	id, err := readText(n)
	if err != nil {
		return "", err
	}
	if _, ok := RuleOf(id); ok {
		return id, nil
	}
	var ids []string
	for _, rule := range Rules() {
		ids = append(ids, rule.ID)
	}
	return "", delivery.Hint(atLine(n, unknownWord("finding", id, ids)), "see which there are with: mailctl check --rules")
}

func readDay(n *yaml.Node) (time.Time, error) {
	text, err := readText(n)
	if err != nil {
		return time.Time{}, err
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, atLine(n, fmt.Errorf("%q is not a day such as 2027-03-31", text))
	}
	return day, nil
}
