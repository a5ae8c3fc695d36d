package testkit

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"
)

func TestOpenSSLServer(t *testing.T) {
	ca := NewCA(t)
	certs := []tls.Certificate{ca.Issue(t, Cert{Names: []string{"127.0.0.1"}, RSA: 1024}), ca.Valid(t, "127.0.0.1")}
	tests := []struct {
		name    string
		opt     OpenSSLOptions
		version uint16
		cipher  uint16
	}{
		{"STARTTLS", OpenSSLOptions{}, tls.VersionTLS13, tls.TLS_AES_128_GCM_SHA256},
		{"implicit TLS", OpenSSLOptions{ImplicitTLS: true}, tls.VersionTLS13, tls.TLS_AES_128_GCM_SHA256},
		{
			"old",
			OpenSSLOptions{Certs: certs, Args: []string{"-tls1", "-cipher", "ALL:@SECLEVEL=0"}},
			tls.VersionTLS10, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
		},
		{
			"RSA",
			OpenSSLOptions{Certs: certs, Args: []string{"-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA:@SECLEVEL=0"}},
			tls.VersionTLS12, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := OpenSSLServer(t, tt.opt)
			authority := ca
			if len(tt.opt.Certs) == 0 {
				authority = server.CA
			}
			for range 2 {
				conn, state := openSSLSession(t, server, tt.opt.ImplicitTLS, &tls.Config{
					ServerName: "127.0.0.1", RootCAs: authority.Pool, MinVersion: tls.VersionTLS10,
				})
				if state.Version != tt.version || (tt.version != tls.VersionTLS13 && state.CipherSuite != tt.cipher) {
					t.Errorf("%s with %s", tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite))
				}
				if err := conn.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// openSSLSession opens a session, and ends it politely inside TLS.
func openSSLSession(t *testing.T, server *OpenSSL, implicit bool, config *tls.Config) (net.Conn, tls.ConnectionState) {
	t.Helper()
	conn, err := net.Dial("tcp", server.Addr)
	check(t, err)
	if !implicit {
		r := bufio.NewReader(conn)
		expect(t, r, "220 ")
		fmt.Fprint(conn, "EHLO me\r\n")
		expect(t, r, "250 STARTTLS")
		fmt.Fprint(conn, "STARTTLS\r\n")
		expect(t, r, "220 ")
	}
	secure := tls.Client(conn, config)
	check(t, secure.Handshake())
	r := bufio.NewReader(secure)
	if implicit {
		expect(t, r, "220 ")
	}
	fmt.Fprint(secure, "EHLO me\r\n")
	expect(t, r, "250 AUTH")
	fmt.Fprint(secure, "QUIT\r\n")
	expect(t, r, "221 ")
	return conn, secure.ConnectionState()
}

// expect reads lines up to one that starts with a prefix.
func expect(t *testing.T, r *bufio.Reader, prefix string) {
	t.Helper()
	for {
		line, err := r.ReadString('\n')
		check(t, err)
		if strings.HasPrefix(line, prefix) {
			return
		}
		if !strings.HasPrefix(line, "250-") {
			t.Fatalf("%q where %q was due", line, prefix)
		}
	}
}
