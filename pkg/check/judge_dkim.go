package check

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery/taglist"
	"github.com/mailctl/mailctl/pkg/dkim"
)

// judgeDKIM judges the keys that were found at the selectors of a domain.
func judgeDKIM(c *collector, f *facts) any {
	d := f.dkim
	for _, l := range d.Unknown {
		c.add(note{id: "dkim-unknown", subject: l.Name, what: whyUnknown(l.Answer)})
	}
	for _, l := range f.dkimNamed {
		if l.Status == dkim.KeyAbsent {
			judgeNoKey(c, l)
		}
	}
	for _, key := range d.Own() {
		if key.Status == dkim.KeyRevoked {
			judgeRevoked(c, f, key.KeyLookup)
		} else {
			judgeKey(c, key.KeyLookup)
		}
	}
	judgeWildcard(c, d)
	switch {
	case len(d.Keys) > 0 || len(d.Unknown) > 0 || len(f.dkimNamed) > 0 || c.has("mx-no-such-domain") || f.parked():
	case d.None():
		c.add(note{id: "dkim-missing", fix: keygenAdvice(d.Domain, "s1")})
	case d.Base.Unknown():
		c.add(note{id: "dkim-unknown", what: whyUnknown(d.Base)})
	default:
		c.add(note{id: "dkim-not-found", what: fmt.Sprintf("no DKIM key is at the %d selectors that were tried", len(d.Tried)), fix: "name the selector that your mail is signed with: --selector <selector>"})
	}
	return dkimRecords(f)
}

// judgeWildcard judges what is at every selector. Other records than keys at every name
// of the domain, such as "v=spf1 -all", are not about DKIM.
func judgeWildcard(c *collector, d *dkim.Discovery) {
	if !d.Control.Answer.Found() || d.AllRevoked() {
		return
	}
	name := d.WildcardName()
	if name == "*."+d.Domain && d.Control.Status == dkim.KeyAbsent {
		return
	}
	published := strings.ReplaceAll(raw(d.Control.Answer), d.Control.Name, name)
	switch chain, keys := d.Control.Answer.Chain, d.Control.Records; {
	case len(chain) > 0:
		published = name + ". CNAME " + chain[0].To + "." // what it leads to may be there for others
	case len(keys) > 0:
		var list []string
		for _, key := range keys {
			list = append(list, txtLine(name, key.Raw))
		}
		published = lines(list...)
	}
	c.add(note{id: "dkim-wildcard", subject: name, record: lines(d.Control.Answer.Texts()...), fix: removal(published)})
}

// judgeRevoked judges a revoked key: the more seriously when somebody named its
// selector as one of those in use.
func judgeRevoked(c *collector, f *facts, l *dkim.KeyLookup) {
	if f.parked() {
		return
	}
	n := note{id: "dkim-revoked", subject: l.Name, what: "the DKIM key at " + l.Name + " is revoked", record: l.Record.Raw}
	if len(f.dkimNamed) > 0 {
		n.severity, n.fix = SeverityWarning, newKeyAdvice(l)
	}
	c.add(n)
}

// keygenAdvice says how to get a key at a selector.
func keygenAdvice(domain, selector string) string {
	return fmt.Sprintf("make a key with `mailctl dkim keygen --domain %s --selector %s --key %s.pem`, publish the record that it prints, and sign with the key", domain, selector, selector)
}

// newKeyAdvice says how to get a key in place of the one at a selector.
func newKeyAdvice(l *dkim.KeyLookup) string {
	return keygenAdvice(l.Domain, nextSelector(l.Selector)) + "; take the record at " + l.Name + " away when no mail signed with it is under way"
}

// nextSelector is another selector: keys are not exchanged in place, since mail
// signed with the old one is under way (RFC 6376 §3.1).
func nextSelector(selector string) string {
	digits := len(selector) - len(strings.TrimRight(selector, "0123456789"))
	if n, err := strconv.Atoi(selector[len(selector)-digits:]); err == nil && digits < 9 {
		return selector[:len(selector)-digits] + strconv.Itoa(n+1)
	}
	return selector + "2"
}

func judgeNoKey(c *collector, l *dkim.KeyLookup) {
	if n := len(l.Answer.Chain); n > 0 {
		target := l.Answer.Target()
		c.add(note{
			id: "dkim-dangling-alias", subject: l.Name, what: fmt.Sprintf("%s is an alias for %s, where there is no DKIM key", l.Name, target),
			fix: "have whoever runs " + target + " publish the key there; or, in place of the alias, " + keygenAdvice(l.Domain, l.Selector),
		})
		return
	}
	c.add(note{
		id: "dkim-selector-missing", subject: l.Name, what: "there is no DKIM key at " + l.Name,
		record: lines(l.Answer.Texts()...), fix: keygenAdvice(l.Domain, l.Selector),
	})
}

