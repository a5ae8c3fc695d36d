package tlsscan_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/xml"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/probe/tlsscan"
)

// TestAgreementOpenSSL asks OpenSSL's servers what sslscan asks them.
func TestAgreementOpenSSL(t *testing.T) {
	ca := testkit.NewCA(t)
	rsa := ca.Issue(t, testkit.Cert{Names: []string{"127.0.0.1"}, RSA: 2048})
	both := []tls.Certificate{rsa, ca.Valid(t, "127.0.0.1")}
	tests := []struct {
		name string
		opt  testkit.OpenSSLOptions
		own  bool // the server chooses
		size int  // suites in all versions
	}{
		{"all", testkit.OpenSSLOptions{Certs: both, Args: []string{"-cipher", "ALL:@SECLEVEL=0"}}, false, 110},
		{"TLS 1.0", testkit.OpenSSLOptions{Certs: both, Args: []string{"-tls1", "-cipher", "ALL:@SECLEVEL=0"}}, false, 18},
		{"TLS 1.1", testkit.OpenSSLOptions{Certs: both[:1], Args: []string{"-tls1_1", "-cipher", "AES:@SECLEVEL=0", "-serverpref"}}, true, 10},
		{"TLS 1.2", testkit.OpenSSLOptions{Certs: both, Args: []string{"-tls1_2", "-serverpref"}}, true, 27},
		{"TLS 1.3", testkit.OpenSSLOptions{Args: []string{"-tls1_3", "-serverpref", "-groups", "P-384:X25519"}}, true, 3},
		{
			"TLS 1.3 with all suites",
			testkit.OpenSSLOptions{ImplicitTLS: true, Args: []string{
				"-tls1_3", "-ciphersuites",
				"TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_8_SHA256:TLS_AES_128_CCM_SHA256",
			}},
			false, 5,
		},
		{"nothing is encrypted", testkit.OpenSSLOptions{Certs: both, Args: []string{"-tls1_2", "-cipher", "eNULL:@SECLEVEL=0"}}, false, 6},
		{"one suite", testkit.OpenSSLOptions{Certs: both, Args: []string{"-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA"}}, false, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := testkit.OpenSSLServer(t, tt.opt)
			result := agree(t, server.Addr, !tt.opt.ImplicitTLS)
			size := 0
			for _, r := range result.Versions {
				size += len(r.Ciphers)
				if r.ServerPreference != nil && *r.ServerPreference != tt.own {
					t.Errorf("%s: the server chooses: %t", r.Version, *r.ServerPreference)
				}
			}
			if size != tt.size {
				t.Errorf("%d suites, not %d", size, tt.size)
			}
		})
	}
}

// TestOrder asks a server for the order that its configuration says.
func TestOrder(t *testing.T) {
	ca := testkit.NewCA(t)
	certs := []tls.Certificate{ca.Issue(t, testkit.Cert{Names: []string{"127.0.0.1"}, RSA: 2048}), ca.Valid(t, "127.0.0.1")}
	const suites = "AES128-SHA:ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES256-GCM-SHA384:ADH-AES128-SHA:ECDHE-ECDSA-AES256-GCM-SHA384"
	server := testkit.OpenSSLServer(t, testkit.OpenSSLOptions{Certs: certs, Args: []string{
		"-no_tls1", "-no_tls1_1", "-serverpref", "-cipher", suites + ":@SECLEVEL=0",
		"-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256", "-groups", "P-521:X25519:P-256",
	}})
	var got []string
	for _, r := range scan(t, startTLSTo(server.Addr), tlsscan.Options{Ciphers: true}).Versions[3:] {
		var names []string
		for _, c := range r.Ciphers {
			names = append(names, c.OpenSSL)
			if short := slices.Contains(c.Flaws, tlsscan.FlawShortPrime); short != (c.OpenSSL == "ADH-AES128-SHA") || (short && c.PrimeBits != 1024) {
				t.Errorf("%s has %d bits: %v", c.Name, c.PrimeBits, c.Flaws)
			}
		}
		got = append(got, strings.Join(names, ":"), fmt.Sprint(r.Groups))
	}
	want := []string{
		suites, "[secp521r1 x25519 secp256r1]",
		"TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256", "[secp521r1 x25519 secp256r1]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestAgreementMTA asks real mail servers what sslscan asks them.
func TestAgreementMTA(t *testing.T) {
	starts := map[string]func(testing.TB, testkit.MTAOptions) *testkit.MTA{
		"Postfix": testkit.Postfix, "OpenSMTPD": testkit.OpenSMTPD, "Exim": testkit.Exim,
	}
	for name, start := range starts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			agree(t, start(t, testkit.MTAOptions{}).Addr, true)
		})
	}
}

