package testkit

import (
	"slices"

	"github.com/miekg/dns"
)

// reply writes the answer, with the fault in it.
func (s *DNS) reply(query *dns.Msg, udp bool, fault DNSFault) []byte {
	s.mu.Lock()
	zone, ad := s.zone, s.ad
	s.mu.Unlock()
	m := zone.answer(query, fault != DNSUnchased)
	m.AuthenticatedData = ad && query.AuthenticatedData
	switch fault {
	case DNSSilent:
		return nil
	case DNSNoTCP:
		if !udp {
			return nil
		}
		truncate(m)
	case DNSTruncated:
		if udp {
			truncate(m)
		}
	case DNSGarbage:
		return []byte{byte(m.Id >> 8), byte(m.Id), 0x81, 0x80, 0, 1, 0, 9, 0, 0, 0, 0, 0xff}
	default:
		spoil(m, query, fault)
	}
	if opt := query.IsEdns0(); opt != nil && fault != DNSNoEDNS {
		m.SetEdns0(opt.UDPSize(), opt.Do())
	}
	if udp {
		fit(m, query)
	}
	packed, err := m.Pack()
	if err != nil {
		s.t.Errorf("the name server cannot answer: %v", err)
	}
	return packed
}

// spoil puts a fault into an answer.
func spoil(m, query *dns.Msg, fault DNSFault) {
	switch fault {
	case DNSServFail:
		failWith(m, dns.RcodeServerFailure)
	case DNSBogus:
		if !query.CheckingDisabled {
			failWith(m, dns.RcodeServerFailure)
		}
	case DNSRefused:
		failWith(m, dns.RcodeRefused)
	case DNSNoEDNS:
		if query.IsEdns0() != nil {
			failWith(m, dns.RcodeFormatError)
		}
	case DNSWrongID:
		m.Id++
	case DNSWrongQuestion:
		m.Question = slices.Clone(m.Question)
		m.Question[0].Name = "forged.example."
	case DNSReferral, DNSEmpty, DNSOutOfZone:
		failWith(m, dns.RcodeSuccess)
		m.RecursionAvailable = false
		misdirect(m, fault)
	}
}

// misdirect makes an empty answer one of somebody who is not responsible.
func misdirect(m *dns.Msg, fault DNSFault) {
	switch fault {
	case DNSReferral:
		m.Ns = []dns.RR{&dns.NS{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeNS, Class: dns.ClassINET, Ttl: 60}, Ns: "a.root-servers.example."}}
	case DNSOutOfZone:
		m.Rcode = dns.RcodeNameError
		m.Ns = []dns.RR{newSOA("elsewhere.example.")}
	}
}

func failWith(m *dns.Msg, rcode int) {
	m.Rcode = rcode
	m.Answer, m.Ns, m.Extra = nil, nil, nil
}

func truncate(m *dns.Msg) {
	m.Truncated = true
	m.Answer, m.Ns, m.Extra = nil, nil, nil
}

// fit cuts an answer to the size that the client can take.
func fit(m, query *dns.Msg) {
	size := dns.MinMsgSize
	if opt := query.IsEdns0(); opt != nil {
		size = max(size, int(opt.UDPSize()))
	}
	m.Truncate(size)
}
