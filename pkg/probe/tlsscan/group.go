package tlsscan

import "fmt"

// A Group is a group for the key exchange, from IANA's TLS Supported Groups.
type Group uint16

// The groups that more than the table of names must know.
const groupX25519 Group = 29

// groups are those that are asked for, in the order in which they are offered.
var groups = [...]struct {
	id   Group
	name string
}{
	{groupX25519, "x25519"},
	{23, "secp256r1"},
	{24, "secp384r1"},
	{25, "secp521r1"},
	{30, "x448"},
	{0x11EC, "X25519MLKEM768"},
	{0x11EB, "SecP256r1MLKEM768"},
	{0x11ED, "SecP384r1MLKEM1024"},
	{0x0200, "MLKEM512"},
	{0x0201, "MLKEM768"},
	{0x0202, "MLKEM1024"},
	{256, "ffdhe2048"},
	{257, "ffdhe3072"},
	{258, "ffdhe4096"},
	{259, "ffdhe6144"},
	{260, "ffdhe8192"},
	{31, "brainpoolP256r1tls13"},
	{32, "brainpoolP384r1tls13"},
	{33, "brainpoolP512r1tls13"},
	{41, "curveSM2"},
	{26, "brainpoolP256r1"},
	{27, "brainpoolP384r1"},
	{28, "brainpoolP512r1"},
	{22, "secp256k1"},
	{21, "secp224r1"},
	{20, "secp224k1"},
	{19, "secp192r1"},
	{18, "secp192k1"},
	{17, "secp160r2"},
	{16, "secp160r1"},
	{15, "secp160k1"},
	{14, "sect571r1"},
	{13, "sect571k1"},
	{12, "sect409r1"},
	{11, "sect409k1"},
	{10, "sect283r1"},
	{9, "sect283k1"},
	{8, "sect239k1"},
	{7, "sect233r1"},
	{6, "sect233k1"},
	{5, "sect193r2"},
	{4, "sect193r1"},
	{3, "sect163r2"},
	{2, "sect163r1"},
	{1, "sect163k1"},
}

// String returns the name that IANA registered, or the number.
func (g Group) String() string {
	for _, known := range &groups {
		if known.id == g {
			return known.name
		}
	}
	return fmt.Sprintf("0x%04X", uint16(g))
}

// allGroups returns the groups in the order in which they are offered.
func allGroups() []Group {
	ids := make([]Group, len(groups))
	for i, known := range &groups {
		ids[i] = known.id
	}
	return ids
}
