package delivery

import (
	"errors"
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	label63 := strings.Repeat("a", 63)
	tests := []struct {
		in, local, domain string
		err               error
	}{
		// What lists consist of.
		{in: "user@example.com", local: "user", domain: "example.com"},
		{in: " user@example.com\r\n", local: "user", domain: "example.com"},
		{in: "\u00a0user@example.com", local: "user", domain: "example.com"},
		{in: "User.Name+tag@Example.COM", local: "User.Name+tag", domain: "example.com"},
		{in: "!#$%&'*+-/=?^_`{|}~@example.com", local: "!#$%&'*+-/=?^_`{|}~", domain: "example.com"},
		{in: "a@b.c.example", local: "a", domain: "b.c.example"},
		{in: "a@3com.example", local: "a", domain: "3com.example"},
		{in: "a@r3---sn.example", local: "a", domain: "r3---sn.example"},
		{in: "a@example.com.", local: "a", domain: "example.com"},
		{in: "root@localhost", local: "root", domain: "localhost"},
		// Quoted local parts (RFC 5321 §4.1.2).
		{in: `"user"@example.com`, local: "user", domain: "example.com"},
		{in: `"a b"@example.com`, local: "a b", domain: "example.com"},
		{in: `"a@b"@example.com`, local: "a@b", domain: "example.com"},
		{in: `"a\"b\\c"@example.com`, local: `a"b\c`, domain: "example.com"},
		{in: `"a\b"@example.com`, local: "ab", domain: "example.com"},
		{in: `"a..b"@example.com`, local: "a..b", domain: "example.com"},
		{in: `"<>,;"@example.com`, local: "<>,;", domain: "example.com"},
		// Other scripts (RFC 6531, RFC 5891).
		{in: "jörg@example.com", local: "jörg", domain: "example.com"},
		{in: "jo\u0308rg@example.com", local: "jörg", domain: "example.com"},
		{in: "用户@例子.公司", local: "用户", domain: "xn--fsqu00a.xn--55qx5d"},
		{in: "user@BÜCHER.example", local: "user", domain: "xn--bcher-kva.example"},
		{in: "user@xn--bcher-kva.example", local: "user", domain: "xn--bcher-kva.example"},
		{in: "user@straße.example", local: "user", domain: "xn--strae-oqa.example"},
		{in: "user@例え。テスト", local: "user", domain: "xn--r8jz45g.xn--zckzah"},
		{in: "می\u200cخواهم@example.com", local: "می\u200cخواهم", domain: "example.com"},
		// Address literals (RFC 5321 §4.1.3).
		{in: "user@[192.0.2.1]", local: "user", domain: "[192.0.2.1]"},
		{in: "user@[IPv6:2001:DB8:0:0::1]", local: "user", domain: "[IPv6:2001:db8::1]"},
		{in: "user@[ipv6:2001:db8::1]", local: "user", domain: "[IPv6:2001:db8::1]"},
		// The longest that are allowed.
		{in: strings.Repeat("a", 64) + "@example.com", local: strings.Repeat("a", 64), domain: "example.com"},
		{in: "a@" + label63 + ".example", local: "a", domain: label63 + ".example"},
		// Nothing.
		{in: "", err: ErrNoAddress},
		{in: " \t", err: ErrNoAddress},
		// Too long.
		{in: strings.Repeat("a", 65) + "@example.com", err: ErrAddressTooLong},
		{in: strings.Repeat("ä", 33) + "@example.com", err: ErrAddressTooLong},
		{in: `"` + strings.Repeat(`\"`, 32) + `"@example.com`, err: ErrAddressTooLong},
		{in: "a@" + strings.Repeat("abcdefg.", 31) + "abcdefg", err: ErrAddressTooLong},
		{in: "aaaa@" + strings.Repeat("abcdefg.", 31) + "ab", err: ErrAddressTooLong},
		{in: "a@" + strings.Repeat("ü", 2000) + ".example", err: ErrAddressTooLong},
		{in: "a@a" + label63 + ".example", err: ErrAddressSyntax},
		// Not an address.
		{in: "user", err: ErrAddressSyntax},
		{in: "@example.com", err: ErrAddressSyntax},
		{in: "user@", err: ErrAddressSyntax},
		{in: "user@@example.com", err: ErrAddressSyntax},
		{in: "a@b@example.com", err: ErrAddressSyntax},
		{in: ".user@example.com", err: ErrAddressSyntax},
		{in: "user.@example.com", err: ErrAddressSyntax},
		{in: "us..er@example.com", err: ErrAddressSyntax},
		{in: "us er@example.com", err: ErrAddressSyntax},
		{in: "user(comment)@example.com", err: ErrAddressSyntax},
		{in: "user@example.com(comment)", err: ErrAddressSyntax},
		{in: "User <user@example.com>", err: ErrAddressSyntax},
		{in: "<user@example.com>", err: ErrAddressSyntax},
		{in: "group: user@example.com;", err: ErrAddressSyntax},
		{in: "a@example.com,b@example.com", err: ErrAddressSyntax},
		{in: `""@example.com`, err: ErrAddressSyntax},
		{in: `"user@example.com`, err: ErrAddressSyntax},
		{in: `"user"x@example.com`, err: ErrAddressSyntax},
		{in: `us"er@example.com`, err: ErrAddressSyntax},
		{in: `"a` + "\t" + `b"@example.com`, err: ErrAddressSyntax},
		// What must never reach a command.
		{in: "us\r\ner@example.com", err: ErrAddressSyntax},
		{in: "\"us\r\ner\"@example.com", err: ErrAddressSyntax},
		{in: "us\x00er@example.com", err: ErrAddressSyntax},
		{in: "user@exam\r\nple.com", err: ErrAddressSyntax},
		{in: "user@example.com> SIZE=1", err: ErrAddressSyntax},
		{in: "us\xffer@example.com", err: ErrAddressSyntax},
		// What cannot be seen.
		{in: "user\u200b@example.com", err: ErrAddressSyntax},
		{in: "us\u202eer@example.com", err: ErrAddressSyntax},
		{in: "us\u00ader@example.com", err: ErrAddressSyntax},
		{in: "us\u200cer@example.com", err: ErrAddressSyntax},
		{in: "us\u0085er@example.com", err: ErrAddressSyntax},
		{in: "用\u3000户@example.com", err: ErrAddressSyntax},
		// Domains.
		{in: "user@example", err: ErrAddressSyntax},
		{in: "user@example..com", err: ErrAddressSyntax},
		{in: "user@.example.com", err: ErrAddressSyntax},
		{in: "user@example.com..", err: ErrAddressSyntax},
		{in: "user@.", err: ErrAddressSyntax},
		{in: "user@-example.com", err: ErrAddressSyntax},
		{in: "user@example-.com", err: ErrAddressSyntax},
		{in: "user@exa_mple.com", err: ErrAddressSyntax},
		{in: "user@exa mple.com", err: ErrAddressSyntax},
		{in: "user@exa!mple.com", err: ErrAddressSyntax},
		{in: "user@192.0.2.1", err: ErrAddressSyntax},
		{in: "user@example.123", err: ErrAddressSyntax},
		{in: "user@xn--a.example", err: ErrAddressSyntax},
		{in: "user@xn--.example", err: ErrAddressSyntax},
		{in: "user@a\u05d0.example", err: ErrAddressSyntax},   // mixes directions (RFC 5893)
		{in: "user@\u0301a.example", err: ErrAddressSyntax},   // begins with a mark
		{in: "user@a\u200db.example", err: ErrAddressSyntax},  // a joiner between ASCII letters
		{in: "user@exam\u2028ple.com", err: ErrAddressSyntax}, // a line separator
		// Address literals that are none.
		{in: "user@[192.0.2]", err: ErrAddressSyntax},
		{in: "user@[192.0.2.1", err: ErrAddressSyntax},
		{in: "user@[2001:db8::1]", err: ErrAddressSyntax},
		{in: "user@[IPv6:192.0.2.1]", err: ErrAddressSyntax},
		{in: "user@[IPv6:fe80::1%eth0]", err: ErrAddressSyntax},
		{in: "user@[x:y]", err: ErrAddressSyntax},
		{in: "user@[]", err: ErrAddressSyntax},
		{in: "user@[192.0.2.1]x", err: ErrAddressSyntax},
	}
	for _, test := range tests {
		got, err := ParseAddress(test.in)
		want := Address{Local: test.local, Domain: test.domain}
		if !errors.Is(err, test.err) || got != want {
			t.Errorf("ParseAddress(%q) = %+v, %v; want %+v, %v", test.in, got, err, want, test.err)
		}
	}
}

