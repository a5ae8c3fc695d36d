package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/internal/ui"

	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// preflightMX looks at what receivers will look at first: what the domains that
// send and sign publish, and the names of the addresses it comes from. Whatever
// makes receivers refuse mail is an error, the rest a warning.
func (m *mailing) preflightMX(ctx context.Context, c *console, x *mxRouter) error {
	var grave []check.Finding
	var mend []string
	var ips []netip.Addr
	for _, source := range x.sources {
		ips = append(ips, source.addr)
	}
	all := m.domainsToCheck(x.resolver, ips)
	for _, domain := range sortedKeys(all) {
		opt, before := all[domain], len(grave)
		for _, f := range check.Check(ctx, domain, opt).Findings {
			switch f.Severity {
			case check.SeverityError:
				grave = append(grave, f)
			case check.SeverityWarning, check.SeverityUnknown:
				c.warn(fmt.Sprintf("%s: %s", f.Subject, f.Message))
			case check.SeverityNotice, check.SeverityOK:
			}
		}
		if len(grave) > before {
			mend = append(mend, checkCommand(domain, opt.Selectors))
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if len(m.s.Send.DKIMKey) == 0 {
		c.warn("the message is not signed (--dkim-key): large receivers want bulk mail signed")
	}
	m.warnOfNames(ctx, c, x)
	return refusePublished(grave, mend)
}

// domainsToCheck returns how to check each domain that mail will speak for, from
// addresses that may be unknown.
func (m *mailing) domainsToCheck(resolver delivery.Resolver, ips []netip.Addr) map[string]check.Options {
	from := m.from.Address.Domain
	all := map[string]check.Options{
		from: {Resolver: resolver, Now: m.env.Now, IPs: ips, Only: []check.Standard{check.StandardSPF, check.StandardDMARC}},
	}
	for i, selector := range m.s.Send.DKIMSelector {
		domain := from
		if n := len(m.s.Send.DKIMDomain); n > 0 {
			domain = strings.ToLower(m.s.Send.DKIMDomain[min(i, n-1)])
		}
		opt, known := all[domain]
		if !known {
			opt = check.Options{Resolver: resolver, Now: m.env.Now}
		}
		if !slices.Contains(opt.Only, check.StandardDKIM) {
			opt.Only = append(opt.Only, check.StandardDKIM)
		}
		opt.Selectors = append(opt.Selectors, selector)
		all[domain] = opt
	}
	return all
}

// warnOfNames warns of addresses whose name does not lead back to them, or is not
// the one in EHLO, which many receivers hold against a sender.
func (m *mailing) warnOfNames(ctx context.Context, c *console, x *mxRouter) {
	if len(x.sources) == 0 && x.options.LocalName == "" {
		c.warn("this machine has no name that others could look up, and greets with its address: give --helo NAME")
	}
	for _, addr := range x.sources.addrs() {
		switch status, text, fix := x.judgeName(ctx, addr); {
		case status == ui.DiagnosisOK:
		case fix == "":
			c.warn(text)
		default:
			c.warn(text + ": " + fix)
		}
	}
}

// judgeName judges the name of an address that mail comes from, and says what
// mends it: one that leads back to the address, and the one in EHLO.
func (x *mxRouter) judgeName(ctx context.Context, addr netip.Addr) (status ui.DiagnosisStatus, text, fix string) {
	helo := cmp.Or(x.options.LocalName, delivery.AddressLiteral(addr))
	name := delivery.LookupAddressName(ctx, x.resolver, addr)
	confirmed := slices.IndexFunc(name.Names, func(h delivery.ReverseHost) bool { return h.Confirmed })
	greeted := slices.ContainsFunc(name.Names, func(h delivery.ReverseHost) bool { return h.Confirmed && strings.EqualFold(h.Name, helo) })
	switch {
	case name.Status == delivery.PTRUnknown:
		return ui.DiagnosisUnknown, fmt.Sprintf("the name of %s could not be looked up", addr), ""
	case name.Status != delivery.PTRConfirmed || confirmed < 0:
		return ui.DiagnosisWarning, fmt.Sprintf("%s has no name that leads back to it (PTR): many receivers refuse mail from there", addr), ""
	case !greeted:
		known := name.Names[confirmed].Name
		return ui.DiagnosisWarning, fmt.Sprintf("%s has the name %s, and greets with %s", addr, known, helo), "give --helo " + known
	default:
		return ui.DiagnosisOK, fmt.Sprintf("%s is %s, and greets so", addr, helo), ""
	}
}

// checkCommand returns the command that says more about a domain.
func checkCommand(domain string, selectors []string) string {
	words := []string{"mailctl check", domain}
	for _, selector := range selectors {
		words = append(words, "--selector", selector)
	}
	return strings.Join(words, " ")
}

// refusePublished makes an error of findings, which commands say more about; nil
// of none.
func refusePublished(grave []check.Finding, mend []string) error {
	if len(grave) == 0 {
		return nil
	}
	var text strings.Builder
	text.WriteString("receivers would refuse this mail, or take it for forged:")
	for _, f := range grave {
		fmt.Fprintf(&text, "\n  %s: %s", f.Subject, f.Message)
	}
	err := delivery.Hint(errors.New(text.String()), "to send all the same, give --skip-preflight")
	for _, command := range slices.Backward(mend) {
		err = delivery.Hint(err, command+" says how to mend it")
	}
	return err
}
