package message

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOpen(t *testing.T) {
	const written = "From: =?utf-8?q?Zo=C3=AB?= <zoe@acme.example>\r\nTo: anna@example.com\r\nSubject: Pictures\r\n" +
		"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" +
		"--x\r\nContent-Type: multipart/related; boundary=y\r\n\r\n" +
		"--y\r\nContent-Type: multipart/alternative; boundary=z\r\n\r\n" +
		"--z\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nplain\r\n" +
		"--z\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<img src=\"cid:lamp\"> <img src='cid:none'>\r\n--z--\r\n" +
		"--y\r\nContent-Type: image/png\r\nContent-Id: <lamp>\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--y--\r\n" +
		"--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=terms.pdf\r\n\r\n%PDF\r\n--x--\r\n"
	got, err := Open([]byte(written))
	if err != nil {
		t.Fatal(err)
	}
	want := View{
		From: "Zoë <zoe@acme.example>", To: "anna@example.com", Subject: "Pictures",
		Text: "plain", HTML: `<img src="data:image/png;base64,AAEC"> <img src='cid:none'>`, Files: []string{"terms.pdf"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOpenBounds(t *testing.T) {
	many := "Content-Type: multipart/mixed; boundary=x\r\n\r\n" + strings.Repeat("--x\r\n\r\n\r\n", maxViewParts+1) + "--x--\r\n"
	if _, err := Open([]byte(many)); err == nil {
		t.Error("no error for too many parts")
	}
}

// FuzzOpen opens anything.
func FuzzOpen(f *testing.F) {
	f.Add([]byte("Subject: x\r\n\r\nbody"))
	f.Add([]byte("Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<b>\r\n--x--\r\n"))
	f.Add([]byte("Content-Type: text/html\r\nContent-Id: <a>\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!"))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Open(data)
		if err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
		if len(v.Text) > 4*len(data)+64 {
			t.Error("more text than there was")
		}
	})
}
