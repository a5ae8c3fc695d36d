package delivery

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// serversKey names a set of mail exchangers: the first of them, in the order of
// the alphabet, and where there are more, how many and a hash of all names:
// "mx1.example.net+2~3fa2c1". Equal sets have equal keys.
func serversKey(hosts []string) string {
	names := slices.Compact(slices.Sorted(slices.Values(hosts)))
	if len(names) == 1 {
		return names[0]
	}
	sum := sha256.Sum256([]byte(strings.Join(names, " ")))
	return names[0] + "+" + strconv.Itoa(len(names)-1) + "~" + hex.EncodeToString(sum[:3])
}
