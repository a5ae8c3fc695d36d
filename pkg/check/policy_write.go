package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dkim"
	"github.com/mailctl/mailctl/pkg/dmarc"
	"github.com/mailctl/mailctl/pkg/spf"
)

// ignoreFor is how long a finding that exists today is proposed to be ignored.
const ignoreFor = 90 * 24 * time.Hour

// WritePolicy writes a policy file that asks for what is true of the domains
// today. What could not be found out is left out; findings that are there today
// are proposed as ignores, in comments.
func WritePolicy(domains []Domain, now time.Time) []byte {
	w := &policyWriter{}
	w.line("# What must be true of these domains: mailctl check --policy holds them against it.")
	w.line("# Written on %s from what was published then.", now.UTC().Format(time.DateOnly))
	w.line("domains:")
	for _, d := range domains {
		w.line("  - domain: %s", scalar(d.Domain))
		w.mx(d)
		w.selectors(d)
		if records, ok := recordsOf[DMARCRecords](d, StandardDMARC); ok && records.Status == dmarc.StatusFound && records.Policy != "" {
			w.line("    dmarc: %s # at least", records.Policy)
		}
		w.spf(d)
		w.ignores(d, now)
	}
	return []byte(w.text.String())
}

type policyWriter struct{ text strings.Builder }

func (w *policyWriter) line(format string, args ...any) {
	fmt.Fprintf(&w.text, format+"\n", args...)
}

func (w *policyWriter) mx(d Domain) {
	records, ok := recordsOf[MXRecords](d, StandardMX)
	if !ok || records.Kind != delivery.MXExplicit && records.Kind != delivery.MXNull && records.Kind != delivery.MXNone {
		return
	}
	var hosts []string
	for _, host := range records.Hosts {
		if records.Kind == delivery.MXExplicit && !slices.Contains(hosts, host.Name) {
			hosts = append(hosts, host.Name)
		}
	}
	w.line("    mx: %s", flow(hosts))
}

func (w *policyWriter) selectors(d Domain) {
	records, _ := recordsOf[DKIMRecords](d, StandardDKIM)
	var selectors []string
	for _, key := range records.Keys {
		if key.Status == dkim.KeyFound && !key.Wildcard {
			selectors = append(selectors, key.Selector)
		}
	}
	if len(selectors) > 0 {
		w.line("    selectors: %s", flow(selectors))
	}
}

func (w *policyWriter) spf(d Domain) {
	records, ok := recordsOf[SPFRecords](d, StandardSPF)
	if !ok || records.Status != SPFFound {
		return
	}
	w.line("    spf:")
	w.line("      includes: %s # these and no others", flow(records.Includes))
	if !records.Incomplete && records.Lookups <= spf.MaxLookups {
		w.line("      lookups: %d # at most; receivers stop at %d", records.Lookups, spf.MaxLookups)
	}
}

// ignores proposes to ignore what is wrong today.
func (w *policyWriter) ignores(d Domain, now time.Time) {
	begun := false
	for _, f := range d.Findings {
		if f.Severity != SeverityError && f.Severity != SeverityWarning || f.Standard == StandardPolicy {
			continue
		}
		if !begun {
			begun = true
			w.line("    # Take the marks away to ignore for a while what is wrong today:")
			w.line("    # ignore:")
		}
		w.line("    #   - {id: %s, subject: %s, until: %s, reason: %s}", f.ID, scalar(f.Subject),
			now.UTC().Add(ignoreFor).Format(time.DateOnly), scalar("say why"))
	}
}

func flow(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = scalar(v)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// scalar writes a value for YAML, quoted unless it is made of letters, digits and
// what names have between them.
func scalar(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_' || r == ' '
	}
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) || strings.ContainsAny(s[:1], ".- ") || strings.HasSuffix(s, " ") {
		return strconv.QuoteToASCII(s)
	}
	if strings.EqualFold(s, "null") {
		return `"null"`
	}
	return s
}
