package probe

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// judgeTLS judges whether and how TLS came about.
func (r *Result) judgeTLS(v *visit) {
	e := v.endpoint
	_, greeted := offered(v.hellos)
	switch {
	case errors.Is(v.err, delivery.ErrTLSHandshake):
		r.judgeHandshake(v)
	case errors.Is(v.err, delivery.ErrStartTLSInjection):
		r.add(e, note{id: "tls-buffered"})
	case v.asked && v.startTLS.Reply.Code >= 400:
		r.add(e, note{id: "tls-starttls-refused", record: v.startTLS.Reply.String()})
	case e.Service != ServiceSubmissions && greeted && !r.StartTLS:
		r.add(e, note{id: "tls-no-starttls", severity: strict(e.Service)})
	}
	if r.TLS != nil {
		r.judgeParameters(v)
	}
}

// judgeHandshake judges a handshake that failed.
func (r *Result) judgeHandshake(v *visit) {
	e := v.endpoint
	if e.Service == ServiceSubmissions {
		if first := firstLine(v.first); len(first) >= len("220") && (first[0] == '2' || first[0] == '4' || first[0] == '5') && first[1] >= '0' && first[1] <= '9' {
			r.add(e, note{id: "tls-not-implicit", record: beginning(first)})
			return
		}
		if id := foreignProtocol(v.first, ""); id == "smtp-speaks-http" {
			r.add(e, note{id: id, record: beginning(v.first)})
			return
		}
	}
	r.add(e, note{id: "tls-handshake", what: "the server offers TLS and the handshake fails (" + handshakeCause(v.err) + ")"})
}

// handshakeCause returns what went wrong in a handshake.
func handshakeCause(err error) string {
	return strings.TrimPrefix(causeText(err), delivery.ErrTLSHandshake.Error()+": ")
}

// judgeParameters judges version and cipher.
func (r *Result) judgeParameters(v *visit) {
	e := v.endpoint
	switch {
	case r.TLS.version < tls.VersionTLS12:
		r.add(e, note{
			id: "tls-old-version", severity: strict(e.Service),
			what: "the server has no version of TLS that is up to date (" + r.TLS.Version + " is what it chose)",
		})
	case r.TLS.version < tls.VersionTLS13:
		r.add(e, note{id: "tls-no-13"})
	}
	if why := weakness(r.TLS.suite); why != "" {
		r.add(e, note{
			id: "tls-weak-cipher", severity: strict(e.Service), record: r.TLS.Cipher,
			what: "the cipher " + r.TLS.Cipher + " is weak (" + why + ")",
		})
	}
}

// weakness says what is wrong with a cipher suite, or "" (RFC 9325 §4.1).
func weakness(suite uint16) string {
	weak := slices.ContainsFunc(tls.InsecureCipherSuites(), func(s *tls.CipherSuite) bool { return s.ID == suite })
	name := tls.CipherSuiteName(suite)
	switch {
	case strings.HasPrefix(name, "TLS_RSA_"):
		return "the key exchange has no forward secrecy"
	case strings.Contains(name, "RC4"), strings.Contains(name, "3DES"):
		return "it can be broken"
	case weak:
		return "it is out of date"
	}
	return ""
}

// judgeAuth judges where AUTH is offered.
func (r *Result) judgeAuth(v *visit) {
	e := v.endpoint
	_, open := offered(v.hellos)
	_, private := offered(v.hellosTLS)
	implicit := e.Service == ServiceSubmissions
	if open && !implicit && r.Auth.WithoutTLS {
		r.add(e, note{id: "auth-without-tls", record: "AUTH " + strings.Join(r.Auth.BeforeTLS, " ")})
	}
	if (private || open) && e.Service != ServiceRelay && len(r.Auth.AfterTLS)+len(r.Auth.BeforeTLS) == 0 && v.err == nil {
		r.add(e, note{id: "auth-missing"})
	}
}

// judgeCertificate judges the chain as a client would that verifies it.
func (r *Result) judgeCertificate(v *visit, opt Options, now time.Time) {
	chain, e := v.chain(), v.endpoint
	if len(chain) == 0 {
		return
	}
	problems := verifyPKIX(chain, e.Host, opt.Roots, now)
	r.PKIX.Status = PKIXValid
	for i, p := range problems {
		if i == 0 {
			r.PKIX = PKIX{p.status, p.what}
		}
		if p.id != "" {
			r.add(e, note{id: p.id, what: p.what, severity: strict(e.Service)})
		}
	}
	if left := daysLeft(chain[0], now); left >= 0 && left < opt.MinDays {
		r.add(e, note{id: "cert-expires-soon", severity: opt.Expiry, what: fmt.Sprintf("the certificate ends in %s, on %s", days(left), day(chain[0].NotAfter))})
	}
	if isWeakKey(chain[0]) {
		r.add(e, note{id: "cert-weak-key", severity: strict(e.Service), what: "the certificate's key is weak (" + keyName(chain[0]) + ")"})
	}
	if i := slices.IndexFunc(chain, func(c *x509.Certificate) bool { return isWeakSignature(c) && !isSelfSigned(c) }); i >= 0 {
		r.add(e, note{
			id: "cert-weak-signature", severity: strict(e.Service),
			what: fmt.Sprintf("the certificate of %q is signed with a broken hash (%s)", chain[i].Subject, chain[i].SignatureAlgorithm),
		})
	}
	if o := r.TLS.OCSP; o != nil && o.Status == "revoked" {
		r.add(e, note{id: "cert-revoked"})
	}
}

// days returns "1 day" or "3 days".
func days(n int) string { return fmt.Sprintf("%d %s", n, plural(n, "day")) }