func TestAddressHints(t *testing.T) {
	for in, want := range map[string]string{
		"user@exa_mple.com":          "letters, digits",
		"user@gmail":                 "gmail.com",
		"user\u200b@example.com":     "U+200B",
		"a@example.com, b@example.c": "one in each field",
		"user@[1.2.3]":               "user@[192.0.2.1]",
	} {
		_, err := ParseAddress(in)
		if hints := Hints(err); len(hints) != 1 || !strings.Contains(hints[0], want) {
			t.Errorf("ParseAddress(%q) hints at %q, want %q", in, hints, want)
		}
	}
}

func TestAddressStrings(t *testing.T) {
	tests := []struct {
		a             Address
		wire, unicode string
		utf8          bool
	}{
		{Address{}, "", "", false},
		{Address{"user", "example.com"}, "user@example.com", "user@example.com", false},
		{Address{"a b", "example.com"}, `"a b"@example.com`, `"a b"@example.com`, false},
		{Address{`a"\`, "example.com"}, `"a\"\\"@example.com`, `"a\"\\"@example.com`, false},
		{Address{"a.", "example.com"}, `"a."@example.com`, `"a."@example.com`, false},
		{Address{"jörg", "xn--bcher-kva.example"}, "jörg@xn--bcher-kva.example", "jörg@bücher.example", true},
		{Address{"a", "[IPv6:2001:db8::1]"}, "a@[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]", false},
		{Address{"a", "xn--a.example"}, "a@xn--a.example", "a@xn--a.example", false},
	}
	for _, test := range tests {
		if got := test.a.String(); got != test.wire {
			t.Errorf("%#v.String() = %q, want %q", test.a, got, test.wire)
		}
		if got := test.a.Unicode(); got != test.unicode {
			t.Errorf("%#v.Unicode() = %q, want %q", test.a, got, test.unicode)
		}
		if got := test.a.NeedsSMTPUTF8(); got != test.utf8 {
			t.Errorf("%#v.NeedsSMTPUTF8() = %v", test.a, got)
		}
	}
}

func TestAddressKey(t *testing.T) {
	a, b, c := parsed(t, `"User"@EXAMPLE.com`), parsed(t, "User@example.com."), parsed(t, "user@example.com")
	if a.Key() != b.Key() || a.Key() == c.Key() {
		t.Errorf("keys %q, %q and %q", a.Key(), b.Key(), c.Key())
	}
}

func parsed(t *testing.T, s string) Address {
	t.Helper()
	a, err := ParseAddress(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestParseAddressAllocations(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { _, _ = ParseAddress("first.last+tag@mail.example.com") }); n != 0 {
		t.Errorf("a plain address allocates %v times", n)
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, seed := range []string{
		"user@example.com", `"a\"b c"@example.com`, "用户@例子.公司", "a@[IPv6:2001:db8::1]", "a@[192.0.2.1]",
		"User@EXAMPLE.com.", "می\u200cخواهم@example.com", "a@xn--bcher-kva.example", `"\x00"@a.b`, "a@b。c", "a@ß.example",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err != nil {
			return
		}
		wire := a.String()
		if len(wire) > maxAddress || checkPath(a) != nil || !isSafeArgument(a.Domain) {
			t.Fatalf("ParseAddress(%q) lets %q pass", s, wire)
		}
		again, err := ParseAddress(wire)
		if err != nil || again != a {
			t.Fatalf("ParseAddress(%q) = %+v, printed %q, read again %+v, %v", s, a, wire, again, err)
		}
		if shown, err := ParseAddress(a.Unicode()); err == nil && shown != a {
			t.Fatalf("%q shown as %q is %+v", wire, a.Unicode(), shown)
		}
	})
}

func BenchmarkParseAddress(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = ParseAddress("first.last+tag@mail.example.com")
	}
}
