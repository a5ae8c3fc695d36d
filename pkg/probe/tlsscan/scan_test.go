package tlsscan_test

import (
	"context"
	"crypto/tls"
	"net"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/probe/tlsscan"
)

// TestGoServers asks servers of crypto/tls, whose configuration says what they accept.
func TestGoServers(t *testing.T) {
	ca := testkit.NewCA(t)
	ecdsa, rsa := ca.Valid(t, "mx.example"), ca.Issue(t, testkit.Cert{Names: []string{"mx.example"}, RSA: 2048})
	tests := []struct {
		name     string
		config   *tls.Config
		versions map[tlsscan.Version][]uint16
		groups   []string
	}{
		{
			"the newest alone",
			&tls.Config{MinVersion: tls.VersionTLS13, CurvePreferences: []tls.CurveID{tls.CurveP384, tls.X25519}},
			map[tlsscan.Version][]uint16{tlsscan.TLSv13: goSuites(tls.VersionTLS13)},
			[]string{"x25519", "secp384r1"},
		},
		{
			"some suites of one version",
			&tls.Config{
				MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12,
				CipherSuites: []uint16{tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA},
			},
			map[tlsscan.Version][]uint16{tlsscan.TLSv12: {
				tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA,
			}},
			nil,
		},
		{
			"one suite of old versions",
			&tls.Config{
				MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11,
				CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA},
			},
			map[tlsscan.Version][]uint16{
				tlsscan.TLSv10: {tls.TLS_RSA_WITH_AES_128_CBC_SHA},
				tlsscan.TLSv11: {tls.TLS_RSA_WITH_AES_128_CBC_SHA},
			},
			nil,
		},
		{
			"all that there is",
			&tls.Config{MinVersion: tls.VersionTLS10, CipherSuites: goSuites(tls.VersionTLS12)},
			map[tlsscan.Version][]uint16{
				tlsscan.TLSv10: goSuites(tls.VersionTLS10),
				tlsscan.TLSv11: goSuites(tls.VersionTLS11),
				tlsscan.TLSv12: goSuites(tls.VersionTLS12),
				tlsscan.TLSv13: goSuites(tls.VersionTLS13),
			},
			[]string{"X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024", "x25519", "secp256r1", "secp384r1", "secp521r1"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.config.Certificates = []tls.Certificate{ecdsa, rsa}
			addr := serve(t, func(conn net.Conn) {
				_ = tls.Server(conn, tt.config).Handshake() // the scan hangs up in its middle
			})
			result := scan(t, dialTo(addr), tlsscan.Options{Ciphers: true, ServerName: "mx.example"})
			for _, r := range result.Versions {
				want := slices.Clone(tt.versions[r.Version])
				slices.Sort(want)
				if got := idsOf(r); !slices.Equal(got, want) {
					t.Errorf("%s has %x, not %x", r.Version, got, want)
				}
				if accepted := r.Outcome == tlsscan.Accepted; accepted != (len(want) > 0) || accepted != (r.Err == nil) {
					t.Errorf("%s is %s: %v", r.Version, r.Outcome, r.Err)
				}
				if len(want) > 1 && (r.ServerPreference == nil || !*r.ServerPreference) {
					t.Errorf("%s: crypto/tls follows its own order", r.Version)
				}
				if r.Version == tlsscan.TLSv13 {
					var groups []string
					for _, g := range r.Groups {
						groups = append(groups, g.String())
					}
					if diff := cmp.Diff(tt.groups, groups); diff != "" {
						t.Error(diff)
					}
				}
			}
		})
	}
}

// goSuites returns what crypto/tls can speak in a version.
func goSuites(version uint16) []uint16 {
	var ids []uint16
	for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		if slices.Contains(suite.SupportedVersions, version) {
			ids = append(ids, suite.ID)
		}
	}
	return ids
}

func scan(t *testing.T, dial tlsscan.Dial, opt tlsscan.Options) tlsscan.Result {
	t.Helper()
	result, err := tlsscan.Scan(t.Context(), dial, opt)
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Versions) != len(tlsscan.Versions()) {
		t.Fatalf("a result of %d versions", len(result.Versions))
	}
	return result
}

// idsOf returns a version's suites in the order of their numbers.
func idsOf(r tlsscan.VersionResult) []uint16 {
	var ids []uint16
	for _, c := range r.Ciphers {
		ids = append(ids, c.ID)
	}
	slices.Sort(ids)
	return ids
}

func dialTo(addr string) tlsscan.Dial {
	return func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	}
}
