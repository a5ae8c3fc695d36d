package maillog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// A logMaker writes a Postfix log as busy senders have it: of the recipients, one in
// ten is deferred a few times, one in fifty refused.
type logMaker struct {
	w    io.Writer
	n    int
	at   time.Time
	line []byte
}

// replies are what the servers of the log say: what each line begins with and how
// it ends, around a number that no reply shares.
var replies = [...][2]string{
	{"dsn=4.7.1, status=deferred (host mx.corp.example[192.0.2.7] said: 451 4.7.1 <", ">: Recipient address rejected: Greylisted, see http://postgrey.example/help (in reply to RCPT TO command))"},
	{"dsn=4.4.1, status=deferred (connect to mx", ".corp.example[192.0.2.7]:25: Connection timed out)"},
	{"dsn=4.7.0, status=deferred (host gmail-smtp-in.l.google.com[192.0.2.27] said: 421-4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP address. 421 4.7.28 review our Bulk Email Senders Guidelines. ffacd0b85a97d-3a7e5", "si1234567f8f.123 - gsmtp (in reply to end of DATA command))"},
	{"dsn=5.1.1, status=bounced (host gmail-smtp-in.l.google.com[192.0.2.27] said: 550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking the recipient's email address for typos or 550 5.1.1 unnecessary spaces. ffacd0b85a97d-3a7e5", "si1234567f8f.123 - gsmtp (in reply to RCPT TO command))"},
	{"dsn=5.7.1, status=bounced (host mx.corp.example[192.0.2.7] said: 554 5.7.1 Service unavailable; Client host [198.51.100.1] blocked using zen.spamhaus.org; ", " (in reply to RCPT TO command))"},
}

func (m *logMaker) say(format string, args ...any) error {
	m.line = m.at.AppendFormat(m.line[:0], time.Stamp)
	m.line = fmt.Appendf(m.line, format, args...)
	_, err := m.w.Write(append(m.line, '\n'))
	return err
}

// message writes all lines about one message with one recipient.
func (m *logMaker) message() error {
	m.n++
	m.at = m.at.Add(50 * time.Millisecond)
	id := fmt.Sprintf("4c%08xz%04x", m.n, m.n&0xffff)
	to := fmt.Sprintf("reader%d@%s", m.n, [...]string{"gmail.com", "yahoo.co.uk", fmt.Sprintf("shop%d.example", m.n%20000)}[m.n%3])
	lines := []error{
		m.say(" relay postfix/smtpd[2301]: connect from app1.acme.example[198.51.100.9]"),
		m.say(" relay postfix/smtpd[2301]: %s: client=app1.acme.example[198.51.100.9], sasl_method=PLAIN, sasl_username=news", id),
		m.say(" relay postfix/cleanup[2305]: %s: message-id=<%d.news@acme.example>", id, m.n),
		m.say(" relay postfix/qmgr[1200]: %s: from=<news@acme.example>, size=48123, nrcpt=1 (queue active)", id),
	}
	relay := "relay=gmail-smtp-in.l.google.com[192.0.2.27]:25, delay=1.4, delays=0.05/0.01/0.6/0.74, "
	refused := m.n%50 == 0
	for i := 0; m.n%10 == 0 && !refused && i < 3; i++ {
		why := replies[(m.n/10+i)%3]
		lines = append(lines, m.say(" relay postfix/smtp[2310]: %s: to=<%s>, %s%s%d%s", id, to, relay, why[0], m.n, why[1]))
	}
	if refused {
		why := replies[3+m.n/50%2]
		lines = append(lines, m.say(" relay postfix/smtp[2310]: %s: to=<%s>, %s%s%d%s", id, to, relay, why[0], m.n, why[1]))
	} else {
		lines = append(lines, m.say(" relay postfix/smtp[2310]: %s: to=<%s>, %sdsn=2.0.0, status=sent (250 2.0.0 OK  1700000000 ffacd0b85a97d-3a7e5%dsi1234567f8f.123 - gsmtp)", id, to, relay, m.n))
	}
	lines = append(lines,
		m.say(" relay postfix/qmgr[1200]: %s: removed", id),
		m.say(" relay postfix/smtpd[2301]: disconnect from app1.acme.example[198.51.100.9] ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8"))
	return errors.Join(lines...)
}

// makeLog writes a log of a size in octets.
func makeLog(tb testing.TB, size int64) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "mail.log")
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	counted := &counter64{w: w}
	m := &logMaker{w: counted, at: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	for counted.n < size && err == nil {
		err = m.message()
	}
	if err := errors.Join(err, w.Flush(), f.Close()); err != nil {
		tb.Fatal(err)
	}
	return path
}

type counter64 struct {
	w io.Writer
	n int64
}

func (c *counter64) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return c.w.Write(p)
}

// sumUp reads a log to its end.
func sumUp(tb testing.TB, path string) (Summary, Stats) {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	events := NewReader(f, Options{Now: func() time.Time { return now }})
	judge, tally := NewJudge(), NewTally()
	for {
		e, err := events.Next()
		if errors.Is(err, io.EOF) {
			return tally.Summary(), events.Stats()
		}
		if err != nil {
			tb.Fatal(err)
		}
		tally.Add(e, judge.Verdict(e), judge.Provider(e))
	}
}

// BenchmarkGigabyte reads a log of 1 GB on one core, its replies classified.
func BenchmarkGigabyte(b *testing.B) {
	const size = 1 << 30
	path := makeLog(b, size)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	debug.FreeOSMemory()
	b.SetBytes(size)
	for b.Loop() {
		summary, stats := sumUp(b, path)
		b.ReportMetric(float64(stats.Lines), "lines")
		b.ReportMetric(float64(summary.Failures), "failures")
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.ReportMetric(float64(memory.Sys-memory.HeapReleased)/1e6, "MB-peak")
}
