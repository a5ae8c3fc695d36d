package ui

import (
	"slices"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/probe"
)

// probeExtras are the columns that are not for everyone.
var probeExtras = [...]struct {
	title string
	cell  func(probe.Result) string
}{
	{"DANE", daneCell},
	{"MTA-STS", stsCell},
	{"LOGIN", loginCell},
}

// severalHosts reports whether a group needs a column for the names of hosts.
func severalHosts(g ProbedGroup) bool {
	return slices.ContainsFunc(g.Results, func(r probe.Result) bool { return r.Host != g.Name })
}

// anyCell reports whether a column says anything about a group.
func anyCell(g ProbedGroup, cell func(probe.Result) string) bool {
	return slices.ContainsFunc(g.Results, func(r probe.Result) bool { return cell(r) != "" })
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// stateCell is the verdict, or why the server could not be reached.
func stateCell(style Style, r probe.Result) string {
	text := string(r.Verdict)
	if !r.Reachable {
		text = string(r.Reason)
	}
	switch r.Verdict {
	case probe.VerdictPass:
		if !r.Reachable {
			return style.Faint(text)
		}
		return style.Good(text)
	case probe.VerdictFail:
		return style.Bad(text)
	case probe.VerdictWarn, probe.VerdictUnknown:
	}
	return style.Warn(text)
}

func tlsCell(r probe.Result) string {
	switch {
	case r.TLS != nil:
		return strings.TrimPrefix(r.TLS.Version, "TLSv")
	case !r.Reachable || r.Hello == "" && !r.StartTLS:
		return "-"
	case r.StartTLS:
		return "broken"
	}
	return "none"
}

// certificateCell says what a client that verifies makes of the certificate.
func certificateCell(r probe.Result) string {
	if len(r.Chain) == 0 {
		return "-"
	}
	if r.PKIX.Status == probe.PKIXValid {
		return "valid, " + Plural(r.Chain[0].DaysLeft, "day")
	}
	return strings.ReplaceAll(string(r.PKIX.Status), "-", " ")
}

// daneCell is empty where there is nothing to hold a certificate against.
func daneCell(r probe.Result) string {
	switch r.DANE.Status {
	case probe.DANEUnasked, probe.DANENone:
		return ""
	case probe.DANEVerified:
		return "ok"
	case probe.DANENoMatch, probe.DANEChainInvalid, probe.DANENameMismatch, probe.DANENoTLS, probe.DANEBogus, probe.DANEUnusable, probe.DANEUnknown:
	}
	return strings.ReplaceAll(string(r.DANE.Status), "-", " ")
}

func stsCell(r probe.Result) string {
	switch r.MTASTS.Status {
	case probe.STSUnasked, probe.STSNone:
		return ""
	case probe.STSVerified:
		return "ok"
	case probe.STSNotCovered, probe.STSNoTLS, probe.STSCertificate, probe.STSUnknown:
	}
	return strings.ReplaceAll(string(r.MTASTS.Status), "-", " ")
}

// loginCell says where passwords are taken.
func loginCell(r probe.Result) string {
	switch {
	case r.Auth.WithoutTLS && r.Service != probe.ServiceSubmissions:
		return "in clear"
	case len(r.Auth.AfterTLS)+len(r.Auth.BeforeTLS) > 0:
		return "in TLS"
	}
	return ""
}

func timeCell(r probe.Result) string {
	if r.Milliseconds.Total == 0 {
		return "-"
	}
	return time.Duration(r.Milliseconds.Total * float64(time.Millisecond)).Round(time.Millisecond).String()
}
