package cli

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/https"
)

// dnsSettings are the flags of the commands that ask the DNS. They mean the
// same in all of them, so their keys have no section: resolver, not
// check.resolver.
type dnsSettings struct {
	Resolver   []string      `mapstructure:"resolver"`
	DNSTimeout time.Duration `mapstructure:"dns-timeout"`
	Zone       string        `mapstructure:"zone"`
	RecordDNS  string        `mapstructure:"record-dns"`
	ReplayDNS  string        `mapstructure:"replay-dns"`
}

// dnsTimeout is how long one query may take unless somebody says otherwise.
const dnsTimeout = 3 * time.Second

// addDNSFlags adds the flags of a command that asks the DNS.
func addDNSFlags(flags *pflag.FlagSet) {
	flags.StringArray("resolver", nil, "name `SERVER` to ask: ADDR[:PORT], tls://HOST or https://HOST/dns-query; repeatable (default: the system's)")
	flags.Duration("dns-timeout", dnsTimeout, "how `LONG` a server may take for one query")
	flags.String("zone", "", "answer from this zone `FILE` first, to judge records before they are published")
	flags.String("record-dns", "", "keep every answer in `FILE`")
	flags.String("replay-dns", "", "answer from `FILE`, made by --record-dns, and connect to nobody")
}

// isDNSFlag reports whether a flag's key has no section.
func isDNSFlag(name string) bool {
	return slices.Contains([]string{"resolver", "dns-timeout", "zone", "record-dns", "replay-dns"}, name)
}

// A dnsAccess is the way to the DNS that a command was told to take. It must be
// closed.
type dnsAccess struct {
	delivery.Resolver
	// HTTP fetches documents, finding hosts by the same resolver. It is nil for a
	// replay, which connects to nobody.
	HTTP *http.Client

	client   *delivery.Client   // nil for a replay
	recorder *delivery.Recorder // nil unless answers are kept
	record   *os.File
}

// A dnsLayer makes a resolver that knows more than the one behind it.
type dnsLayer func(delivery.Resolver) delivery.Resolver

// newResolver opens the way to the DNS. With --verbose each query is shown on
// standard error, by say. A layer is put between the name servers, or the replay,
// and the zone file.
func newResolver(env Environment, s settings, say func(line string), layers ...dnsLayer) (*dnsAccess, error) {
	if s.RecordDNS != "" && s.ReplayDNS != "" {
		return nil, delivery.Hint(errors.New("--record-dns and --replay-dns exclude each other"),
			"record against name servers once, and replay the file afterwards")
	}
	if s.DNSTimeout <= 0 {
		return nil, delivery.Hint(fmt.Errorf("invalid --dns-timeout %q", s.DNSTimeout), "write a time such as 3s")
	}
	access := &dnsAccess{}
	var err error
	if s.ReplayDNS != "" {
		access.Resolver, err = openReplay(s.ReplayDNS)
	} else {
		err = access.connect(env, s, say)
	}
	if err != nil {
		return nil, err
	}
	if err := access.layer(env, s, layers); err != nil {
		return nil, errors.Join(err, access.Close())
	}
	if s.ReplayDNS == "" {
		access.HTTP = https.NewClient(access.Resolver, &net.Dialer{}, nil)
	}
	return access, nil
}

// connect makes the client that asks name servers.
func (a *dnsAccess) connect(env Environment, s settings, say func(string)) error {
	servers, err := nameServers(s.Resolver)
	if err != nil {
		return err
	}
	opt := delivery.ClientOptions{Servers: servers, Timeout: s.DNSTimeout, Now: env.Now}
	if s.Verbose {
		opt.Trace = func(e delivery.LookupEvent) { say("* " + ui.LookupLine(e)) }
	}
	a.client, err = delivery.NewClient(opt)
	a.Resolver = a.client
	return err
}

// layer puts the zone file in front of the resolver and the recording behind it.
func (a *dnsAccess) layer(env Environment, s settings, layers []dnsLayer) error {
	for _, layer := range layers {
		a.Resolver = layer(a.Resolver)
	}
	if s.Zone != "" {
		zone, err := openZone(s.Zone)
		if err != nil {
			return err
		}
		for _, name := range zone.Misplaced() {
			fmt.Fprintf(env.Stderr, "warning: %s: %s has a CNAME beside another record: name servers load no such zone\n", s.Zone, name)
		}
		a.Resolver = delivery.Overlay(zone, a.Resolver)
	}
	if s.RecordDNS != "" {
		f, err := os.OpenFile(s.RecordDNS, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			return fileError("write --record-dns", s.RecordDNS, err)
		}
		a.record = f
		a.recorder = delivery.RecordTo(f, a.Resolver)
		a.Resolver = a.recorder
	}
	return nil
}

// Stats returns what was asked until now; zero for a replay.
func (a *dnsAccess) Stats() delivery.LookupStats {
	if a.client == nil {
		return delivery.LookupStats{}
	}
	return a.client.Stats()
}

// Close ends all connections and says whether all answers could be kept.
func (a *dnsAccess) Close() error {
	var errs []error
	if a.HTTP != nil {
		a.HTTP.CloseIdleConnections()
	}
	if a.client != nil {
		errs = append(errs, a.client.Close())
	}
	if a.recorder != nil {
		errs = append(errs, a.recorder.Err())
	}
	if a.record != nil {
		errs = append(errs, a.record.Close())
	}
	return errors.Join(errs...)
}

// resolvConf is where the system keeps its name servers, see resolv.conf(5).
const resolvConf = "/etc/resolv.conf"

// nameServers returns the servers that were named, or the system's.
func nameServers(named []string) ([]delivery.DNSServer, error) {
	if len(named) == 0 {
		content, err := os.ReadFile(resolvConf)
		if err != nil {
			return nil, delivery.Hint(fmt.Errorf("cannot find the system's name servers: %w", err),
				"name one with --resolver, such as --resolver 192.0.2.53")
		}
		return delivery.ParseResolvConf(string(content)), nil
	}
	servers := make([]delivery.DNSServer, len(named))
	for i, text := range named {
		var err error
		if servers[i], err = delivery.ParseDNSServer(text); err != nil {
			err = fmt.Errorf("--resolver: %w", err)
			if len(delivery.Hints(err)) == 0 {
				err = delivery.Hint(err, "write an address and perhaps a port, 192.0.2.53:53, or tls://HOST, or https://HOST/dns-query")
			}
			return nil, err
		}
	}
	return servers, nil
}

func openZone(path string) (*delivery.Zone, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError("read --zone", path, err)
	}
	zone, err := delivery.ParseZone(f, path)
	return zone, errors.Join(err, f.Close())
}

func openReplay(path string) (delivery.Resolver, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError("read --replay-dns", path, err)
	}
	replay, err := delivery.Replay(f)
	if err != nil {
		err = delivery.Hint(fmt.Errorf("--replay-dns %q: %w", path, err), "make one with --record-dns FILE")
	}
	return replay, errors.Join(err, f.Close())
}
