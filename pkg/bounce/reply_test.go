package bounce

import "testing"

// TestReplyBeforeNumber finds replies that begin with the IP address they refuse, and
// none in a number before a time.
func TestReplyBeforeNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"550 192.0.2.9 is not allowed":          550,
		"550-2001:db8::9 is not allowed":        550,
		"550 2a00:1:2:3:4:5:6:7 is not allowed": 550,
		"-rw-r--r-- 1 anna 512 10:20:30 log":    0,
		"the 450 12:30:45 train":                0,
		"550 192.0.2 nothing":                   0,
	} {
		if got := replyIn(text).Code; got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}
