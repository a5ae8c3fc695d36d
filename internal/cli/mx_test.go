package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
)

const labZone = `
mx1.corp A BASE3
mx2.corp A BASE4
c1 MX 10 mx1.corp
c1 MX 10 mx2.corp
c2 MX 10 mx1.corp
c2 MX 10 mx2.corp
dead.corp A BASE250
dead MX 10 dead.corp
dead MX 20 mx1.corp
null MX 0 .
implicit A BASE5
sts MX 10 mx.sts
mx.sts A BASE6
_mta-sts.sts TXT "v=STSv1; id=1;"
mta-sts.sts A BASE20
v6 MX 10 mx.v6
mx.v6 AAAA ::1
`

// TestSendToTheMailExchangers sends to 20 domains on nine sets of mail exchangers
// and none: whoever can be reached gets the message once, everyone else is told
// apart by why not, and what a provider takes holds for all domains it hosts.
func TestSendToTheMailExchangers(t *testing.T) {
	t.Parallel()
	w := newMXWorld(t)
	right, wrong := w.ca.Valid(t, "mx.sts.lab"), w.ca.Valid(t, "elsewhere.lab")
	w.receiver("google", "1", "", nil)
	w.receiver("google", "2", "", nil)
	w.receiver("corp", "3", "", &wrong)
	w.receiver("corp", "4", "", nil)
	w.receiver("implicit", "5", "", nil)
	w.receiver("sts", "6", "", &wrong)
	w.receiver("dane", "7", "", &wrong)
	w.receiver("dane", "8", "", &right)
	w.receiver("yahoo", "9", "", nil)
	w.receiver("v6", "::1", "", nil)
	w.policy("sts.lab", "20", "version: STSv1\nmode: enforce\nmx: mx.sts.lab\nmax_age: 86400\n")

	var lab strings.Builder
	lab.WriteString(labZone)
	domains := []string{
		"c1.lab", "c2.lab", "dead.lab", "null.lab", "implicit.lab", "sts.lab", "v6.lab", "absent.lab", "dane.lab", "good.dane.lab",
	}
	for i := range 5 {
		fmt.Fprintf(&lab, "g%d MX 1 aspmx.l.google.com.\ng%d MX 5 alt1.aspmx.l.google.com.\n", i, i)
		fmt.Fprintf(&lab, "y%d MX 1 mta5.am0.yahoodns.net.\n", i)
		domains = append(domains, fmt.Sprintf("g%d.lab", i), fmt.Sprintf("y%d.lab", i))
	}
	w.names(map[string]string{
		"lab.":          lab.String(),
		"google.com.":   "aspmx.l A BASE1\nalt1.aspmx.l A BASE2\n",
		"yahoodns.net.": "mta5.am0 A BASE9\n",
		"dane.lab.": "@ MX 10 mx\nmx A BASE7\n_PORT._tcp.mx TLSA " + tlsa(testkit.SelfSigned(t, "mx.dane.lab")) +
			"\ngood MX 10 ok\nok A BASE8\n_PORT._tcp.ok TLSA " + tlsa(right) + "\n",
	}, "dane.lab.")
	const each = 1000
	w.list(each, domains...)

	code, stdout, stderr := w.send("--no-wait", "--skip-preflight", "--max-bounce-rate", "0", "--format", "json")
	if code != exitUnfinished {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	t.Logf("%s%s\nconnections at once: google %d, yahoo %d", stdout, stderr, w.most("google"), w.most("yahoo"))

	refused := map[string]told{
		"null.lab":   {Outcome: "bounced", Reason: "domain-no-mail", Enhanced: "5.1.10", Text: "null MX"},
		"absent.lab": {Outcome: "bounced", Reason: "domain-unknown", Enhanced: "5.1.2", Text: "does not exist"},
		"sts.lab":    {Outcome: "deferred", Reason: "tls-failed", Enhanced: "4.7.5", Text: "MTA-STS: "},
		"dane.lab":   {Outcome: "deferred", Reason: "tls-failed", Enhanced: "4.7.5", Text: "DANE: "},
	}
	seen := 0
	for _, got := range w.export() {
		seen++
		_, domain, _ := strings.Cut(got.Email, "@")
		want, isRefused := refused[domain]
		copies := w.accepted[got.Email]
		if !isRefused {
			if got.Outcome != "delivered" || copies != 1 {
				t.Fatalf("%+v, and %d copies", got, copies)
			}
			continue
		}
		if got.Outcome != want.Outcome || got.Reason != want.Reason || got.Enhanced != want.Enhanced || !strings.Contains(got.Text, want.Text) || copies != 0 {
			t.Fatalf("%+v with %d copies, want %+v", got, copies, want)
		}
	}
	if seen != each*len(domains) || len(w.accepted) != each*16 {
		t.Errorf("%d recipients, %d with a message, want %d and %d", seen, len(w.accepted), each*len(domains), each*16)
	}
	if w.most("google") > 5 || w.most("yahoo") > 10 {
		t.Errorf("%d connections at once to google and %d to yahoo, want at most 5 and 10", w.most("google"), w.most("yahoo"))
	}
}
