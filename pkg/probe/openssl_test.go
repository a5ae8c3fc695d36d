package probe_test

import (
	"crypto/tls"
	"slices"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/probe"
)

// OpenSSL behind STARTTLS, with every kind of certificate and set of versions.
func TestOpenSSL(t *testing.T) {
	ca := testkit.NewCA(t)
	const host = "127.0.0.1"
	far := time.Now().AddDate(0, 3, 0)
	leaf := ca.Issue(t, testkit.Cert{Names: []string{host}, NotAfter: far})
	below := ca.Intermediate(t).Issue(t, testkit.Cert{Names: []string{host}, NotAfter: far})
	weak := []string{"-cipher", "ALL:@SECLEVEL=0"}
	tests := []struct {
		name    string
		cert    tls.Certificate
		args    []string
		scan    bool
		version string
		want    []string
	}{
		{"valid", leaf, nil, true, "TLSv1.3", nil},
		{"TLS 1.2 only", leaf, []string{"-tls1_2"}, false, "TLSv1.2", []string{"tls-no-13 notice"}},
		{"TLS 1.3 only", leaf, []string{"-tls1_3"}, true, "TLSv1.3", []string{"tls-only-13 notice"}},
		{"TLS 1.0 only", leaf, append([]string{"-tls1"}, weak...), false, "TLSv1.0", []string{"tls-old-version warning"}},
		{"old and new", leaf, weak, true, "TLSv1.3", []string{"tls-old-accepted warning"}},
		{"expired", ca.Expired(t, host), nil, false, "TLSv1.3", []string{"cert-expired warning"}},
		{"wrong name", ca.Issue(t, testkit.Cert{Names: []string{"other.example"}, NotAfter: far}), nil, false, "TLSv1.3", []string{"cert-wrong-name warning"}},
		{"self-signed", testkit.SelfSigned(t, host), nil, false, "TLSv1.3", []string{"cert-self-signed warning", "cert-expires-soon warning"}},
		{"weak key", ca.Issue(t, testkit.Cert{Names: []string{host}, NotAfter: far, RSA: 1024}), weak, false, "TLSv1.3", []string{"cert-weak-key warning"}},
		{"intermediate", below, nil, false, "TLSv1.3", nil},
		{"missing intermediate", cut(below), nil, false, "TLSv1.3", []string{"cert-incomplete-chain warning"}},
		{"no forward secrecy", ca.Issue(t, testkit.Cert{Names: []string{host}, NotAfter: far, RSA: 2048}), []string{"-tls1_2", "-cipher", "AES128-SHA"}, false, "TLSv1.2", []string{"tls-no-13 notice", "tls-weak-cipher warning"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := testkit.OpenSSLServer(t, testkit.OpenSSLOptions{Certs: []tls.Certificate{test.cert}, Args: test.args})
			opt := patient(ca)
			opt.MinDays = 14
			opt.Scan.Versions = test.scan
			r := probe.New(opt).Probe(t.Context(), endpointAt(t, server.Addr, probe.ServiceRelay))
			if test.name == "old and new" { // which weak suites OpenSSL was built with is not ours to say
				r.Findings = slices.DeleteFunc(r.Findings, func(f probe.Finding) bool { return f.ID == "tls-weak-accepted" })
			}
			seen(t, r, test.want...)
			if r.TLS == nil || r.TLS.Version != test.version {
				t.Errorf("%+v", r.TLS)
			}
		})
	}
}

// cut leaves out all but the certificate itself.
func cut(cert tls.Certificate) tls.Certificate {
	cert.Certificate = cert.Certificate[:1]
	return cert
}
