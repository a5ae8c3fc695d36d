package delivery

import (
	"errors"
	"testing"
)

func TestParseMailbox(t *testing.T) {
	acme := Address{"news", "acme.example"}
	tests := []struct {
		in   string
		want Mailbox
		out  string
		err  error
	}{
		{"news@acme.example", Mailbox{"", acme}, "news@acme.example", nil},
		{" <news@acme.example> ", Mailbox{"", acme}, "news@acme.example", nil},
		{"Acme <news@acme.example>", Mailbox{"Acme", acme}, "Acme <news@acme.example>", nil},
		{"Acme News<news@ACME.example>", Mailbox{"Acme News", acme}, "Acme News <news@acme.example>", nil},
		{`"Acme, \"Inc.\"" <news@acme.example>`, Mailbox{`Acme, "Inc."`, acme}, `"Acme, \"Inc.\"" <news@acme.example>`, nil},
		{"Acme, Inc. <news@acme.example>", Mailbox{"Acme, Inc.", acme}, `"Acme, Inc." <news@acme.example>`, nil},
		{"news@acme <news@acme.example>", Mailbox{"news@acme", acme}, `"news@acme" <news@acme.example>`, nil},
		{"Jörg <news@acme.example>", Mailbox{"Jörg", acme}, "=?utf-8?q?J=C3=B6rg?= <news@acme.example>", nil},
		{"=?utf-8?q?J=C3=B6rg?= <news@acme.example>", Mailbox{"Jörg", acme}, "=?utf-8?q?J=C3=B6rg?= <news@acme.example>", nil},
		{"=?iso-8859-1?B?SvZyZw==?= <news@acme.example>", Mailbox{"Jörg", acme}, "=?utf-8?q?J=C3=B6rg?= <news@acme.example>", nil},
		{`"=?x?=" <news@acme.example>`, Mailbox{"=?x?=", acme}, `"=?x?=" <news@acme.example>`, nil},
		{`"a  b" <news@acme.example>`, Mailbox{"a  b", acme}, `"a  b" <news@acme.example>`, nil},

		{in: "", err: ErrNoAddress},
		{in: "Acme <>", err: ErrNoAddress},
		{in: "Acme", err: ErrAddressSyntax},
		{in: "Acme news@acme.example>", err: ErrAddressSyntax},
		{in: "Acme <news>", err: ErrAddressSyntax},
		{in: `"Acme <news@acme.example>`, err: ErrAddressSyntax},
		{in: `Ac"me <news@acme.example>`, err: ErrAddressSyntax},
		{in: "a <b@c.example> <news@acme.example>", err: ErrAddressSyntax},
		{in: "Acme\r\nBcc: x <news@acme.example>", err: ErrAddressSyntax},
		{in: "=?utf-8?q?a=0D=0Ab?= <news@acme.example>", err: ErrAddressSyntax},
		{in: "=?nowhere?q?a?= <news@acme.example>", err: ErrAddressSyntax},
		{in: "a\u202eb <news@acme.example>", err: ErrAddressSyntax},
		{in: "a\xffb <news@acme.example>", err: ErrAddressSyntax},
	}
	for _, test := range tests {
		got, err := ParseMailbox(test.in)
		if !errors.Is(err, test.err) || got != test.want {
			t.Errorf("ParseMailbox(%q) = %+v, %v; want %+v, %v", test.in, got, err, test.want, test.err)
		}
		if got.String() != test.out {
			t.Errorf("ParseMailbox(%q).String() = %q, want %q", test.in, got, test.out)
		}
	}
}

func TestReadable(t *testing.T) {
	acme := Address{"news", "acme.example"}
	for name, want := range map[string]string{
		"":             "news@acme.example",
		"Acme":         "Acme <news@acme.example>",
		"Acme, Inc.":   `"Acme, Inc." <news@acme.example>`,
		"Jürgen Groß":  "Jürgen Groß <news@acme.example>",
		"Groß, Jürgen": `"Groß, Jürgen" <news@acme.example>`,
		"ニュース":         "ニュース <news@acme.example>",
		"=?x?=":        `"=?x?=" <news@acme.example>`,
	} {
		if got := (Mailbox{name, acme}).Readable(); got != want {
			t.Errorf("Mailbox{%q}.Readable() = %q, want %q", name, got, want)
		}
	}
}

func FuzzParseMailbox(f *testing.F) {
	for _, seed := range []string{
		"Acme <news@acme.example>", `"a\"b" <a@b.example>`, "=?utf-8?q?J=C3=B6rg?= <a@b.example>", "Jörg <a@b.example>", "=? <a@b.example>",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseMailbox(s)
		if err != nil {
			return
		}
		for _, printed := range []string{m.String(), m.Readable()} {
			again, err := ParseMailbox(printed)
			if err != nil || again != m {
				t.Fatalf("ParseMailbox(%q) = %+v, printed %q, read again %+v, %v", s, m, printed, again, err)
			}
		}
	})
}
