package sink

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFlaws(t *testing.T) {
	for _, tc := range []struct {
		data string
		want []Flaw
	}{
		{"", nil},
		{"a: b\r\n\r\ntext\r\n", nil},
		{"a\nb\r\n", []Flaw{FlawBareLF}},
		{"a\rb\r\n", []Flaw{FlawBareCR}},
		{"a\r\r\n", []Flaw{FlawBareCR}},
		{"a\r\n\r", []Flaw{FlawBareCR}},
		{"\n", []Flaw{FlawBareLF}},
		{strings.Repeat("x", 998) + "\r\n", nil},
		{strings.Repeat("x", 999) + "\r\n", []Flaw{FlawLongLine}},
		{strings.Repeat("x", 996) + "\rx\r\n", []Flaw{FlawBareCR}},
		{strings.Repeat("x", 997) + "\rx\r\n", []Flaw{FlawBareCR, FlawLongLine}},
		{"\xc3\xa9\r\n", []Flaw{FlawEightBit}},
	} {
		var s scanner
		s.scan([]byte(tc.data))
		if diff := cmp.Diff(tc.want, s.flaws(false)); diff != "" {
			t.Errorf("%.40q: %s", tc.data, diff)
		}
	}
	var s scanner
	s.scan([]byte("\xff"))
	if got := s.flaws(true); got != nil {
		t.Errorf("announced: %q", got)
	}
}

func TestHeaderFields(t *testing.T) {
	for _, tc := range []struct{ data, subject, messageID string }{
		{"", "", ""},
		{"Subject: a\r\nMessage-ID: <1@x>\r\n\r\nSubject: b\r\n", "a", "<1@x>"},
		{"SUBJECT : a\r\n b\r\n\tc\r\nmessage-id:<1@x>", "a b c", "<1@x>"},
		{"Subject: a\nSubject: b\n\nc", "a", ""},
		{" Subject: a\r\n", "", ""},
		{"Subject: =?utf-8?q?caf=C3=A9?= =?iso-8859-1?q?=E9?=\r\n", "caféé", ""},
		{"Subject: =?klingon?q?x?=\r\n", "=?klingon?q?x?=", ""},
		{"Subject: caf\xe9 \x1b[31m\r\n", "caf ?[31m", ""},
		{"\r\nSubject: a\r\n", "", ""},
		{"Subject:\r\n a\r\n", "a", ""},
		{"Subject: " + strings.Repeat("é", 600) + "\r\n", strings.Repeat("é", 499), ""},
	} {
		var s scanner
		s.scan([]byte(tc.data))
		if got := s.subject(); got != tc.subject {
			t.Errorf("%.40q: subject %q", tc.data, got)
		}
		if got := s.messageID(); got != tc.messageID {
			t.Errorf("%.40q: Message-ID %q", tc.data, got)
		}
	}
}

func TestHeaderIsBounded(t *testing.T) {
	var s scanner
	for range 100 {
		s.scan([]byte(strings.Repeat("x: y\r\n", 1000)))
	}
	if len(s.header) != maxHeader {
		t.Errorf("%d octets kept", len(s.header))
	}
}

// FuzzScan shows that it does not matter where a message is cut while it comes in.
func FuzzScan(f *testing.F) {
	f.Add([]byte("Subject: a\r\nMessage-ID: <1@x>\r\n\r\ntext\r\n"), uint(3))
	f.Add([]byte("a\rb\nc\xff\r\n\n"), uint(1))
	f.Fuzz(func(t *testing.T, data []byte, size uint) {
		var whole, cut scanner
		whole.scan(data)
		size = size%100 + 1
		for rest := data; len(rest) > 0; {
			n := min(len(rest), int(size))
			cut.scan(rest[:n])
			rest = rest[n:]
		}
		if diff := cmp.Diff(whole.flaws(false), cut.flaws(false)); diff != "" {
			t.Error(diff)
		}
		if whole.size != cut.size || whole.subject() != cut.subject() || whole.messageID() != cut.messageID() {
			t.Errorf("%+v\n%+v", whole, cut)
		}
		if s := whole.subject(); strings.ContainsAny(s, "\r\n\x1b\x00") || len(s) > maxField+len("\uFFFD") {
			t.Errorf("subject %q", s)
		}
	})
}
