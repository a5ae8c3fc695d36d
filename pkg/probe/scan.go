package probe

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/probe/tlsscan"
)

// ScanOptions say what is enumerated.
type ScanOptions struct {
	Versions bool // which versions of TLS the server takes
	Ciphers  bool // which cipher suites and groups of each
}

func (s ScanOptions) wanted() bool { return s.Versions || s.Ciphers }

// A TLSVersion is what came of trying one version of TLS.
type TLSVersion struct {
	Version string          `json:"version"`           // "TLSv1.2"
	Outcome tlsscan.Outcome `json:"outcome"`           // accepted, refused or unknown
	Ciphers []TLSCipher     `json:"ciphers,omitempty"` // in the server's order where it has one
	Groups  []string        `json:"groups,omitempty"`
	// ServerOrder is whether the server chooses by its own order; null when that is not
	// known.
	ServerOrder *bool `json:"server_order,omitempty"`
}

// A TLSCipher is a cipher suite that the server takes.
type TLSCipher struct {
	Name     string           `json:"name"` // as IANA names it
	OpenSSL  string           `json:"openssl,omitempty"`
	Strength tlsscan.Strength `json:"strength"` // strong, acceptable or weak
	Flaws    []tlsscan.Flaw   `json:"flaws,omitempty"`
}

// scan enumerates versions and ciphers, each on a connection of its own.
func (p *Prober) scan(ctx context.Context, e Endpoint, r *Result) {
	opt := p.sessionOptions(e, p.opt.Dialer)
	opt.Trace = nil // the same dialogue, hundreds of times
	dial := func(ctx context.Context) (net.Conn, error) { return delivery.OpenForTLS(ctx, e.target(), opt) }
	found, _ := tlsscan.Scan(ctx, dial, tlsscan.Options{ // when ctx ends, what is missing is unknown
		ServerName: strings.TrimSuffix(e.Host, "."), Versions: p.opt.Scan.Versions, Ciphers: p.opt.Scan.Ciphers,
		Timeout: p.opt.Timeouts.TLS, Parallel: p.opt.PerHost,
	})
	for _, v := range found.Versions {
		r.TLSVersions = append(r.TLSVersions, enumerated(v))
	}
	r.judgeVersions(e, found.Versions)
}

func enumerated(v tlsscan.VersionResult) TLSVersion {
	list := TLSVersion{Version: v.Version.String(), Outcome: v.Outcome, ServerOrder: v.ServerPreference}
	for _, c := range v.Ciphers {
		list.Ciphers = append(list.Ciphers, TLSCipher{c.Name, c.OpenSSL, c.Strength, c.Flaws})
	}
	for _, g := range v.Groups {
		list.Groups = append(list.Groups, g.String())
	}
	return list
}

// judgeVersions judges what the server takes besides what it chose.
func (r *Result) judgeVersions(e Endpoint, versions []tlsscan.VersionResult) {
	var old, unknown, weak []string
	accepts := map[tlsscan.Version]bool{}
	for _, v := range versions {
		switch {
		case v.Outcome == tlsscan.Unknown:
			unknown = append(unknown, v.Version.String())
		case v.Outcome == tlsscan.Accepted:
			accepts[v.Version] = true
			if v.Version < tlsscan.TLSv12 {
				old = append(old, v.Version.String())
			}
		}
		for _, c := range v.Ciphers {
			if c.Strength == tlsscan.Weak && !slices.Contains(weak, c.Name) {
				weak = append(weak, c.Name)
			}
		}
	}
	if len(old) > 0 && r.TLS.version >= uint16(tlsscan.TLSv12) { // else that is said already
		r.add(e, note{id: "tls-old-accepted", severity: strict(e.Service), record: strings.Join(old, ", "), what: "the server still takes " + strings.Join(old, " and ")})
	}
	if accepts[tlsscan.TLSv13] && !accepts[tlsscan.TLSv12] && len(unknown) == 0 {
		r.add(e, note{id: "tls-only-13"})
	}
	if len(weak) > 0 {
		r.add(e, note{
			id: "tls-weak-accepted", severity: strict(e.Service), record: strings.Join(weak, "\n"),
			what: fmt.Sprintf("the server takes %d weak %s", len(weak), plural(len(weak), "cipher")),
		})
	}
	if len(unknown) > 0 {
		r.add(e, note{id: "tls-versions-unknown", what: "it could not be found out whether the server takes " + strings.Join(unknown, ", ")})
	}
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
