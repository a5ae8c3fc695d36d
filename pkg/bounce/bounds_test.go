package bounce

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// TestParseBounded reads messages made to take long or much.
func TestParseBounded(t *testing.T) {
	t.Parallel()
	const daemon = "From: MAILER-DAEMON@one.example\r\nSubject: failure notice\r\n"
	repeat := func(line string, octets int) string { return strings.Repeat(line, octets/len(line)) }
	for name, text := range map[string]string{
		"fields":       daemon + "\r\n" + repeat("X-a: b\r\n", 1<<16),
		"quoted":       daemon + "\r\n" + repeat("> > > Subject: b\r\n", 1<<16),
		"recipients":   daemon + "\r\n" + repeat("<a@b.example>:\r\n", 1<<16),
		"replies":      daemon + "\r\n" + repeat("550 x\r\n", 1<<16),
		"header":       repeat("Received: x\r\n y\r\n", 1<<16) + "\r\n",
		"one field":    "Subject: " + repeat("x\r\n ", 1<<16),
		"one line":     daemon + "\r\n" + repeat("a@b.example ", 1<<16),
		"failed":       daemon + "X-Failed-Recipients: " + addresses(600) + "\r\n\r\n" + repeat("550 ", 1<<16),
		"parts":        daemon + "Content-Type: multipart/report; boundary=x\r\n\r\n" + repeat("--x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n", 1<<16),
		"status":       daemon + "Content-Type: message/delivery-status\r\n\r\n" + repeat("\r\nFinal-Recipient: rfc822;a@b.example\r\nStatus: 5.1.1\r\n", 1<<16),
		"angle":        daemon + "Content-Type: text/html\r\n\r\n" + repeat("<", 1<<16),
		"base64":       daemon + "Content-Transfer-Encoding: base64\r\n\r\n" + repeat("AAAA", 1<<16),
		"torn header":  daemon + repeat("torn line\r\nX-A: b\r\n", 1<<16),
		"torn status":  daemon + "Content-Type: message/delivery-status\r\n\r\nStatus: 5.1.1\r\n" + repeat("Diagnostic-Code: x\r\ntorn line\r\n", 1<<16),
		"remarks":      daemon + "\r\n" + repeat("No virus found in this message\r\n", 1<<16),
		"names":        daemon + "\r\nNot delivered to the following recipients:\r\n" + repeat("anna\r\n", 1<<16),
		"generated":    daemon + "\r\n" + outputLine + ":\r\n" + repeat("------ a@b.example ------\r\n", 1<<16) + repeat("c@d.example\r\n(generated from a@b.example)\r\n", 1<<16),
		"X.400":        daemon + "\r\ndda:SMTP=" + repeat("c=US;a= ;", 1<<16),
		"sendmail":     daemon + "\r\n----- The following addresses had errors -----\r\n" + repeat("anna\r\n", 1<<16) + "\r\n" + repeat("550 a!b... User unknown\r\n", 1<<16),
		"path":         daemon + "\r\n" + repeat("a!", 1<<16),
		"touching":     daemon + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + repeat("到a@b.example的", 1<<16),
		"unannounced":  daemon + "\r\n" + repeat("\r\nFrom: a\r\nTo: b\r\nSubject: c\r\nDate: d\r\n", 1<<16),
		"notification": daemon + "\r\n" + repeat(`{"Message":"`, 1<<16) + "ecipients",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reports, err := Parse(strings.NewReader(text), Options{})
			if err != nil || len(reports) == 0 || len(reports) > maxRecipients {
				t.Errorf("%d reports, %v", len(reports), err)
			}
		})
	}
	reports, err := Parse(bytes.NewReader(bytes.Repeat([]byte("a"), 100)), Options{MaxBytes: 10})
	if err != nil || len(reports) != 1 {
		t.Errorf("%d reports of a message that is cut, %v", len(reports), err)
	}
}

// TestHeaderGrows folds many lines into one field, which must not copy all of it for
// each.
func TestHeaderGrows(t *testing.T) {
	raw := []byte("X-A: b\r\n" + strings.Repeat(" c\r\n", 5000) + "\r\n")
	var h header
	allocations := testing.AllocsPerRun(1, func() { h, _ = parseHeader(raw) })
	if got := h.get("X-A"); len(got) != 1+2*5000 || allocations > 50 {
		t.Errorf("%d octets in %.0f allocations", len(got), allocations)
	}
}

// TestCrowd reads fields that name more people than one message reports on.
func TestCrowd(t *testing.T) {
	crowd := addresses(maxRecipients + 1)
	fields := strings.Repeat("To: "+addresses(100)+"\r\n", maxRecipients/100+1)
	m := newMessage([]byte("X-Failed-Recipients: "+crowd+"\r\n"+fields+"\r\n"), Options{})
	if named, to := len(m.named()), len(m.header.addresses("To")); named != maxRecipients || to != maxRecipients {
		t.Errorf("%d have failed, and it was sent to %d", named, to)
	}
}

// TestEntriesShare has many recipients share what is said of them.
func TestEntriesShare(t *testing.T) {
	text := "Subject: failure notice\r\n\r\n" + addresses(50) + "\r\n" + strings.Repeat("no such user\r\n", 10_000)
	all := 0
	found := newMessage([]byte(text), Options{}).entries()
	for _, e := range found {
		all += len(e.text)
	}
	if len(found) != 50 || all > 2*maxHuman {
		t.Errorf("%d entries have %d octets", len(found), all)
	}
}

func addresses(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("a%d@b.example", i)
	}
	return strings.Join(all, ", ")
}
