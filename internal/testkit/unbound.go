package testkit

import (
	"fmt"
	"net"
	"strings"
	"testing"
)

// unboundConf asks nobody but the name server of the test: what leaves is bound
// to loopback. The zones for private use and for examples, which Unbound answers
// itself as a rule, are asked for like all others.
const unboundConf = `server:
  interface: %[1]s
  port: %[2]s
  outgoing-interface: %[1]s
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  do-ip6: no
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "/run/mta"
  pidfile: ""
  use-syslog: no
  num-threads: 1
  module-config: "validator iterator"
  unblock-lan-zones: yes
  insecure-lan-zones: yes
  local-zone: "test." nodefault
  local-zone: "invalid." nodefault
remote-control:
  control-enable: no
`

// Unbound starts Unbound, a recursive resolver that validates, in front of a name
// server. The anchors are DS records, as [Zone.Signed] returns them: what is
// below them must be signed or be delegated without a signature, all else is
// insecure. It ends with the test.
func Unbound(t testing.TB, server *NameServer, anchors ...string) (addr string) {
	t.Helper()
	needServer(t, "unbound")
	host := randomLoopback()
	addr = net.JoinHostPort(host, dnsPort)
	view := newPrivateView(t)
	var conf strings.Builder
	fmt.Fprintf(&conf, unboundConf, host, dnsPort)
	conf.WriteString("server:\n")
	for _, anchor := range anchors {
		fmt.Fprintf(&conf, "  trust-anchor: %q\n", anchor)
	}
	serverHost, serverPort, err := net.SplitHostPort(server.Addr)
	check(t, err)
	for _, origin := range server.zones {
		fmt.Fprintf(&conf, "stub-zone:\n  name: %q\n  stub-addr: %s@%s\n", origin, serverHost, serverPort)
	}
	view.write(t, "unbound.conf", conf.String())
	view.write(t, "start", "exec unbound -d -c /run/mta/unbound.conf\n")
	view.start(t)
	view.waitForZone(t, addr, ".")
	return addr
}
