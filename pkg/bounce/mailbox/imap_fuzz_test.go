package mailbox

import (
	"bufio"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

// imapBegin is what a server says up to the search.
const imapBegin = "* OK [CAPABILITY IMAP4rev1] hello\r\n\x00T1 OK [CAPABILITY IMAP4rev1] in\r\n\x00* 3 EXISTS\r\nT2 OK [READ-ONLY] open\r\n\x00"

// answering says a piece of a conversation, which ends with NUL, for each line it
// hears, and then hangs up.
func answering(conversation string) func(context.Context, string) (net.Conn, error) {
	return func(context.Context, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			heard := bufio.NewScanner(server)
			for piece := range strings.SplitSeq(conversation, "\x00") {
				if server.SetDeadline(time.Now().Add(100*time.Millisecond)) != nil {
					return
				}
				if _, err := server.Write([]byte(piece)); err != nil || !heard.Scan() {
					return
				}
			}
		}()
		return client, nil
	}
}

// FuzzReadIMAP reads what a server may say: messages are bounded, and a
// conversation that breaks off is an error.
func FuzzReadIMAP(f *testing.F) {
	const search = imapBegin + "* SEARCH 5\r\nT3 OK found\r\n\x00"
	for _, seed := range []string{
		search + "* 1 FETCH (UID 5 RFC822.SIZE 12 BODY[]<0> {12}\r\nSubject: a\r\n)\r\nT4 OK\r\n\x00* BYE\r\nT5 OK\r\n",
		search + "* 1 FETCH (RFC822.SIZE 500 BODY[]<0> {3}\r\nabc UID 5)\r\nT4 OK\r\n\x00* BYE\r\nT5 OK\r\n",
		search + "* 1 FETCH (UID 5 BODY[]<0> {99999999}\r\nabc",
		search + "* 1 FETCH (UID 5 BODY[] NIL)\r\nT4 OK\r\n", search + "* 1 FETCH (FLAGS (\\Seen))\r\nT4 NO\r\n",
		imapBegin + "* SEARCH\r\nT3 OK\r\n\x00* BYE\r\nT4 OK\r\n", imapBegin + "* SEARCH 0\r\nT3 OK\r\n",
		imapBegin + "* ESEARCH (TAG \"T3\") UID ALL 1:4294967295\r\nT3 OK\r\n", imapBegin + "T3 BAD no\r\n",
		"* OK\r\n", "* BYE busy\r\n", "* PREAUTH in\r\n", "+OK\r\n", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, conversation string) {
		const bound = 100
		s := Server{Protocol: "imap", Host: "mail.example", User: "anna", Folder: "INBOX", Plain: true}
		err := ReadIMAP(t.Context(), s, Login{Password: "p", Dial: answering(conversation)}, IMAPOptions{Bound: bound}, func(m Message) error {
			if len(m.Data) > bound || m.Skipped < 0 {
				t.Errorf("%d octets, %d skipped", len(m.Data), m.Skipped)
			}
			return nil
		})
		if err == nil && !strings.Contains(conversation, "T3") {
			t.Errorf("no error in %q", conversation)
		}
	})
}

// TestIMAPWholeRange has a server claim four thousand million messages.
func TestIMAPWholeRange(t *testing.T) {
	t.Parallel()
	for _, claim := range []string{
		"* ESEARCH (TAG \"T3\") UID ALL 1:4294967295\r\nT3 OK\r\n\x00T4 NO enough\r\n",
		"* ESEARCH (TAG \"T3\") UID ALL 1:*\r\nT3 OK\r\n\x00T4 NO enough\r\n",
	} {
		s := Server{Protocol: "imap", Host: "mail.example", User: "anna", Folder: "INBOX", Plain: true}
		err := ReadIMAP(t.Context(), s, Login{Password: "p", Dial: answering(imapBegin + claim)}, IMAPOptions{}, func(Message) error {
			return errors.New("no message was sent")
		})
		if err == nil {
			t.Errorf("%q is believed", claim)
		}
	}
}
