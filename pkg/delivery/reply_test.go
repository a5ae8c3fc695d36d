package delivery

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestReadReply(t *testing.T) {
	long := strings.Repeat("x", 2040)
	tests := []struct {
		name, in string
		want     Reply
		err      error
	}{
		{"one line", "250 OK\r\n", Reply{Code: 250, Lines: []string{"OK"}}, nil},
		{"bare LF", "250 OK\n", Reply{Code: 250, Lines: []string{"OK"}}, nil},
		{"no text", "250\r\n", Reply{Code: 250, Lines: []string{""}}, nil},
		{"empty text", "250 \r\n", Reply{Code: 250, Lines: []string{""}}, nil},
		{
			"enhanced", "550 5.1.1 User unknown\r\n",
			Reply{550, EnhancedCode{5, 1, 1}, []string{"User unknown"}},
			nil,
		},
		{
			"enhanced alone", "250 2.1.5\r\n",
			Reply{250, EnhancedCode{2, 1, 5}, []string{""}},
			nil,
		},
		{
			"Cisco", "550 #5.1.0 Address rejected.\r\n",
			Reply{550, EnhancedCode{5, 1, 0}, []string{"Address rejected."}},
			nil,
		},
		{
			"several lines", "550-5.7.26 This mail\r\n550-5.7.26 is not\r\n550 5.7.26 welcome\r\n",
			Reply{550, EnhancedCode{5, 7, 26}, []string{"This mail", "is not", "welcome"}},
			nil,
		},
		{
			"enhanced on one line", "550-Sorry\r\n550 5.1.1 unknown\r\n",
			Reply{550, EnhancedCode{5, 1, 1}, []string{"Sorry", "unknown"}},
			nil,
		},
		{
			"two enhanced codes", "550-5.1.1 a\r\n550 5.7.1 b\r\n",
			Reply{550, EnhancedCode{5, 1, 1}, []string{"a", "5.7.1 b"}},
			nil,
		},
		{"not enhanced", "250 5.6 or 3.1.1 or 5.1.1234\r\n", Reply{Code: 250, Lines: []string{"5.6 or 3.1.1 or 5.1.1234"}}, nil},
		{"version", "220 2.0.0.1 ready\r\n", Reply{Code: 220, Lines: []string{"2.0.0.1 ready"}}, nil},
		{"escapes", "220 \x1b[31mred\x1b[0m\x07\x00\r\n", Reply{Code: 220, Lines: []string{"\ufffd[31mred\ufffd[0m\ufffd\ufffd"}}, nil},
		{"bare CR", "220 a\rb\r\n", Reply{Code: 220, Lines: []string{"a\ufffdb"}}, nil},
		{"UTF-8", "550 Größe\r\n", Reply{Code: 550, Lines: []string{"Größe"}}, nil},
		{"Latin-1", "550 Gr\xf6\xdfe\r\n", Reply{Code: 550, Lines: []string{"Größe"}}, nil},
		{"C1 in Latin-1", "550 a\x9bb\xe9\r\n", Reply{Code: 550, Lines: []string{"a\ufffdbé"}}, nil},
		{"direction", "550 a\u202eb\r\n", Reply{Code: 550, Lines: []string{"a\ufffdb"}}, nil},
		{"tabs", "250\ta\tb\r\n", Reply{Code: 250, Lines: []string{"a b"}}, nil},

		{"nothing", "", Reply{}, io.EOF},
		{"half a line", "250 O", Reply{Lines: []string{"250 O"}}, io.ErrUnexpectedEOF},
		{"half a reply", "250-a\r\n", Reply{Code: 250, Lines: []string{"a"}}, io.ErrUnexpectedEOF},
		{"not SMTP", "HTTP/1.1 400 Bad Request\r\n", Reply{Lines: []string{"HTTP/1.1 400 Bad Request"}}, ErrMalformedReply},
		{"code too low", "150 hm\r\n", Reply{Lines: []string{"150 hm"}}, ErrMalformedReply},
		{"code too high", "650 hm\r\n", Reply{Lines: []string{"650 hm"}}, ErrMalformedReply},
		{"no separator", "2500 hm\r\n", Reply{Lines: []string{"2500 hm"}}, ErrMalformedReply},
		{"empty line", "\r\n", Reply{Lines: []string{""}}, ErrMalformedReply},
		{"codes differ", "250-a\r\n550 b\r\n", Reply{Code: 250, Lines: []string{"a", "550 b"}}, ErrMalformedReply},
		{"long line", "250 " + long + long + "\r\n", Reply{Lines: []string{("250 " + long + long)[:2048]}}, ErrReplyTooLong},
		{"endless line", "250 " + strings.Repeat(long, 100), Reply{Lines: []string{("250 " + long + long)[:2048]}}, ErrReplyTooLong},
	}
	for _, test := range tests {
		for _, reader := range []io.Reader{strings.NewReader(test.in), iotest.OneByteReader(strings.NewReader(test.in))} {
			got, err := ReadReply(bufio.NewReader(reader), ReplyBounds{})
			if !errors.Is(err, test.err) {
				t.Errorf("%s: error %v, want %v", test.name, err, test.err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.name, diff)
			}
		}
	}
}

