package tlsscan

import "fmt"

// A Version is a version of TLS as it is spelled on the wire.
type Version uint16

// The versions that are asked for. SSLv2 is not: its handshake is another
// protocol, and no TLS library of the last ten years answers it (RFC 6176).
const (
	SSLv3  Version = 0x0300 // RFC 6101; not to be used: RFC 7568
	TLSv10 Version = 0x0301 // RFC 2246; not to be used: RFC 8996
	TLSv11 Version = 0x0302 // RFC 4346; not to be used: RFC 8996
	TLSv12 Version = 0x0303 // RFC 5246
	TLSv13 Version = 0x0304 // RFC 8446
)

// Versions returns all versions that are asked for, the oldest first.
func Versions() []Version {
	return []Version{SSLv3, TLSv10, TLSv11, TLSv12, TLSv13}
}

// String returns the usual name, such as "TLSv1.2".
func (v Version) String() string {
	switch {
	case v == SSLv3:
		return "SSLv3"
	case v >= TLSv10 && v <= TLSv13:
		return fmt.Sprintf("TLSv1.%d", v-TLSv10)
	}
	return fmt.Sprintf("0x%04X", uint16(v))
}
