package cli

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/probe"
)

// A daneCase is a host with TLSA records in front of one of the servers.
type daneCase struct {
	name    string
	server  string // which of the servers
	records []string
	want    probe.DANEStatus
}

// TestDANEBesidePosttlsFinger holds the verdict about each case against that of
// Postfix, which asks the same resolver and the same server (RFC 7672 §3).
func TestDANEBesidePosttlsFinger(t *testing.T) {
	ca := testkit.NewCA(t)
	names := []string{"*.secure.test", "*.open.test"}
	right, next := ca.Valid(t, names...), ca.Valid(t, names...)
	expired := ca.Expired(t, names...)
	expiredAlone := expired
	expiredAlone.Certificate = expired.Certificate[:1]
	alone := right
	alone.Certificate = right.Certificate[:1]
	certs := map[string]tls.Certificate{"self": testkit.SelfSigned(t, names...), "expired-alone": expiredAlone, "right": right, "other-name": ca.Valid(t, "elsewhere.test"), "expired": expired, "alone": alone}
	authority := parseCertificate(t, right.Certificate[1])
	cases := []daneCase{
		{"key-256", "right", []string{tlsaRecord(3, 1, 1, right.Leaf)}, probe.DANEVerified},
		{"key-512", "right", []string{tlsaRecord(3, 1, 2, right.Leaf)}, probe.DANEVerified},
		{"key-whole", "right", []string{tlsaRecord(3, 1, 0, right.Leaf)}, probe.DANEVerified},
		{"cert-256", "right", []string{tlsaRecord(3, 0, 1, right.Leaf)}, probe.DANEVerified},
		{"cert-512", "right", []string{tlsaRecord(3, 0, 2, right.Leaf)}, probe.DANEVerified},
		{"cert-whole", "right", []string{tlsaRecord(3, 0, 0, right.Leaf)}, probe.DANEVerified},
		{"ca-key-256", "right", []string{tlsaRecord(2, 1, 1, authority)}, probe.DANEVerified},
		{"ca-key-512", "right", []string{tlsaRecord(2, 1, 2, authority)}, probe.DANEVerified},
		{"ca-cert-256", "right", []string{tlsaRecord(2, 0, 1, authority)}, probe.DANEVerified},
		{"ca-cert-512", "right", []string{tlsaRecord(2, 0, 2, authority)}, probe.DANEVerified},
		{"ca-cert-whole", "right", []string{tlsaRecord(2, 0, 0, authority)}, probe.DANEVerified},
		{"rollover", "right", []string{tlsaRecord(3, 1, 1, next.Leaf), tlsaRecord(3, 1, 1, right.Leaf)}, probe.DANEVerified},
		{"rollover-to-ca", "right", []string{tlsaRecord(3, 1, 1, next.Leaf), tlsaRecord(2, 1, 1, authority)}, probe.DANEVerified},
		{"rolled-too-late", "right", []string{tlsaRecord(3, 1, 1, next.Leaf)}, probe.DANENoMatch},
		{"wrong-ca", "right", []string{tlsaRecord(2, 1, 1, next.Leaf)}, probe.DANENoMatch},
		{"ee-of-ca", "right", []string{tlsaRecord(3, 1, 1, authority)}, probe.DANENoMatch},
		{"other-name-ee", "other-name", []string{tlsaRecord(3, 1, 1, certs["other-name"].Leaf)}, probe.DANEVerified},
		{"other-name-ca", "other-name", []string{tlsaRecord(2, 1, 1, authority)}, probe.DANENameMismatch},
		{"expired-ee", "expired", []string{tlsaRecord(3, 1, 1, expired.Leaf)}, probe.DANEVerified},
		{"expired-ca", "expired", []string{tlsaRecord(2, 1, 1, authority)}, probe.DANEChainInvalid},
		{"ca-not-sent", "alone", []string{tlsaRecord(2, 0, 1, authority)}, probe.DANENoMatch},
		{"ca-in-record", "alone", []string{tlsaRecord(2, 0, 0, authority)}, probe.DANEVerified},
		{"pkix-only", "right", []string{tlsaRecord(1, 1, 1, next.Leaf)}, probe.DANEUnusable},
		{"pkix-and-ee", "right", []string{tlsaRecord(1, 1, 1, next.Leaf), tlsaRecord(3, 1, 1, right.Leaf)}, probe.DANEVerified},
		{"pkix-and-wrong", "right", []string{tlsaRecord(1, 1, 1, right.Leaf), tlsaRecord(3, 1, 1, next.Leaf)}, probe.DANENoMatch},
		{"nothing", "right", nil, probe.DANENone},
		{"leaf-as-ca", "right", []string{tlsaRecord(2, 1, 1, right.Leaf)}, probe.DANENoMatch},
		{"leaf-as-ca-whole", "right", []string{tlsaRecord(2, 0, 0, right.Leaf)}, probe.DANENoMatch},
		{"self-as-ca", "self", []string{tlsaRecord(2, 0, 1, certs["self"].Leaf)}, probe.DANENoMatch},
		{"self-as-ca-key", "self", []string{tlsaRecord(2, 1, 1, certs["self"].Leaf)}, probe.DANENoMatch},
		{"self-as-ca-whole", "self", []string{tlsaRecord(2, 0, 0, certs["self"].Leaf)}, probe.DANENoMatch},
		{"self-as-ca-key-whole", "self", []string{tlsaRecord(2, 1, 0, certs["self"].Leaf)}, probe.DANEVerified},
		{"self-ee", "self", []string{tlsaRecord(3, 0, 1, certs["self"].Leaf)}, probe.DANEVerified},
		{"ca-key-whole", "right", []string{tlsaRecord(2, 1, 0, authority)}, probe.DANEVerified},
		{"ca-key-in-record", "alone", []string{tlsaRecord(2, 1, 0, authority)}, probe.DANEVerified},
		{"wrong-ca-in-record", "alone", []string{tlsaRecord(2, 1, 0, next.Leaf)}, probe.DANENoMatch},
		{"expired-ca-in-record", "expired-alone", []string{tlsaRecord(2, 0, 0, authority)}, probe.DANEChainInvalid},
		{"expired-ca-key-in-record", "expired-alone", []string{tlsaRecord(2, 1, 0, authority)}, probe.DANEChainInvalid},
		{"bad-digest-and-right", "right", []string{"3 1 1 " + strings.Repeat("ab", 20), tlsaRecord(3, 1, 1, right.Leaf)}, probe.DANEVerified},
		{"usage-9", "right", []string{"9 1 1 " + strings.Repeat("ab", 32)}, probe.DANEUnusable},
		{"private", "right", []string{"255 255 255 ab"}, probe.DANEUnusable},
		{"not-a-cert-and-wrong", "right", []string{"3 0 0 abcd", tlsaRecord(3, 1, 1, next.Leaf)}, probe.DANENoMatch},
	}
	ports := map[string]int{}
	for name, cert := range certs {
		server := testkit.OpenSSLServer(t, testkit.OpenSSLOptions{Certs: []tls.Certificate{cert}})
		addr, err := netip.ParseAddrPort(server.Addr)
		if err != nil {
			t.Fatal(err)
		}
		ports[name] = int(addr.Port())
	}
	resolver := daneResolver(t, cases, ports)
	finger := newFinger(t, resolver)
	client, err := delivery.NewClient(delivery.ClientOptions{Servers: []delivery.DNSServer{mustServer(t, resolver)}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	policies := publishedPolicies{resolver: client, now: time.Now}
	prober := probe.New(probe.Options{Resolver: client, LocalName: "client.example", Roots: ca.Pool, Policies: policies})
	for _, c := range cases {
		for _, zone := range []string{"secure.test", "open.test"} {
			want := c.want
			if zone == "open.test" {
				want = probe.DANENone // without DNSSEC, records do not count
			}
			host, port := c.name+"."+zone, ports[c.server]
			r := prober.Probe(t.Context(), probe.Endpoint{Host: host, Addr: netip.MustParseAddr("127.0.0.1"), Port: port, Service: probe.ServiceRelay})
			theirs := finger.verdict(host, port)
			if r.DANE.Status != want || theirs != fingerWord(want) {
				t.Errorf("%s: %q (%s), posttls-finger says %q; want %q", host, r.DANE.Status, r.DANE.Why, theirs, want)
			}
		}
	}
}

// fingerWord is how posttls-finger calls a status.
func fingerWord(s probe.DANEStatus) string {
	switch s {
	case probe.DANEVerified:
		return "verified"
	case probe.DANENone, probe.DANEUnusable:
		return "any certificate"
	}
	return "not verified"
}

// A finger is posttls-finger with a resolver of its own.
type finger struct {
	t    *testing.T
	conf string // in the place of /etc/resolv.conf
}

// newFinger lets the C library ask a resolver, which it only does at port 53.
func newFinger(t *testing.T, resolver string) *finger {
	t.Helper()
	host, _, _ := net.SplitHostPort(resolver)
	at := net.JoinHostPort(host, "53")
	forward := dns.HandlerFunc(func(w dns.ResponseWriter, query *dns.Msg) {
		client := &dns.Client{Net: "tcp", Timeout: 5 * time.Second}
		answer, _, err := client.Exchange(query, resolver)
		if err != nil {
			answer = new(dns.Msg).SetRcode(query, dns.RcodeServerFailure)
		}
		if w.RemoteAddr().Network() == "udp" {
			answer.Truncate(1232)
		}
		_ = w.WriteMsg(answer) // whoever asks waits for it, or is gone
	})
	packets, err := net.ListenPacket("udp", at)
	if err != nil {
		t.Skipf("needs port 53 of loopback: %v", err)
	}
	listener, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	for _, server := range []*dns.Server{{PacketConn: packets, Handler: forward}, {Listener: listener, Handler: forward}} {
		done := make(chan error, 1)
		go func() { done <- server.ActivateAndServe() }()
		t.Cleanup(func() {
			_ = server.Shutdown()
			<-done
		})
	}
	conf := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(conf, []byte("nameserver "+host+"\noptions edns0 trust-ad\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return &finger{t, conf}
}

// verdict says what Postfix makes of a host under its level "dane".
func (f *finger) verdict(host string, port int) string {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), 30*time.Second)
	defer cancel()
	command := testkit.PostfixCommand(f.t, "posttls-finger", "-c", "-l", "dane", "-L", "summary,untrusted,verbose", fmt.Sprintf("[%s]:%d", host, port))
	cmd := exec.CommandContext(ctx, "unshare", append([]string{
		"--mount", "sh", "-euc", `mount --bind "$1" /etc/resolv.conf; shift; exec "$@"`, "sh", f.conf, command.Path,
	}, command.Args[1:]...)...)
	cmd.Env = command.Env
	out, err := cmd.CombinedOutput()
	if failed := new(exec.ExitError); err != nil && !errors.As(err, &failed) {
		f.t.Fatal(err)
	}
	said := string(out)
	switch {
	case strings.Contains(said, "Verified TLS connection established"):
		return "verified"
	case strings.Contains(said, "verification failed for") && strings.Contains(said, "DNSSEC-signed TLSA record"):
		return "not verified"
	case strings.Contains(said, "Untrusted TLS connection established"):
		return "any certificate"
	}
	return said
}

// daneResolver starts name server and resolver for the cases: each in a zone that
// is signed, and in one that is not.
func daneResolver(t *testing.T, cases []daneCase, ports map[string]int) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("@ SOA ns.test. hostmaster.test. 1 3600 600 86400 60\n@ NS ns.test.\n")
	for _, c := range cases {
		fmt.Fprintf(&text, "%s A 127.0.0.1\n", c.name)
		for _, record := range c.records {
			fmt.Fprintf(&text, "_%d._tcp.%s TLSA %s\n", ports[c.server], c.name, record)
		}
	}
	secure, ds := testkit.Zone{Origin: "secure.test.", Text: text.String()}.Signed(t)
	open := testkit.Zone{Origin: "open.test.", Text: text.String()}
	root, anchor := testkit.Zone{Origin: ".", Text: "@ SOA ns.test. hostmaster.test. 1 3600 600 86400 60\n@ NS ns.test.\nns.test. A 127.0.0.1\n" +
		"secure.test. NS ns.test.\n" + ds + "\nopen.test. NS ns.test.\n"}.Signed(t)
	return testkit.Unbound(t, testkit.NSD(t, secure, open, root), anchor)
}

func mustServer(t *testing.T, addr string) delivery.DNSServer {
	t.Helper()
	server, err := delivery.ParseDNSServer(addr)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func parseCertificate(t *testing.T, der []byte) *x509.Certificate {
	t.Helper()
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// tlsa returns the record of a certificate as a zone file has it.
func tlsaRecord(usage, selector, matching int, cert *x509.Certificate) string {
	data := cert.Raw
	if selector == 1 {
		data = cert.RawSubjectPublicKeyInfo
	}
	switch matching {
	case 1:
		sum := sha256.Sum256(data)
		data = sum[:]
	case 2:
		sum := sha512.Sum512(data)
		data = sum[:]
	}
	return fmt.Sprintf("%d %d %d %s", usage, selector, matching, hex.EncodeToString(data))
}