// keyRules are the rules of the problems of a record.
var keyRules = [...]struct {
	kind dkim.KeyProblemKind
	id   string
}{
	{dkim.KeyVersion, "dkim-version"},
	{dkim.KeyNoKey, "dkim-no-key"},
	{dkim.KeyRepeatedTag, "dkim-repeated-tag"},
	{dkim.KeyNoValue, "dkim-not-a-tag"},
	{dkim.KeyUnknownType, "dkim-key-type"},
	{dkim.KeyQuotes, "dkim-quotes"},
	{dkim.KeyPEM, "dkim-pem"},
	{dkim.KeyBase64, "dkim-base64"},
	{dkim.KeyPadding, "dkim-base64"},
	{dkim.KeyMalformed, "dkim-malformed-key"},
	{dkim.KeyTooShort, "dkim-key-too-short"},
	{dkim.KeyEd25519ASN1, "dkim-ed25519-asn1"},
	{dkim.KeyTypeMismatch, "dkim-type-mismatch"},
	{dkim.KeyHash, "dkim-hash"},
	{dkim.KeyService, "dkim-service"},
	{dkim.KeyShort, "dkim-short-key"},
	{dkim.KeyLarge, "dkim-large-key"},
	{dkim.KeyPKCS1, "dkim-pkcs1"},
	{dkim.KeyOldHash, "dkim-old-hash"},
	{dkim.KeyHistoricTag, "dkim-syntax"},
	{dkim.KeyUnknownTag, "dkim-syntax"},
	{dkim.KeyTagCase, "dkim-syntax"},
	{dkim.KeyUnknownFlag, "dkim-syntax"},
}

// judgeKey judges what is at one selector.
func judgeKey(c *collector, l *dkim.KeyLookup) {
	switch l.Status {
	case dkim.KeySeveral:
		texts := l.Answer.Texts()
		fix := newKeyAdvice(l)
		if record := kept(l.Records, (*dkim.KeyRecord).Usable); record != nil {
			fix = txtLine(l.Answer.Target(), record.Raw) + "\n; if your servers sign with another one of them, keep that one"
		}
		c.add(note{
			id: "dkim-several-records", subject: l.Name, what: fmt.Sprintf("there are %d DKIM keys at %s", len(l.Records), l.Name), record: lines(texts...), fix: fix,
		})
		return
	case dkim.KeyFound, dkim.KeyUnusable, dkim.KeyRevoked, dkim.KeyAbsent, dkim.KeyUnknown:
	}
	seen := map[string]bool{}
	for i := range keyRules {
		rule := &keyRules[i]
		if l.Record.Has(dkim.KeyQuotes) && rule.kind != dkim.KeyQuotes {
			continue // what else seems wrong comes of them
		}
		if l.Record.Has(rule.kind) && !seen[rule.id] {
			seen[rule.id] = true
			c.add(note{id: rule.id, subject: l.Name, what: keyMessage(rule.id, l), record: l.Record.Raw, fix: keyFix(rule.kind, l)})
		}
	}
	if l.Record.Testing {
		c.add(note{id: "dkim-testing", subject: l.Name, what: keyMessage("dkim-testing", l), record: l.Record.Raw, fix: keyLine(l, withoutFlag(l.Record.Tags, "y"))})
	}
}

// keyMessage is the title of a rule, with the size of the key.
func keyMessage(id string, l *dkim.KeyLookup) string {
	rule, _ := RuleOf(id)
	message := rule.Title
	if l.Record.Bits > 0 && (id == "dkim-short-key" || id == "dkim-key-too-short" || id == "dkim-large-key") {
		message += fmt.Sprintf(" (%d)", l.Record.Bits)
	}
	return message
}

func keyLine(l *dkim.KeyLookup, tags taglist.List) string {
	return txtLine(l.Answer.Target(), tags.String())
}

func dkimRecords(f *facts) DKIMRecords {
	d := f.dkim
	r := DKIMRecords{None: d.None(), Named: len(f.dkimNamed) > 0, Tried: []string{}}
	for _, candidate := range d.Tried {
		r.Tried = append(r.Tried, candidate.Selector)
	}
	for _, l := range d.Unknown {
		r.Unknown = append(r.Unknown, l.Selector)
	}
	for _, key := range d.Keys {
		k := DKIMKey{
			Selector: key.Candidate.Selector, Provider: key.Provider, Status: key.Status, Wildcard: key.Wildcard, Records: key.Answer.Texts(),
		}
		for _, alias := range key.Answer.Chain {
			k.Aliases = append(k.Aliases, alias.To)
		}
		if record := key.Record; record != nil {
			k.Algorithm, k.Bits, k.Testing = record.Algorithm, record.Bits, record.Testing
		}
		r.Keys = append(r.Keys, k)
	}
	return r
}