func TestReadReplyBounds(t *testing.T) {
	endless := strings.Repeat("250-line\r\n", 1000)
	tests := []struct {
		name   string
		in     string
		bounds ReplyBounds
		lines  int
	}{
		{"lines", endless, ReplyBounds{}, 128},
		{"own lines", endless, ReplyBounds{Lines: 3}, 3},
		{"total", endless, ReplyBounds{Total: 100}, 10},
		{"total in long lines", strings.Repeat("250-"+strings.Repeat("x", 2000)+"\r\n", 100), ReplyBounds{}, 33},
		{"length", "250-a\r\n250 too long\r\n", ReplyBounds{LineLength: 10}, 2},
	}
	for _, test := range tests {
		got, err := ReadReply(bufio.NewReader(strings.NewReader(test.in)), test.bounds)
		if !errors.Is(err, ErrReplyTooLong) || len(got.Lines) != test.lines {
			t.Errorf("%s: %d lines, %v; want %d, %v", test.name, len(got.Lines), err, test.lines, ErrReplyTooLong)
		}
	}
}

func TestReadReplyLeavesTheNext(t *testing.T) {
	r := bufio.NewReader(strings.NewReader("250-a\r\n250 b\r\n354 c\r\n"))
	for _, want := range []string{"250 a b", "354 c"} {
		got, err := ReadReply(r, ReplyBounds{})
		if err != nil || got.String() != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
}

func TestParseReply(t *testing.T) {
	tests := []struct {
		in, want string
		lines    int
		err      error
	}{
		{"550 5.1.1 bar", "550 5.1.1 bar", 1, nil},
		{"550-5.1.1 foo\n550 5.1.1 bar", "550 5.1.1 foo bar", 2, nil},
		{"550-5.1.1 foo\r\n550-5.1.1  bar \r\n550 5.1.1", "550 5.1.1 foo bar", 3, nil},
		{"550 5.1.1 foo\n    bar", "550 5.1.1 foo bar", 2, nil},
		{"550-foo\n5.1.1 bar", "550 5.1.1 foo bar", 2, nil},
		{"550 foo\n\n551 bar", "550 foo 551 bar", 2, nil},
		{"smtp; 550 5.1.1 bar", "550 5.1.1 bar", 1, nil},
		{" SMTP;550 bar\n", "550 bar", 1, nil},
		{"5.1.1 User unknown", "5.1.1 User unknown", 1, nil},
		{"550", "550", 1, nil},
		{"", "", 0, ErrMalformedReply},
		{"no such user", "no such user", 1, ErrMalformedReply},
		{"foo\n550 bar", "550 bar", 1, nil},
	}
	for _, test := range tests {
		got, err := ParseReply(test.in)
		if !errors.Is(err, test.err) || got.String() != test.want || len(got.Lines) != test.lines {
			t.Errorf("ParseReply(%q) = %q in %d lines, %v; want %q in %d, %v",
				test.in, got, len(got.Lines), err, test.want, test.lines, test.err)
		}
	}
}

func TestReplyZero(t *testing.T) {
	if r := (Reply{}); !r.IsZero() || r.String() != "" || r.Text() != "" || r.Enhanced.String() != "" {
		t.Errorf("the zero Reply is %q", r)
	}
	if (Reply{Code: 250}).IsZero() || (Reply{Lines: []string{"x"}}).IsZero() {
		t.Error("a reply with something in it is zero")
	}
	if got := (Reply{Code: 250, Lines: []string{"a", "", "b"}}).Text(); got != "a b" {
		t.Errorf("text %q", got)
	}
}

func FuzzReadReply(f *testing.F) {
	for _, seed := range []string{
		"250 OK\r\n", "550-5.1.1 a\r\n550 5.1.1 b\r\n", "220 \x1b[0m\r\n", "250-a\n550 b\n", "HTTP/1.1 400\r\n", "250", "550 \xff\r\n",
	} {
		f.Add(seed, 0)
	}
	f.Add("250-a\r\n250-b\r\n250 c\r\n", 2)
	f.Fuzz(func(t *testing.T, in string, lines int) {
		bounds := ReplyBounds{Lines: lines}
		reply, err := ReadReply(bufio.NewReader(strings.NewReader(in)), bounds)
		for _, line := range reply.Lines {
			checkHarmless(t, line)
		}
		if err == nil && (reply.Code < 200 || reply.Code > 599) {
			t.Fatalf("code %d", reply.Code)
		}
		if len(reply.Lines) > bounds.orDefaults().Lines {
			t.Fatalf("%d lines", len(reply.Lines))
		}
	})
}

func FuzzParseReply(f *testing.F) {
	for _, seed := range []string{
		"550 5.1.1 bar", "550-5.1.1 foo\n550 5.1.1 bar", "smtp; 550 x", "5.7.1 x", "550\t5.1.1\tx", "550 \u00a05.1.1 a", "550 #5.1.0 a", "550-\x0b\n550 4.0.0",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		reply, err := ParseReply(in)
		for _, line := range reply.Lines {
			checkHarmless(t, line)
		}
		if err != nil {
			return
		}
		again, err := ParseReply(reply.String())
		if err != nil || again.Code != reply.Code || again.Enhanced != reply.Enhanced || again.Text() != reply.Text() {
			t.Fatalf("ParseReply(%q) = %+v, printed %q, read again %+v, %v", in, reply, reply, again, err)
		}
	})
}

func checkHarmless(t *testing.T, line string) {
	t.Helper()
	if !utf8.ValidString(line) || line != harmless([]byte(line)) || strings.ContainsAny(line, "\r\n\t\x1b\x00") {
		t.Fatalf("the line %q would do harm", line)
	}
}

func BenchmarkReadReply(b *testing.B) {
	const text = "250 2.0.0 Ok: queued as 4FxYz12345\r\n"
	source := strings.NewReader(text)
	r := bufio.NewReader(source)
	b.ReportAllocs()
	for b.Loop() {
		source.Reset(text)
		r.Reset(source)
		if _, err := ReadReply(r, ReplyBounds{}); err != nil {
			b.Fatal(err)
		}
	}
}
