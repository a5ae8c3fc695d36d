package verify_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/verify"
)

// formIDs are the findings about the form of a message and about unsubscribing.
func formIDs(report *verify.Report) string {
	var names []string
	for _, f := range report.Findings {
		if f.Standard == verify.StandardMessage || f.Standard == verify.StandardUnsubscribe {
			names = append(names, f.ID)
		}
	}
	return strings.Join(names, " ")
}

// TestForm changes one thing about a good message, unsigned.
func TestForm(t *testing.T) {
	t.Parallel()
	const unsigned = "unsubscribe-not-signed"
	for _, tt := range []struct {
		old, new, want string
	}{
		{"", "", unsigned},
		{"From: Acme <news@acme.example>\r\n", "", "message-no-from " + unsigned},
		{"From:", "From: eve@evil.example\r\nFrom:", "message-several-from " + unsigned},
		{"Acme <news@acme.example>", "news", "message-bad-from " + unsigned},
		{"Acme <news@acme.example>", "news@[192.0.2.1]", "message-bad-from " + unsigned},
		{"Acme <news@acme.example>", "a@acme.example, b@acme.example", "message-several-authors " + unsigned},
		{"Acme <news@acme.example>", "a@acme.example, b@evil.example", "message-several-authors " + unsigned},
		{"Acme <news@acme.example>", "=?x-unknown?q?Acme?= <news@acme.example>", unsigned},
		{"Acme <news@acme.example>", "J\xf6rg <news@acme.example>", "message-8bit-header " + unsigned},
		{"Acme <news@acme.example>", "Acme <news@\xf6.example>", "message-bad-from message-8bit-header " + unsigned},
		{"Acme <news@acme.example>", "\"A, B\" (staff)\r\n <news@acme.example>", unsigned},
		{"Date: Sun, 22 Nov 2026 12:00:00 +0000\r\n", "", "message-no-date " + unsigned},
		{"Sun, 22 Nov 2026 12:00:00 +0000", "2026-11-22", "message-bad-date " + unsigned},
		{"Message-ID: <1@acme.example>\r\n", "", "message-no-message-id " + unsigned},
		{"<1@acme.example>", "1", "message-bad-message-id " + unsigned},
		{"Subject:", "subject: a\r\nSubject:", "message-duplicate-field " + unsigned},
		{"To:", "Received: a\r\nReceived: b\r\nTo:", unsigned},
		{"To:", "no field\r\nTo:", "message-bad-field " + unsigned},
		{"To:", "b\u00e4d: 1\r\nTo:", "message-bad-field " + unsigned},
		{"News", "Ne\u00fce", "message-8bit-header " + unsigned},
		{"Hello.", "Hello.\n", "message-bare-line-end " + unsigned},
		{"Hello.", "Hel\rlo.", "message-bare-line-end " + unsigned},
		{"Hello.\r\n", "Hello.\r", "message-bare-line-end " + unsigned},
		{"Hello.\r\n", "Hello.", unsigned},
		{"Hello.", strings.Repeat("x", 998), unsigned},
		{"Hello.", strings.Repeat("x", 999), "message-long-line " + unsigned},
		{"Hello.", "\x00", "message-nul " + unsigned},
		{"\r\n\r\nHello.\r\n", "\r\n", "message-no-empty-line " + unsigned},
		{"List-Unsubscribe: <https://acme.example/u/1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", "", "unsubscribe-missing"},
		{"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", "", "unsubscribe-no-post"},
		{"List-Unsubscribe=One-Click", "yes", "unsubscribe-bad-post"},
		{"<https://acme.example/u/1>", "https://acme.example/u/1", "unsubscribe-bad-uri"},
		{"<https://acme.example/u/1>", "<mailto:a@acme.example>", "unsubscribe-no-https"},
		{"<https://acme.example/u/1>", "<mailto:a@acme.example>, <https://acme.example/>", unsigned},
	} {
		message := strings.Replace(sample, tt.old, tt.new, 1)
		if message == sample && tt.old != tt.new {
			t.Fatalf("the sample does not have %q", tt.old)
		}
		report := judge(t, zonetest.New(t, ""), message)
		if got := formIDs(report); got != tt.want {
			t.Errorf("with %q: got %q, want %q", tt.new, got, tt.want)
		}
		for _, f := range report.Findings {
			if f.Message == "" || f.Subject == "" || f.Ref == "" || f.Severity == "" {
				t.Errorf("with %q: %+v is not complete", tt.new, f)
			}
		}
	}
}

