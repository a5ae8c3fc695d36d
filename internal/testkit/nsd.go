package testkit

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// A Zone is what a name server is responsible for.
type Zone struct {
	Origin string // "example."; the text is relative to it
	Text   string // a zone file with a SOA and an NS record
}

// A NameServer is an authoritative name server, UDP and TCP on one port. It ends
// with the test.
type NameServer struct {
	Addr  string // "127.81.3.77:5300"
	zones []string
}

const dnsPort = "5300"

// nsdConf is without response rate limits: all questions come from one address.
const nsdConf = `server:
  ip-address: %s
  port: %s
  username: ""
  zonesdir: "/run/mta"
  database: ""
  pidfile: ""
  xfrdfile: ""
  xfrdir: "/run"
  zonelistfile: "/run/zones.list"
  server-count: 1
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
  minimal-responses: yes
remote-control:
  control-enable: no
`

// emptyRoot says that what is in no other zone does not exist.
var emptyRoot = Zone{".", "@ SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 60\n@ NS ns.invalid.\n"}

// NSD starts NSD with zones and, unless it is among them, a root zone with
// nothing else in it.
func NSD(t testing.TB, zones ...Zone) *NameServer {
	t.Helper()
	needServer(t, "nsd")
	host := randomLoopback()
	s := &NameServer{Addr: net.JoinHostPort(host, dnsPort)}
	view := newPrivateView(t)
	var conf strings.Builder
	fmt.Fprintf(&conf, nsdConf, host, dnsPort)
	if !slices.ContainsFunc(zones, func(z Zone) bool { return z.Origin == "." }) {
		zones = append(zones, emptyRoot)
	}
	for i, zone := range zones {
		origin := dns.Fqdn(zone.Origin)
		file := fmt.Sprintf("zone-%d", i)
		view.write(t, file, "$ORIGIN "+origin+"\n$TTL 300\n"+zone.Text)
		fmt.Fprintf(&conf, "zone:\n  name: %q\n  zonefile: %q\n", origin, file)
		s.zones = append(s.zones, origin)
	}
	view.write(t, "nsd.conf", conf.String())
	view.write(t, "start", "exec nsd -d -c /run/mta/nsd.conf\n")
	view.start(t)
	for _, origin := range s.zones {
		view.waitForZone(t, s.Addr, origin)
	}
	return s
}

// needServer makes sure that .ci/setup has unpacked a name server: one of before
// there were any has not.
func needServer(t testing.TB, name string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(programs(t), "usr/sbin", name)); err != nil {
		missing(t, name+" is not set up: run .ci/setup as root")
	}
}

// waitForZone returns when the server at addr answers for a zone.
func (v *privateView) waitForZone(t testing.TB, addr, origin string) {
	t.Helper()
	v.waitFor(t, addr)
	query := new(dns.Msg)
	query.SetQuestion(origin, dns.TypeSOA)
	client := &dns.Client{Net: "tcp", Timeout: 20 * time.Second}
	answer, _, err := client.Exchange(query, addr)
	check(t, err)
	if answer.Rcode != dns.RcodeSuccess || len(answer.Answer) == 0 {
		t.Fatalf("the name server at %s does not serve %s: %s", addr, origin, dns.RcodeToString[answer.Rcode])
	}
}
