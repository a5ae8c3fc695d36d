package ui

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mailctl/mailctl/pkg/probe"
)

// facts writes, for each server that was reached, what no table has room for.
func (p *probeText) facts(g ProbedGroup) {
	for _, r := range g.Results {
		if !r.Reachable {
			continue
		}
		p.text.line("")
		p.text.line("  " + p.text.style.Bold(printable(r.Endpoint())))
		for _, fact := range serverFacts(r) {
			if fact[1] != "" {
				p.text.hanging("  "+p.text.style.Faint(fmt.Sprintf("%-13s", fact[0])), 15, fact[1])
			}
		}
	}
}

// serverFacts are names and values in the order of the session.
func serverFacts(r probe.Result) [][2]string {
	facts := [][2]string{{"greeting", r.Greeting}, {"name", r.Name}}
	if len(r.Capabilities.AfterTLS) > 0 {
		facts = append(facts,
			[2]string{"before TLS", strings.Join(r.Capabilities.BeforeTLS, ", ")},
			[2]string{"under TLS", strings.Join(r.Capabilities.AfterTLS, ", ")})
	} else {
		facts = append(facts, [2]string{"offers", strings.Join(r.Capabilities.BeforeTLS, ", ")})
	}
	if r.TLS != nil {
		facts = append(facts, [2]string{"TLS", joinWords(", ", r.TLS.Version, r.TLS.Cipher, r.TLS.Group)})
	}
	for i, c := range r.Chain {
		label := "certificate"
		if i > 0 {
			label = "issued by"
		}
		facts = append(facts, [2]string{label, certificateFact(c, i == 0)})
	}
	return append(facts, [2]string{"AUTH", authFact(r.Auth)}, [2]string{"SIZE", sizeFact(r.Size)}, [2]string{"time", timeFact(r.Milliseconds)})
}

// certificateFact says whose a certificate is, and of the server's own what it is
// good for.
func certificateFact(c probe.Certificate, own bool) string {
	text := joinWords(", ", c.Subject, c.Key)
	if own && len(c.Names) > 0 {
		text = joinWords(", ", text, "for "+strings.Join(c.Names, " "))
	}
	return text + ", until " + c.NotAfter.Format("2006-01-02")
}

func authFact(a probe.Mechanisms) string {
	switch {
	case a.WithoutTLS && len(a.AfterTLS) > 0:
		return strings.Join(a.AfterTLS, ", ") + "; without TLS " + strings.Join(a.BeforeTLS, ", ")
	case a.WithoutTLS:
		return strings.Join(a.BeforeTLS, ", ") + ", without TLS"
	default:
		return strings.Join(a.AfterTLS, ", ")
	}
}

func sizeFact(octets int64) string {
	if octets == 0 {
		return ""
	}
	return strconv.FormatInt(octets, 10) + " octets"
}

// timeFact lists the phases that came about.
func timeFact(t probe.Timing) string {
	var parts []string
	for _, phase := range []struct {
		name string
		took float64
	}{
		{"connect", t.Connect},
		{"greeting", t.Greeting},
		{"EHLO", t.Hello},
		{"STARTTLS", t.StartTLS},
		{"handshake", t.Handshake},
		{"EHLO under TLS", t.HelloTLS},
		{"QUIT", t.Quit},
		{"in all", t.Total},
	} {
		if phase.took > 0 {
			parts = append(parts, fmt.Sprintf("%s %.1fms", phase.name, phase.took))
		}
	}
	return strings.Join(parts, ", ")
}

// joinWords joins the texts that are not empty.
func joinWords(separator string, texts ...string) string {
	var words []string
	for _, text := range texts {
		if text != "" {
			words = append(words, text)
		}
	}
	return strings.Join(words, separator)
}