// TestAuthor finds out whom DMARC is about.
func TestAuthor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		from, want string
		err        error
	}{
		{"From: a@Acme.Example\r\n", "acme.example", nil},
		{"From: a@b\u00fccher.example\r\n", "xn--bcher-kva.example", nil},
		{"From: a@acme.example, b@acme.example\r\n", "acme.example", nil},
		{"From: a@acme.example, b@other.example\r\n", "", verify.ErrSeveralAuthors},
		{"From: a@acme.example\r\nFrom: a@acme.example\r\n", "", verify.ErrNoAuthor},
		{"From: a\r\n", "", verify.ErrNoAuthor},
		{"From: staff:;\r\n", "", verify.ErrNoAuthor},
		{"From:\r\n", "", verify.ErrNoAuthor},
		{"To: a@acme.example\r\n", "", verify.ErrNoAuthor},
	} {
		report := judge(t, zonetest.New(t, ""), tt.from+"\r\n")
		if report.Author != tt.want || !errors.Is(report.AuthorErr, tt.err) {
			t.Errorf("%q: got %q (%v), want %q (%v)", tt.from, report.Author, report.AuthorErr, tt.want, tt.err)
		}
	}
}

func TestReturnPath(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		header, want string
		ok           bool
	}{
		{"Return-Path: <a@b.example>\r\nReturn-Path: <x@y.example>\r\n\r\n", "a@b.example", true},
		{"return-path: <>\r\n\r\n", "", true},
		{"Return-Path: a@b.example\r\n\r\n", "a@b.example", false},
		{"From: a@b.example\r\n\r\n", "", false},
	} {
		if got, ok := verify.ReturnPath([]byte(tt.header)); got != tt.want || ok != tt.ok {
			t.Errorf("%q: got %q, %t", tt.header, got, ok)
		}
	}
}

// TestBounds gives messages that are too large to be looked at.
func TestBounds(t *testing.T) {
	t.Parallel()
	r := zonetest.New(t, "")
	for _, tt := range []struct {
		name, message string
		want          error
	}{
		{"fields", strings.Repeat("a:\r\n", 3000), verify.ErrHeaderTooLarge},
		{"lines", "a:\r\n" + strings.Repeat(" b\r\n", 9000), verify.ErrHeaderTooLarge},
		{"octets", "a:" + strings.Repeat("b", verify.MaxHeader), verify.ErrHeaderTooLarge},
		{"body", "a:\r\n\r\n" + strings.Repeat("b", verify.MaxHeader), nil},
	} {
		_, err := verify.Verify(t.Context(), r, verify.Query{Message: []byte(tt.message), Time: noon()})
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
	var many strings.Builder
	for i := range 20 {
		fmt.Fprintf(&many, "DKIM-Signature: v=1; s=s%d; d=acme.example; a=rsa-sha256; b=AA==; bh=AA==; h=%s\r\n", i, strings.Repeat("from:", 400))
	}
	report := judge(t, r, many.String()+strings.Repeat("x: y\r\n", 1500)+"From: a@acme.example\r\n\r\n")
	if len(report.DKIM) != verify.MaxSignatures || !strings.Contains(ids(report.Findings), "dkim-many") {
		t.Errorf("%d signatures, %s", len(report.DKIM), ids(report.Findings))
	}
	if asked := r.Names(); len(asked) > 20 {
		t.Errorf("%d look-ups", len(asked))
	}
}
