package sink

// hash is FNV-1a over the parts, each ended by an octet that UTF-8 never
// contains, and stirred until every bit depends on every other (the finalizer of
// SplitMix64). The same input gives the same value on every machine.
func hash(seed uint64, parts ...string) uint64 {
	h := 14695981039346656037 ^ seed
	for _, part := range parts {
		for i := range len(part) {
			h = (h ^ uint64(part[i])) * 1099511628211
		}
		h = (h ^ 0xff) * 1099511628211
	}
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// fraction maps a hash to a number in [0, 1).
func fraction(h uint64) float64 {
	return float64(h>>11) / (1 << 53)
}