// agree scans a server, and holds the result to that of sslscan: the versions,
// the suites of each, the sizes of finite fields, and the groups.
func agree(t *testing.T, addr string, startTLS bool) tlsscan.Result {
	t.Helper()
	dial := dialTo(addr)
	if startTLS {
		dial = startTLSTo(addr)
	}
	host, _, _ := net.SplitHostPort(addr)
	result := scan(t, dial, tlsscan.Options{Ciphers: true, ServerName: host})
	got := map[string][]string{}
	for _, r := range result.Versions {
		if (r.Outcome == tlsscan.Accepted) != (r.Err == nil) || r.Outcome == tlsscan.Unknown {
			t.Errorf("%s is %s: %v", r.Version, r.Outcome, r.Err)
		}
		if r.Outcome != tlsscan.Accepted {
			continue
		}
		version := r.Version.String()
		got[version] = []string{}
		for _, c := range r.Ciphers {
			got[version] = append(got[version], fmt.Sprintf("%04X %d", c.ID, c.PrimeBits))
		}
		slices.Sort(got[version])
		for _, g := range r.Groups {
			got[version+" groups"] = append(got[version+" groups"], fmt.Sprintf("%04X", uint16(g)))
		}
		slices.Sort(got[version+" groups"])
	}
	want := sslscan(t, addr, startTLS)
	// sslscan asks for each group alone, which a server whose certificate is of
	// another curve refuses, and with few suites; and in the newest version before
	// TLS 1.3, whichever that is.
	const older = "TLSv1.2 groups"
	for _, group := range want[older] {
		if !slices.Contains(got[older], group) {
			t.Errorf("sslscan finds the group %s in TLS 1.2, this scan does not", group)
		}
	}
	for _, list := range []string{"TLSv1.0 groups", "TLSv1.1 groups", older} {
		delete(want, list)
		delete(got, list)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sslscan (-) and this scan (+) differ:\n%s", diff)
	}
	return result
}

// startTLSTo dials and speaks SMTP until the server waits for a handshake.
func startTLSTo(addr string) tlsscan.Dial {
	return func(ctx context.Context) (net.Conn, error) {
		conn, err := dialTo(addr)(ctx)
		if err != nil {
			return nil, err
		}
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		replies := bufio.NewScanner(conn)
		for _, command := range []string{"", "EHLO scan.example\r\n", "STARTTLS\r\n"} {
			_, _ = conn.Write([]byte(command)) // there is no reply then
			for replies.Scan() && strings.HasPrefix(replies.Text(), "250-") {
				continue
			}
			if !strings.HasPrefix(replies.Text(), "2") {
				_ = conn.Close()
				return nil, fmt.Errorf("%q as the reply to %q", replies.Text(), command)
			}
		}
		return conn, nil
	}
}

// sslscan returns what sslscan finds out, by the names of the versions.
func sslscan(t *testing.T, addr string, startTLS bool) map[string][]string {
	t.Helper()
	args := []string{
		"--xml=-", "--no-colour", "--no-heartbleed", "--no-renegotiation", "--no-compression", "--no-fallback", "--no-check-certificate",
	}
	if startTLS {
		args = append(args, "--starttls-smtp")
	}
	out, err := exec.CommandContext(t.Context(), testkit.Program(t, "sslscan"), append(args, addr)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Test struct {
			Protocols []struct {
				Type    string `xml:"type,attr"`
				Version string `xml:"version,attr"`
				Enabled int    `xml:"enabled,attr"`
			} `xml:"protocol"`
			Ciphers []struct {
				Version string `xml:"sslversion,attr"`
				ID      string `xml:"id,attr"`
				DHBits  int    `xml:"dhebits,attr"`
			} `xml:"cipher"`
			Groups []struct {
				Version string `xml:"sslversion,attr"`
				ID      string `xml:"id,attr"`
			} `xml:"group"`
		} `xml:"ssltest"`
	}
	if err := xml.Unmarshal(out, &document); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	found := map[string][]string{}
	for _, p := range document.Test.Protocols {
		if p.Enabled == 1 {
			found[strings.ToUpper(p.Type)+"v"+p.Version] = []string{}
		}
	}
	for _, c := range document.Test.Ciphers {
		found[c.Version] = append(found[c.Version], fmt.Sprintf("%s %d", number(t, c.ID), c.DHBits))
	}
	for _, g := range document.Test.Groups {
		found[g.Version+" groups"] = append(found[g.Version+" groups"], number(t, g.ID))
	}
	for _, ids := range found {
		slices.Sort(ids)
	}
	return found
}

// number spells "0x1d" as "001D".
func number(t *testing.T, text string) string {
	t.Helper()
	n, err := strconv.ParseUint(text, 0, 16)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%04X", n)
}
