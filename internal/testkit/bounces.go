package testkit

import (
	"fmt"
	"net/smtp"
	"os"
	"strings"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"
)

// A Bouncer is a real mail server that gives up after some seconds and warns
// before: what it is handed comes back. The next hop refuses recipients by their
// local part, see [Bouncer.Send]; everything else, the reports among it, is kept.
type Bouncer struct {
	*MTA
}

// What the next hop of a [Bouncer] says to a recipient with that local part.
var bouncerReplies = map[string]*gosmtp.SMTPError{
	"unknown": {Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "no such user here"},
	"full":    {Code: 452, EnhancedCode: gosmtp.EnhancedCode{4, 2, 2}, Message: "the mailbox is full"},
}

// newBouncer prepares what they have in common.
func newBouncer(t testing.TB, config, text, start string) *Bouncer {
	t.Helper()
	m := newMTA(t)
	m.next.refuse = func(to string) error {
		local, _, _ := strings.Cut(to, "@")
		reply, refused := bouncerReplies[local]
		if !refused {
			return nil
		}
		return reply
	}
	m.configure(MTAOptions{NoTLS: true}, config, text)
	m.configure(MTAOptions{}, "start", start)
	return &Bouncer{m}
}

// PostfixBouncer starts Postfix.
func PostfixBouncer(t testing.TB) *Bouncer {
	t.Helper()
	b := newBouncer(t, "main.cf", postfixMain+`
maximal_backoff_time = 1s
maximal_queue_lifetime = 5s
delay_warning_time = 2s
`, postfixStart)
	b.configure(MTAOptions{NoTLS: true}, "master.cf", postfixMaster)
	b.configure(MTAOptions{}, "sasl/smtpd.conf", postfixSASL)
	b.start()
	return b
}

// EximBouncer starts Exim.
func EximBouncer(t testing.TB) *Bouncer {
	t.Helper()
	config := strings.Replace(eximConfig, "* * F,1h,1s", "* * F,4s,1s", 1)
	config = strings.Replace(config, "host_lookup =\n", "host_lookup =\ndelay_warning = 2s\n", 1)
	b := newBouncer(t, "exim.conf", config, strings.Replace(eximStart, "-bdf", "-bdf -q1s", 1))
	b.start()
	return b
}

// OpenSMTPDBouncer starts OpenSMTPD.
func OpenSMTPDBouncer(t testing.TB) *Bouncer {
	t.Helper()
	config := strings.Replace(opensmtpdConfig, "smtp max-message-size 50M\n", "smtp max-message-size 50M\nqueue ttl 6s\nbounce warn-interval 1s\n", 1)
	b := newBouncer(t, "smtpd.conf", config, opensmtpdStart)
	b.start()
	return b
}

// SendmailBouncer starts Sendmail.
func SendmailBouncer(t testing.TB) *Bouncer {
	t.Helper()
	b := newBouncer(t, "sendmail.mc", sendmailConfig, startSyslog+sendmailStart)
	b.view.listenSyslog(t)
	host, err := os.Hostname()
	check(t, err)
	b.view.write(t, "etc/hosts", "127.0.0.1 localhost relay.example relay "+host+".example "+host+"\n")
	b.view.write(t, "service.switch", "hosts files\naliases files\n")
	b.start()
	return b
}

const sendmailConfig = `
define(` + "`confDOMAIN_NAME', `relay.example'" + `)
define(` + "`confSERVICE_SWITCH_FILE', `/run/mta/service.switch'" + `)
define(` + "`confTO_QUEUEWARN', `2s'" + `)
define(` + "`confTO_QUEUERETURN', `5s'" + `)
define(` + "`confMIN_QUEUE_AGE', `0'" + `)
define(` + "`confDONT_PROBE_INTERFACES', `True'" + `)
define(` + "`confDEF_USER_ID', `65534:65534'" + `)
define(` + "`confPID_FILE', `/run/sendmail.pid'" + `)
define(` + "`confTO_IDENT', `0'" + `)
define(` + "`confDELIVERY_MODE', `background'" + `)
define(` + "`STATUS_FILE', `/run/statistics'" + `)
define(` + "`QUEUE_DIR', `/var/spool/mqueue'" + `)
define(` + "`ALIAS_FILE', `'" + `)
define(` + "`RELAY_MAILER_ARGS', `TCP $h {{.NextPort}}'" + `)
define(` + "`SMART_HOST', `relay:[{{.NextHost}}]'" + `)
FEATURE(` + "`nocanonify'" + `)
FEATURE(` + "`accept_unresolvable_domains'" + `)
FEATURE(` + "`promiscuous_relay'" + `)
FEATURE(` + "`no_default_msa'" + `)
DAEMON_OPTIONS(` + "`Port={{.Port}}, Addr={{.Host}}, Name=MTA'" + `)
MAILER(` + "`smtp'" + `)
`

const sendmailStart = `
install -d -m 700 /var/spool/mqueue
mkdir -p /run/sendmail
m4 /usr/share/sendmail/cf/m4/cf.m4 /run/mta/sendmail.mc >/run/sendmail.cf
exec /usr/libexec/sendmail/sendmail -C /run/sendmail.cf -bD -q1s
`

// Send hands the server a message for some recipients at one.example: the next
// hop says of "unknown" that there is no such user, and of "full" for ever that
// the mailbox is full.
func (b *Bouncer) Send(locals ...string) {
	b.t.Helper()
	to := make([]string, len(locals))
	for i, local := range locals {
		to[i] = local + "@one.example"
	}
	text := fmt.Sprintf("From: news@acme.example\r\nTo: %s\r\nSubject: News\r\nMessage-ID: <%s@acme.example>\r\n\r\nText.\r\n",
		strings.Join(to, ", "), strings.Join(locals, "."))
	check(b.t, smtp.SendMail(b.Addr, nil, "bounces@acme.example", to, []byte(text)))
}

// Reports returns the first n reports, in the order in which they came. It fails
// the test when they take too long.
func (b *Bouncer) Reports(n int) []Received {
	b.t.Helper()
	deadline := time.After(25 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if got := b.next.messages(); len(got) >= n {
			return got
		}
		select {
		case <-b.view.done:
			b.t.Fatalf("the server at %s has died", b.Addr)
		case <-deadline:
			b.t.Fatalf("the server at %s wrote %d reports in time, not %d", b.Addr, len(b.next.messages()), n)
		case <-tick.C:
		}
	}
}
