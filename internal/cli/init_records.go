package cli

import (
	"fmt"
	"net/netip"
	"strings"
)

// spfOfRelays are what the providers of relays ask their customers to include,
// by the end of the relay's name. Each is the name in the provider's own manual.
var spfOfRelays = []struct{ suffix, include string }{
	{"amazonaws.com", "amazonses.com"},
	{"mailgun.org", "mailgun.org"},
	{"sendgrid.net", "sendgrid.net"},
	{"gmail.com", "_spf.google.com"},
	{"google.com", "_spf.google.com"},
	{"office365.com", "spf.protection.outlook.com"},
	{"mailjet.com", "spf.mailjet.com"},
	{"brevo.com", "spf.brevo.com"},
	{"postmarkapp.com", "spf.mtasv.net"},
	{"sparkpostmail.com", "sparkpostmail.com"},
}

// relaySignsWhy says why mailctl must not sign what leaves by Amazon SES
// (Amazon SES Developer Guide, "Header fields in Amazon SES").
const relaySignsWhy = "Amazon SES sets Date and Message-ID anew, and has to sign itself."

// relaySigns reports whether the relay changes what a signature covers.
func (st *firstMailing) relaySigns() bool {
	return st.via.kind == viaRelay && strings.HasSuffix("."+st.via.relay.Host, ".amazonaws.com")
}

// records returns what the sender's domain has to publish, as a zone file.
// The key is its DKIM record, which does not count when the relay signs.
func (st *firstMailing) records(key string) string {
	domain := st.from.Address.Domain
	var b strings.Builder
	fmt.Fprintf(&b, "; SPF: who may send for %s. There can be only one such record:\n", domain)
	fmt.Fprintf(&b, "; where there is one already, add \"%s\" to it.\n", st.spfTerm())
	fmt.Fprintf(&b, "%s. 3600 IN TXT \"v=spf1 %s ~all\"\n\n", domain, st.spfTerm())
	if st.key == "" {
		fmt.Fprintf(&b, "; DKIM: %s\n; Publish the CNAME records that its console shows for Easy DKIM.\n\n", relaySignsWhy)
	} else {
		fmt.Fprintf(&b, "; DKIM: the public half of %s.\n%s\n\n", st.key, key)
	}
	fmt.Fprintf(&b, "; DMARC: receive reports first; tighten to p=quarantine and p=reject later.\n")
	fmt.Fprintf(&b, "_dmarc.%s. 3600 IN TXT \"v=DMARC1; p=none; rua=mailto:dmarc-reports@%s\"\n", domain, domain)
	return b.String()
}

// spfTerm returns the mechanism that stands for the relay.
func (st *firstMailing) spfTerm() string {
	if st.via.kind != viaRelay {
		return "mx"
	}
	host := st.via.relay.Host
	for _, known := range spfOfRelays {
		if host == known.suffix || strings.HasSuffix(host, "."+known.suffix) {
			return "include:" + known.include
		}
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr.Is4() {
			return "ip4:" + host
		}
		return "ip6:" + host
	}
	return "a:" + host
}
