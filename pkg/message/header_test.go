package message

import (
	"errors"
	"mime"
	"net/mail"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/pkg/delivery"
)

func TestAppendText(t *testing.T) {
	tests := []struct {
		name, value, want string
	}{
		{"plain", "Hello", "Subject: Hello\r\n"},
		{"empty", "", "Subject:\r\n"},
		{"white space", "  a \t b  ", "Subject: a b\r\n"},
		{"folded", strings.Repeat("word ", 20), "Subject: " + strings.TrimSpace(strings.Repeat("word ", 14)) + "\r\n" +
			strings.Repeat(" word", 6) + "\r\n"},
		{"latin", "Grüße aus Köln und noch etwas mehr Text", "Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln_und_noch_etwas_mehr_Text?=\r\n"},
		{"looks encoded", "=?x?=", "Subject: =?UTF-8?B?PT94Pz0=?=\r\n"},
		{"control character", "a\x07b", "Subject: =?UTF-8?B?YQdi?=\r\n"},
	}
	for _, test := range tests {
		got, err := appendText(nil, "Subject", test.value)
		if err != nil || string(got) != test.want {
			t.Errorf("%s: %q, %v; want %q", test.name, got, err, test.want)
		}
	}
}

func TestEncodedTextReturns(t *testing.T) {
	for _, value := range []string{
		"Grüße", "春のセールのお知らせ：今なら送料無料でお届けします、どうぞお見逃しなく", "🎉🎊 party 👩‍👩‍👧‍👦 family", strings.Repeat("ä", 500),
		strings.Repeat("a", 2000), "Ünïcödé =?UTF-8?Q?not_this?= words", "tab\tand  spaces ü", strings.Repeat("日本 ", 300), "_?=ü",
	} {
		field, err := appendText(nil, "Subject", value)
		if err != nil {
			t.Fatalf("%q: %v", value, err)
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(string(field), "\r\n"), "\r\n") {
			if len(line) > foldAt || strings.Contains(line, "=?") && len(line) > maxEncodedLine {
				t.Errorf("%q: a line of %d octets: %q", value, len(line), line)
			}
			for word := range strings.FieldsSeq(line) {
				if _, err := new(mime.WordDecoder).Decode(word); strings.HasPrefix(word, "=?") && err != nil {
					t.Errorf("%q: the word %q does not stand alone: %v", value, word, err)
				}
			}
		}
		m, err := mail.ReadMessage(strings.NewReader(string(field) + "\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got := decoded(t, m.Header, "Subject"); got != collapse(value) {
			t.Errorf("%q came back as %q", value, got)
		}
	}
}

func TestAppendMailbox(t *testing.T) {
	address := delivery.Address{Local: "zoe", Domain: "fjord.example"}
	for _, name := range []string{"", "Zoe", "Smith, Jane", `The "Real" Zoe \ Co.`, "Zoë Ångström", "田中 さくら", "a@b", "=?utf-8?q?x?=", "Dr. No", strings.Repeat("Łukasz ", 30)} {
		field, err := appendMailbox(nil, "To", delivery.Mailbox{Name: name, Address: address})
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		m, err := mail.ReadMessage(strings.NewReader(string(field) + "\r\n"))
		if err != nil {
			t.Fatalf("%q: %v", field, err)
		}
		list, err := m.Header.AddressList("To")
		if err != nil {
			t.Fatalf("%q: %v", field, err)
		}
		if len(list) != 1 || list[0].Name != strings.TrimSpace(name) || list[0].Address != "zoe@fjord.example" {
			t.Errorf("%q came back as %v", name, list)
		}
		for line := range strings.SplitSeq(string(field), "\r\n") {
			if len(line) > foldAt {
				t.Errorf("%q: a line of %d octets", name, len(line))
			}
		}
	}
}

func TestHeaderInjection(t *testing.T) {
	for _, value := range []string{"a\r\nBcc: x@evil.example", "a\nb", "a\rb", "a\x00b", "\n", "a\r\n"} {
		if _, err := appendText(nil, "Subject", value); !errors.Is(err, ErrHeaderInjection) {
			t.Errorf("appendText(%q): %v, want ErrHeaderInjection", value, err)
		}
		if _, err := appendField(nil, "X", value); !errors.Is(err, ErrHeaderInjection) {
			t.Errorf("appendField(%q): %v, want ErrHeaderInjection", value, err)
		}
		if _, err := appendMailbox(nil, "To", delivery.Mailbox{Name: value}); !errors.Is(err, ErrHeaderInjection) {
			t.Errorf("appendMailbox(%q): %v, want ErrHeaderInjection", value, err)
		}
	}
}

func TestAppendFieldTooLong(t *testing.T) {
	if _, err := appendField(nil, "X-Long", strings.Repeat("a", 991)); !errors.Is(err, ErrHeaderTooLong) {
		t.Errorf("%v, want ErrHeaderTooLong", err)
	}
	if _, err := appendField(nil, "X-Long", strings.Repeat("a", 990)); err != nil {
		t.Errorf("a line of 998 octets: %v", err)
	}
}

func TestCheckHeaderName(t *testing.T) {
	tests := []struct {
		name string
		want error
	}{
		{"X-Campaign", nil},
		{"Precedence", nil},
		{"Auto-Submitted", nil},
		{"", ErrHeaderName},
		{"X Campaign", ErrHeaderName},
		{"X:", ErrHeaderName},
		{"X\r\nBcc", ErrHeaderName},
		{"Ünicode", ErrHeaderName},
		{strings.Repeat("X", 65), ErrHeaderName},
		{"bcc", ErrReservedHeader},
		{"Cc", ErrReservedHeader},
		{"FROM", ErrReservedHeader},
		{"subject", ErrReservedHeader},
		{"message-id", ErrReservedHeader},
		{"Content-Type", ErrReservedHeader},
		{"Content-Language", ErrReservedHeader},
		{"MIME-Version", ErrReservedHeader},
		{"List-Unsubscribe", ErrReservedHeader},
		{"list-unsubscribe-post", ErrReservedHeader},
		{"DKIM-Signature", ErrReservedHeader},
		{"Received", ErrReservedHeader},
		{"Reply-To", ErrReservedHeader},
		{"Feedback-ID", ErrReservedHeader},
		{"Date", ErrReservedHeader},
	}
	for _, test := range tests {
		err := checkHeaderName(test.name)
		if !errors.Is(err, test.want) {
			t.Errorf("%q: %v, want %v", test.name, err, test.want)
		}
		if errors.Is(err, ErrReservedHeader) && len(delivery.Hints(err)) == 0 {
			t.Errorf("%q: %v has no hint", test.name, err)
		}
	}
}

func FuzzEncodeWords(f *testing.F) {
	f.Add("Grüße", 9)
	f.Add("日本語の件名", 0)
	f.Add("\xff\xfe", 70)
	f.Fuzz(func(t *testing.T, text string, used int) {
		if used < 0 || used > maxHeaderName+2 || text == "" {
			t.Skip("no header name is that long")
		}
		words := encodeWords(text, used)
		got, err := new(mime.WordDecoder).DecodeHeader(words)
		if err != nil || got != strings.ToValidUTF8(text, "\ufffd") {
			t.Errorf("%q came back as %q (%v) from %q", text, got, err, words)
		}
		for word := range strings.SplitSeq(words, " ") {
			if len(word) > maxEncodedWord {
				t.Errorf("%q: the word %q has %d octets", text, word, len(word))
			}
		}
	})
}
