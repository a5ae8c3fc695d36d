package delivery

import "testing"

// TestDialogues shows which reply of a printed dialogue counts.
func TestDialogues(t *testing.T) {
	for _, tt := range []struct {
		text string
		code int
		at   Stage
		said string
	}{
		{"220 mx.one.example ESMTP\n250 OK\n550 5.7.1 relaying denied", 550, "", "relaying denied"},
		{"MAIL FROM:<a@b.example>\n250 2.1.0 Ok\nRCPT TO:<anna@one.example>\n550 no\nQUIT\n221 bye", 550, StageRcpt, "no"},
		{"<<< 250 ok\n>>> RCPT TO:<a@b.example>\n<<< 550-relaying\n<<< 550 prohibited\n>>> QUIT", 550, StageRcpt, "relaying prohibited"},
		{"SERVER -> CLIENT: 250 OK\nCLIENT -> SERVER: DATA\nSERVER -> CLIENT: 451 later", 451, StageData, "later"},
		{"SMTP -> FROM SERVER:250 OK SMTP -> FROM SERVER:550 relay not permitted SMTP -> ERROR: no", 550, "", "relay not permitted"},
		{"S: 250 ok\nC: RCPT TO:<a@b.example>\nS: 450 greylisted\nS: 450 again", 450, StageRcpt, "greylisted again"},
		{"250 2.1.0 Ok S: 454 4.7.1 relay access denied", 454, "", "relay access denied"},
		{"250-mx.one.example\n250-SIZE 1000\n250 HELP", 250, "", "mx.one.example SIZE 1000 HELP"},
		{"550 no\n250 ok", 550, "", "no 250 ok"},
		{"250 2.0.0 Ok: queued as 5ABC", 250, "", "Ok: queued as 5ABC"},
	} {
		quote, err := ParseQuote(tt.text)
		if err != nil || quote.Reply.Code != tt.code || quote.Stage != tt.at || quote.Reply.Text() != tt.said {
			t.Errorf("%q: %d at %q: %q, %v; want %d at %q: %q", tt.text, quote.Reply.Code, quote.Stage, quote.Reply.Text(), err, tt.code, tt.at, tt.said)
		}
	}
}
