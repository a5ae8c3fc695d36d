package bounce

import (
	"testing"

	"github.com/mailctl/mailctl/pkg/delivery"
)

func TestGuessVERP(t *testing.T) {
	t.Parallel()
	sentTo := []delivery.Address{{Local: "carl+news", Domain: "two.example"}, {Local: "12-abcd-dora", Domain: "two.example"}}
	for returnPath, want := range map[string]string{
		"bounce+anna=one.example@acme.example":                    "anna@one.example",
		"bounce-anna=one.example@acme.example":                    "anna@one.example",
		"bounce+anna-b=one.example@acme.example":                  "anna-b@one.example",
		"bounces+205357-c893-anna=one.example@em.acme.example":    "anna@one.example",
		"bounces+205357-c893-anna+x=one.example@em.acme.example":  "anna+x@one.example",
		"bounces+12-abcd-dora=two.example@acme.example":           "12-abcd-dora@two.example",
		"bounce+8c8b98.c4f-anna=one.example@acme.example":         "anna@one.example",
		"club-return-4711-anna=one.example@lists.example":         "anna@one.example",
		"book-club-return-4711-anna-b=one.example@lists.example":  "anna-b@one.example",
		"club-bounces+anna=one.example@lists.example":             "anna@one.example",
		"bounce-carl+news=two.example@acme.example":               "carl+news@two.example",
		"bounces-main+carl+news=two.example@acme.example":         "carl+news@two.example",
		"bounce-dora+news=two.example@acme.example":               "", // "dora+news", or a mailbox "bounce-dora"
		"SRS0+hash=tt=acme.example=news.letter@forwarder.example": "",
		"prvs=126700a846=news.letter@acme.example":                "",
		"bounces+205357-c893=one.example@acme.example":            "205357-c893@one.example",
		"bounce+anna=localhost@acme.example":                      "",
		"bounces@acme.example":                                    "",
		"bounces":                                                 "",
	} {
		if got := guessVERP(returnPath, sentTo).String(); got != want {
			t.Errorf("%q names %q, want %q", returnPath, got, want)
		}
	}
}

// FuzzGuessVERP writes a recipient into return-paths of known makes and reads it back.
func FuzzGuessVERP(f *testing.F) {
	f.Add("anna", "one.example")
	f.Add("a+b-c", "two.example")
	f.Fuzz(func(t *testing.T, local, domain string) {
		a, err := delivery.ParseAddress(local + "@" + domain)
		if err != nil || a.Local != local || a.Domain != domain || domain == "localhost" || domain[0] == '[' {
			return
		}
		for _, before := range []string{"bounces+205357-c893-", "bounce+8c8b98.c4f-", "club-return-4711-"} {
			if got := guessVERP(before+local+"="+domain+"@acme.example", nil); a.String() == a.Key() && got != a {
				t.Errorf("%q behind %q reads back as %q", a, before, got)
			}
		}
	})
}
