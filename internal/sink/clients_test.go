package sink

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// midnight is when the days of these tests begin.
var midnight = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

// strict is a receiver whose numbers are easy to follow.
const strict = `
receiver: {reputation: 50%, volume: 100, growth: 3, hour: 10%, gain: 20%, loss: 50%}
rules:
  - {name: blocked, at: connect, below: 10%, reply: "550 5.7.1 {{ip}} is blocked"}
  - {name: hour, at: mail, over: hour, reply: "451 4.7.1 too much in an hour"}
  - {name: day, at: mail, over: day, hold: 2h, reply: "421 4.7.0 too much in a day"}
  - {name: dead, at: rcpt, to: "dead*@*", reply: "550 5.1.1 no such user"}
`

// day sends so many messages evenly within a day, dead ones among them, and
// returns how many were accepted.
func day(m *Model, number, messages, dead int) int {
	accepted := 0
	for i := range messages + dead {
		now := midnight.AddDate(0, 0, number).Add(24 * time.Hour * time.Duration(i) / time.Duration(messages+dead))
		to := "user" + strconv.Itoa(i) + "@example.org"
		if i < dead {
			to = "dead" + to
		}
		if _, reply := m.Deliver(now, "news@acme.example", to); reply.Code == 250 {
			accepted++
		}
	}
	return accepted
}

// TestReputation rises with welcome mail, falls with dead addresses and with
// running into limits, and ends in a block.
func TestReputation(t *testing.T) {
	m := NewModel(rules(t, strict), 1, "192.0.2.1")
	for i, step := range []struct {
		messages, dead, accepted int
		reputation, volume       string
	}{
		{100, 0, 100, "0.600", "110"},  // usual is 50, and 2.2 times that
		{100, 0, 100, "0.680", "177"},  // usual is 75, times 2.36
		{150, 2, 150, "0.744", "280"},  // 1.3 % are dead, which is no harm
		{200, 5, 200, "0.620", "350"},  // more than 2 % are
		{200, 20, 200, "0.310", "289"}, // more than 5 % are
		{100, 0, 100, "0.448", "264"},
	} {
		if accepted := day(m, i, step.messages, step.dead); accepted != step.accepted {
			t.Errorf("day %d: %d accepted", i, accepted)
		}
		m.now = midnight.AddDate(0, 0, i+1)
		reputation, volume := m.Reputation()
		if got := fmt.Sprintf("%.3f %.0f", reputation, volume); got != step.reputation+" "+step.volume {
			t.Errorf("day %d: %s, want %s %s", i, got, step.reputation, step.volume)
		}
	}
}

// TestLimits refuses what is over an hour's and a day's limit.
func TestLimits(t *testing.T) {
	m := NewModel(rules(t, strict), 1, "192.0.2.1")
	send := func(at time.Duration, n int) string {
		var replies []string
		for i := range n {
			_, reply := m.Deliver(midnight.Add(at), "a@acme.example", strconv.Itoa(i)+"@example.org")
			if text := reply.String(); len(replies) == 0 || replies[len(replies)-1] != text {
				replies = append(replies, text)
			}
		}
		return strings.Join(replies, ", ")
	}
	const yes, hour, full = "250 2.0.0 Ok", "451 4.7.1 too much in an hour", "421 4.7.0 too much in a day"
	for i := range 10 {
		if got := send(time.Duration(i)*time.Hour, 11); got != yes+", "+hour {
			t.Errorf("hour %d: %s", i, got)
		}
	}
	if got := send(10*time.Hour, 2); got != full {
		t.Errorf("after a full day: %s", got)
	}
	// Ten of eleven hours were over the limit, which costs half the reputation.
	m.now = midnight.Add(24 * time.Hour)
	if reputation, _ := m.Reputation(); reputation != 0.25 {
		t.Errorf("reputation %v", reputation)
	}
	for number := 1; number < 6; number++ {
		for h := range 24 {
			send(time.Duration(24*number+h)*time.Hour, 200)
		}
	}
	if got := send(24*6*time.Hour, 1); got != "550 5.7.1 192.0.2.1 is blocked" {
		t.Errorf("after days of pushing: %s", got)
	}
}

