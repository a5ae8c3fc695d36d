package bounce

import (
	"regexp"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// namePattern finds a line that begins with a name and has nothing but a reason behind
// it, well apart.
var namePattern = regexp.MustCompile(`^\s*<?([A-Za-z0-9][\w.+-]{1,63})>?(?:\s*$|\s{2,}|\t|\s*\(|\.\.\.|:\s)`)

// nameless finds the recipients that a system lists by their names alone, since they
// are its own users: "could not be delivered to the following recipients:", and below
// "anna". They are of the domain to which the message that came back was sent, else of
// the organization that reports.
func (m *message) nameless(to []delivery.Address) []entry {
	domain := m.reportingDomain()
	listed := false
	return collectEntries(m.human, func(line string) []delivery.Address {
		text := strings.TrimSpace(line)
		switch {
		case m.headsList(text):
			listed = true
			return nil
		case text == "" || !listed:
			return nil
		}
		name := namePattern.FindStringSubmatch(text)
		if listed = name != nil && !strings.Contains(text, "@") && !quotesField(text); !listed {
			return nil
		}
		if a := ofName(name[1], to, domain); !a.IsZero() {
			return []delivery.Address{a}
		}
		return nil
	})
}

// ofName returns the address of a name without a domain: that of one to whom the message
// was sent, else one of the organization that reports.
func ofName(name string, to []delivery.Address, domain string) delivery.Address {
	for _, a := range to {
		if strings.EqualFold(a.Local, name) {
			return a
		}
	}
	return parseLoose(name + "@" + domain)
}

// constructedLine ends the line with which Exim heads recipients that are no addresses.
const constructedLine = "constructed:"

// headsList reports whether a line says that failed recipients are listed below.
func (m *message) headsList(line string) bool {
	if !strings.HasSuffix(strings.TrimRight(line, " -"), ":") {
		return false
	}
	if strings.HasSuffix(line, constructedLine) {
		return true
	}
	said := words(line)
	for _, other := range []string{" reason", " error", " following subject", " following message"} {
		if strings.Contains(said, other) {
			return false
		}
	}
	return strings.Contains(said, " following") && m.marks.says(said, KindBounce)
}

// reportingDomain returns the domain of the organization that reports; empty when the
// message does not say.
func (m *message) reportingDomain() string {
	for _, s := range findAddresses(m.header.get("From")) {
		if domain, err := publicsuffix.EffectiveTLDPlusOne(parseLoose(s).Domain); err == nil {
			return domain
		}
	}
	return ""
}
