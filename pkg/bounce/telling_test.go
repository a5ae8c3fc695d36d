package bounce

import (
	"os"
	"path/filepath"
	"testing"
)

// TestDiagnostic compares the wording that a verdict was taken from: whole sentences,
// and what the text says where a server gave nothing but codes.
func TestDiagnostic(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"queue-period":       "not reachable within the allowed queue period.",
		"catch-all-failed":   "user does not exist, but will deliver to /home/mail/one.example/all/ can not open new email file errno=2 file=/home/mail/one.example/all/tmp/1 system error",
		"not-collected":      "The following message, addressed to 'anna@one.example', failed because it has not been collected after 30 days",
		"codes-alone":        "550 5.1.1 Anna has left the firm in May.",
		"mixed-disclaimer":   "5.2.2",
		"status-words":       "501 5.1.3 Recipient <anna@one.example> does not exist / nie istnieje",
		"torn-diagnostic":    "550 5.0.0 We are sorry, at the moment the mailbox is full",
		"plain-transcript":   "550 No such user here",
		"x400-list":          "The recipient name is not recognized",
		"wrapped-report":     "5.1.1",
		"remark-clean":       "Delivery to the following recipients failed.",
		"rejected-receipt":   "Automatically rejected mail",
		"smail-truncated":    "anna@one.example ... unknown host",
		"delay-cause":        "connection to mail exchanger failed",
		"names-returned":     "Sorry, your mail to the following recipients could not be delivered because they are not accepting mail with attachments:",
		"copied-original-to": "The email below could not be delivered to the following user:",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := os.Open(filepath.Join(bounces, name+".eml"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			reports, err := Parse(f, Options{})
			if err != nil || len(reports) == 0 || reports[0].Diagnostic != want {
				t.Errorf("%+v, %v, want %q", reports, err, want)
			}
		})
	}
}

func TestListOf(t *testing.T) {
	t.Parallel()
	for returnPath, want := range map[string]string{
		"club-bounces@lists.example":                  "club@lists.example",
		"club-bounces+anna=one.example@lists.example": "club@lists.example",
		"owner-club@lists.example":                    "club@lists.example",
		"club-admin@lists.example":                    "club@lists.example",
		"bounces@lists.example":                       "",
		"-admin@lists.example":                        "",
		"club":                                        "",
	} {
		if got := listOf(returnPath); got != want {
			t.Errorf("%q is of %q, want %q", returnPath, got, want)
		}
	}
}
