package testkit

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// A DNSFault is what a name server does wrong with a question.
type DNSFault string

// The faults.
const (
	DNSServFail      DNSFault = "servfail"       // SERVFAIL
	DNSBogus         DNSFault = "bogus"          // SERVFAIL unless the query has the CD bit
	DNSRefused       DNSFault = "refused"        // REFUSED
	DNSSilent        DNSFault = "silent"         // no answer at all
	DNSTruncated     DNSFault = "truncated"      // over UDP only the TC bit
	DNSNoTCP         DNSFault = "no-tcp"         // over UDP only the TC bit, over TCP nothing
	DNSWrongID       DNSFault = "wrong-id"       // the answer has another id
	DNSWrongQuestion DNSFault = "wrong-question" // the answer is for another name
	DNSGarbage       DNSFault = "garbage"        // the id, and then nonsense
	DNSReferral      DNSFault = "referral"       // name servers to ask instead
	DNSEmpty         DNSFault = "empty"          // NOERROR, nothing in it, and responsible for nothing
	DNSNoEDNS        DNSFault = "no-edns"        // FORMERR for a query with EDNS
	DNSOutOfZone     DNSFault = "out-of-zone"    // NXDOMAIN with the SOA of another zone
	DNSUnchased      DNSFault = "unchased"       // aliases are given without what they lead to
)

// DNS is a name server on loopback, UDP and TCP on one port, that answers like a
// recursive one from the records of a test, and does wrong what the test asks
// for. It ends with the test.
type DNS struct {
	Addr string // "127.0.0.1:5300"

	t     testing.TB
	done  chan struct{} // closed at the end of the test
	mu    sync.Mutex
	zone  *dnsZone
	fault map[dnsQuestion]DNSFault
	delay time.Duration
	ad    bool
	asked []string
}

// dnsQuestion names what a fault is for: an empty name is any name, type 0 any type.
type dnsQuestion struct {
	name  string // lower-case, with a dot at the end
	qtype uint16
}

// NewDNS starts a name server with the records of a zone file. Names in it are
// absolute, with or without a dot at the end; what is not under a SOA record of
// the file is answered as if the root zone were its own.
func NewDNS(t testing.TB, zone string) *DNS {
	t.Helper()
	s := &DNS{t: t, done: make(chan struct{}), fault: make(map[dnsQuestion]DNSFault)}
	s.SetZone(zone)
	conn, listener := listenDNS(t)
	s.Addr = conn.LocalAddr().String()
	s.serve(&dns.Server{PacketConn: conn, Handler: s})
	s.serve(&dns.Server{Listener: listener, Handler: s})
	t.Cleanup(func() { close(s.done) }) // before the servers end, which wait for their handlers
	return s
}

// listenDNS opens both transports on one free port.
func listenDNS(t testing.TB) (net.PacketConn, net.Listener) {
	t.Helper()
	for range 50 {
		conn, err := net.ListenPacket("udp", "127.0.0.1:0")
		check(t, err)
		listener, err := net.Listen("tcp", conn.LocalAddr().String())
		if err == nil {
			return conn, listener
		}
		check(t, conn.Close())
	}
	t.Fatal("no port is free for both UDP and TCP")
	return nil, nil
}

// serve runs a server until the end of the test.
func (s *DNS) serve(server *dns.Server) {
	started := make(chan struct{})
	server.NotifyStartedFunc = func() { close(started) }
	ended := make(chan error, 1)
	go func() { ended <- server.ActivateAndServe() }()
	<-started
	s.t.Cleanup(func() {
		if err := server.Shutdown(); err != nil {
			s.t.Errorf("the name server cannot be stopped: %v", err)
		}
		<-ended
	})
}

// TLS offers the same over TLS (RFC 7858) and returns the address.
func (s *DNS) TLS(ca *CA) (addr string) {
	s.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(s.t, err)
	s.serve(&dns.Server{Listener: tls.NewListener(listener, ServerTLS(ca.Valid(s.t, "127.0.0.1"))), Handler: s})
	return listener.Addr().String()
}

// HTTPS offers the same over HTTPS (RFC 8484) and returns the URL and whom to
// trust.
func (s *DNS) HTTPS() (url string, roots *x509.CertPool) {
	s.t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(s.serveHTTP))
	server.EnableHTTP2 = true
	server.StartTLS()
	s.t.Cleanup(server.Close)
	roots = x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return server.URL + "/dns-query", roots
}

func (s *DNS) serveHTTP(w http.ResponseWriter, r *http.Request) {
	query := new(dns.Msg)
	packed, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost || query.Unpack(packed) != nil {
		http.Error(w, "not a query", http.StatusBadRequest)
		return
	}
	answer := s.answer(query, false)
	if answer == nil {
		http.Error(w, "silence", http.StatusGatewayTimeout)
		return
	}
	w.Header().Set("Content-Type", "application/dns-message")
	_, _ = w.Write(answer)
}

// SetZone puts other records in place.
func (s *DNS) SetZone(zone string) {
	s.t.Helper()
	parsed := parseDNSZone(s.t, zone)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.zone = parsed
}

// Fault makes the server do something wrong with the questions for a name and a
// type; an empty name is any name, type 0 any type. An empty fault mends it.
func (s *DNS) Fault(name string, qtype uint16, fault DNSFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name != "" {
		name = dns.CanonicalName(name)
	}
	s.fault[dnsQuestion{name, qtype}] = fault
}

// Delay makes every answer take that long.
func (s *DNS) Delay(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay = d
}

// Authenticate sets the AD bit of all answers to those who ask for it.
func (s *DNS) Authenticate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ad = true
}

// Asked returns the questions that came since the last call, such as
// "example.com. TXT", in the order they came.
func (s *DNS) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

// ServeDNS implements [dns.Handler].
func (s *DNS) ServeDNS(w dns.ResponseWriter, query *dns.Msg) {
	_, udp := w.RemoteAddr().(*net.UDPAddr)
	if answer := s.answer(query, udp); answer != nil {
		_, _ = w.Write(answer)
	}
}

// answer returns what to send, or nil for silence.
func (s *DNS) answer(query *dns.Msg, udp bool) []byte {
	fault, delay := s.note(query)
	if delay > 0 {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-s.done:
			return nil
		}
	}
	return s.reply(query, udp, fault)
}

// note counts a query and looks up what is to go wrong with it.
func (s *DNS) note(query *dns.Msg) (DNSFault, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, qtype := dns.CanonicalName(query.Question[0].Name), query.Question[0].Qtype
	s.asked = append(s.asked, name+" "+dns.Type(qtype).String())
	for _, q := range []dnsQuestion{{name, qtype}, {name, 0}, {"", qtype}, {"", 0}} {
		if fault, ok := s.fault[q]; ok {
			return fault, s.delay
		}
	}
	return "", s.delay
}