// TestHold goes on refusing for as long as the rule says, whatever the limit.
func TestHold(t *testing.T) {
	m := NewModel(rules(t, `
receiver: {volume: 24, hour: 50%}
rules: [{at: mail, over: hour, hold: 90m, reply: "421 4.7.0 no"}]`), 1, "192.0.2.1")
	deliver := func(at time.Duration) int {
		_, reply := m.Deliver(midnight.Add(at), "a@acme.example", "b@example.org")
		return reply.Code
	}
	for range 12 {
		deliver(59 * time.Minute)
	}
	var got []int
	for _, at := range []int{59, 60, 120, 148, 149} {
		got = append(got, deliver(time.Duration(at)*time.Minute))
	}
	if diff := cmp.Diff([]int{421, 421, 421, 421, 250}, got); diff != "" {
		t.Error(diff)
	}
}

// TestIdle forgets what was usual in a month without mail.
func TestIdle(t *testing.T) {
	m := NewModel(rules(t, strict), 1, "192.0.2.1")
	for i := range 10 {
		_, volume := m.Reputation()
		day(m, i, int(volume), 0)
		m.now = midnight.AddDate(0, 0, i+1)
	}
	_, before := m.Reputation()
	m.now = midnight.AddDate(0, 0, 41)
	if _, after := m.Reputation(); before < 1000 || after > before/10 {
		t.Errorf("%.0f messages a day before a month without mail, %.0f after it", before, after)
	}
}

// TestManyClients bounds what is remembered.
func TestManyClients(t *testing.T) {
	c := newClients(rules(t, strict).receiver, 10)
	for i := range 100 {
		c.of(strconv.Itoa(i), midnight)
	}
	if len(c.known) != 11 || c.of("99", midnight) != c.of("98", midnight) || c.of("3", midnight) == c.of("4", midnight) {
		t.Errorf("%d clients are known", len(c.known))
	}
	// A clock that goes back changes nothing.
	known := c.of("3", midnight.Add(-48*time.Hour))
	if known.day != dayOf(midnight) {
		t.Errorf("day %d", known.day)
	}
}

// TestModelIsServer has the same conversation with both: the decisions are the
// same, message by message.
func TestModelIsServer(t *testing.T) {
	for _, name := range []string{"gmail", "outlook", "yahoo"} {
		p := personality(t, name)
		synctest.Test(t, func(t *testing.T) {
			s, dial := inBubble(t, Options{Personality: p, Seed: 3})
			model := NewModel(p, 3, hostOf(s.listener.Addr().String()))
			refused := 0
			for i := range 150 {
				to := fmt.Sprintf("user%d@example.org", i)
				_, want := model.Deliver(time.Now(), "news@acme.example", to)
				client := dial()
				got := converse(t, client, to)
				_ = client.conn.Close()
				synctest.Wait()
				if got != want.Code {
					t.Fatalf("%s, message %d: the server says %d, the model %s", name, i, got, want)
				}
				if want.Code != 250 {
					refused++
				}
			}
			if refused == 0 || refused == 150 {
				t.Errorf("%s refused %d of 150 within an hour", name, refused)
			}
		})
	}
}

// converse sends one signed message over a connection of its own and returns the
// code of the reply that decided.
func converse(t *testing.T, p *peer, to string) int {
	t.Helper()
	read := func() int {
		for {
			line, err := p.lines.ReadString('\n')
			if err != nil || len(line) < 4 {
				t.Fatalf("%q %v", line, err)
			}
			if line[3] == ' ' {
				code, _ := strconv.Atoi(line[:3])
				return code
			}
		}
	}
	for _, step := range []struct {
		line string
		want int
	}{
		{"", 220},
		{"EHLO client.example", 250},
		{"MAIL FROM:<news@acme.example>", 250},
		{"RCPT TO:<" + to + ">", 250},
		{"DATA", 354},
		{"DKIM-Signature: v=1\r\n\r\ntext\r\n.", 250},
	} {
		if step.line != "" {
			fmt.Fprintf(p.conn, "%s\r\n", step.line)
		}
		if code := read(); code != step.want {
			return code
		}
	}
	return 250
}

