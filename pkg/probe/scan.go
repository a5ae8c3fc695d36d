package probe

import "context"

// ScanOptions say what is enumerated.
type ScanOptions struct {
	Versions bool // which versions of TLS the server takes
	Ciphers  bool // which cipher suites of each
}

func (s ScanOptions) wanted() bool { return s.Versions || s.Ciphers }

func (p *Prober) scan(context.Context, Endpoint, *Result) {}
