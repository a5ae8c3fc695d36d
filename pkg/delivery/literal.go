package delivery

import (
	"net"
	"net/netip"
)

// AddressLiteral writes an address as EHLO takes it (RFC 5321 §4.1.3).
func AddressLiteral(addr netip.Addr) string {
	if addr = addr.Unmap().WithZone(""); addr.Is6() {
		return "[IPv6:" + addr.String() + "]"
	}
	return "[" + addr.String() + "]"
}

// LocalLiteral returns what a client without a name says in EHLO: the address that
// its connection comes from (RFC 5321 §4.1.4). Where that is not an IP address, it is
// the one of the machine itself.
func LocalLiteral(conn net.Conn) string {
	if local, ok := conn.LocalAddr().(*net.TCPAddr); ok && local.AddrPort().IsValid() {
		return AddressLiteral(local.AddrPort().Addr())
	}
	return AddressLiteral(netip.AddrFrom4([4]byte{127, 0, 0, 1}))
}