// TestRemembered has a connection limit for each client, and a signature that is
// asked for.
func TestRemembered(t *testing.T) {
	s := start(t, Options{Personality: rules(t, `
rules:
  - {at: connect, connections: 1, reply: "421 4.7.0 {{ip}} has too many"}
  - {at: message, unsigned: true, reply: "550 5.7.26 unauthenticated"}`)})
	first := newPeer(dial(t, s))
	first.talk(t, hello+strings.Replace(letterTo("ann@example.org"), "250 2.0.0 Ok", "", 1)+"< 550 5.7.26 unauthenticated")
	newPeer(dial(t, s)).talk(t, "< 421 4.7.0 127.0.0.1 has too many\n< EOF")
	first.talk(t, envelopeOf("ann@example.org")+"> DATA\n< 354\n> dkim-signature: v=1\n>\n> text\n> .\n< 250")
}

// TestProviderReplies are plain, of one class, and mean what they should.
func TestProviderReplies(t *testing.T) {
	reasons := map[string]delivery.Reason{}
	for _, name := range []string{"gmail", "outlook", "yahoo"} {
		p := personality(t, name)
		for _, r := range p.rules {
			text := r.reply.String()
			if strings.ContainsFunc(text, func(c rune) bool { return c > '~' }) {
				t.Errorf("%s: %s is not seven-bit clean: %q", name, r.name, text)
			}
			reasons[name+" "+r.name] = delivery.Classify(fill(r.reply, facts{ip: "192.0.2.1", rcpt: "a@b.example"}), r.at).Reason
		}
	}
	want := map[string]delivery.Reason{
		"gmail mailbox-full":                 delivery.ReasonMailboxFull,
		"gmail messages-per-connection":      delivery.ReasonRateLimited,
		"gmail too-many-connections":         delivery.ReasonTooManyConnections,
		"gmail unauthenticated":              delivery.ReasonSenderUnauthenticated,
		"gmail unusual-rate":                 delivery.ReasonRateLimited,
		"gmail unusual-volume":               delivery.ReasonRateLimited,
		"gmail user-unknown":                 delivery.ReasonMailboxUnknown,
		"gmail very-low-reputation":          delivery.ReasonReputation,
		"outlook block-list":                 delivery.ReasonBlocklisted,
		"outlook mailbox-unavailable":        delivery.ReasonMailboxUnknown,
		"outlook messages-per-connection":    delivery.ReasonRateLimited,
		"outlook rate-limit-exceeded":        delivery.ReasonRateLimited,
		"outlook rate-limited-by-reputation": delivery.ReasonRateLimited,
		"outlook server-busy":                delivery.ReasonRateLimited,
		"outlook too-many-connections":       delivery.ReasonTooManyConnections,
		"yahoo messages-per-connection":      delivery.ReasonRateLimited,
		"yahoo too-many-connections":         delivery.ReasonRateLimited,
		"yahoo unexpected-volume":            delivery.ReasonRateLimited,
		"yahoo user-complaints":              delivery.ReasonReputation,
		"yahoo user-unknown":                 delivery.ReasonMailboxUnknown,
	}
	for rule, reason := range want {
		if reasons[rule] != reason {
			t.Errorf("%s means %q, want %q", rule, reasons[rule], reason)
		}
	}
}

// TestLimitWithManyConnections lets no message over an hour's limit, however many
// are on their way at once, and gives back the room of those that never come.
func TestLimitWithManyConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, dial := inBubble(t, Options{Personality: rules(t, `
receiver: {volume: 40, hour: 10%}
rules:
  - {name: hour, at: mail, over: hour, reply: "451 4.7.1 too much"}
  - {name: dead, at: rcpt, to: "dead@*", reply: "550 5.1.1 no such user"}`)})
		const begin = "> MAIL FROM:<news@acme.example>\n< 250"
		var peers []*peer
		for range 4 {
			p := dial()
			p.talk(t, hello+begin)
			peers = append(peers, p)
		}
		last := dial()
		last.talk(t, hello+"> MAIL FROM:<news@acme.example>\n< 451 4.7.1 too much")
		peers[0].talk(t, "> RSET\n< 250")
		last.talk(t, begin)
		_ = peers[1].conn.Close()
		synctest.Wait()
		peers[0].talk(t, begin)
		last.talk(t, "> RCPT TO:<dead@example.org>\n< 550\n> RSET\n< 250\n"+begin)
		for _, p := range []*peer{peers[0], peers[2], peers[3], last} {
			p.talk(t, "> RCPT TO:<ann@example.org>\n< 250\n> DATA\n< 354\n> text\n> .\n< 250")
			p.talk(t, "> MAIL FROM:<news@acme.example>\n< 451 4.7.1 too much")
		}
	})
}
