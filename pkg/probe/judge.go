package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// slow is from how long on a greeting is a nuisance: impatient clients wait for
// ten seconds.
const slow = 10 * time.Second

// judge makes a result with findings of a visit.
func (p *Prober) judge(v *visit) Result {
	now := p.opt.Now()
	r := v.result(now)
	if v.err != nil && (v.limit || errors.Is(v.err, context.Canceled)) {
		r.add(v.endpoint, note{id: "smtp-limit"})
		return r
	}
	if !r.judgeReach(v) {
		return r
	}
	r.judgeGreeting(v)
	r.judgeDialogue(v)
	r.judgeTLS(v)
	r.judgeAuth(v)
	r.judgeCertificate(v, p.opt, now)
	r.judgeRelay(v)
	return r
}

// strict returns how grave a weakness of TLS is: where people log in, it is an
// error (RFC 8314 §4, RFC 8996 §5).
func strict(s Service) Severity {
	if s == ServiceRelay {
		return SeverityWarning
	}
	return SeverityError
}

// judgeReach reports whether there was a server to judge.
func (r *Result) judgeReach(v *visit) bool {
	switch r.Reason {
	case "":
		return true
	case ReasonRefused:
		r.add(v.endpoint, note{id: "net-refused"})
	case ReasonReset:
		r.add(v.endpoint, note{id: "net-reset"})
	case ReasonEgress:
		r.add(v.endpoint, note{id: "net-no-route", record: r.Error})
	case ReasonTimeout, ReasonDNS:
		r.add(v.endpoint, note{id: "net-timeout", record: r.Error})
	}
	return false
}

// judgeGreeting judges the first line, or that none came.
func (r *Result) judgeGreeting(v *visit) {
	e := v.endpoint
	if v.failedAt() != delivery.StageGreeting {
		if took := time.Duration(v.timing.Greeting * float64(time.Millisecond)); took >= slow {
			r.add(e, note{id: "smtp-greeting-slow", what: fmt.Sprintf("the greeting takes %.0f seconds", took.Seconds())})
		}
	}
	// What may not be shown was replaced when the greeting was read.
	if strings.ContainsRune(r.Greeting, utf8.RuneError) {
		n := note{id: "smtp-greeting-control", record: r.Greeting}
		if e.Service != ServiceSubmissions { // there, the first octets are TLS
			n.record = fmt.Sprintf("%q", firstLine(v.first))
		}
		r.add(e, n)
	}
	if v.failedAt() != delivery.StageGreeting {
		return
	}
	switch {
	case v.greeting.Code/100 == 4:
		r.add(e, note{id: "smtp-greeting-busy", record: r.Greeting})
	case v.greeting.Code/100 == 5:
		r.add(e, note{id: "smtp-greeting-refused", record: r.Greeting})
	case errors.Is(v.err, delivery.ErrTimeout):
		r.judgeSilence(v)
	case errors.Is(v.err, delivery.ErrReplyTooLong):
		r.add(e, note{id: "smtp-greeting-endless", record: beginning(v.first)})
	case errors.Is(v.err, delivery.ErrServerClosed) && len(v.first) == 0:
		r.add(e, note{id: "smtp-greeting-closed"})
	default:
		r.add(e, note{id: foreignProtocol(v.first, "smtp-not-smtp"), record: beginning(v.first)})
	}
}

// judgeSilence judges a server that does not greet: it may wait for the client to
// begin.
func (r *Result) judgeSilence(v *visit) {
	n := note{id: "smtp-greeting-timeout", what: "the port is open and no greeting comes within " + within(v.timing.Greeting)}
	if len(v.first) > 0 {
		n.what = "the greeting begins and does not end within " + within(v.timing.Greeting)
	}
	if id := foreignProtocol(v.answer, ""); id != "" {
		n = note{id: id}
	}
	n.record = beginning(append(bytes.Clone(v.first), v.answer...))
	r.add(v.endpoint, n)
}

// within returns milliseconds as people say them.
func within(ms float64) string {
	return time.Duration(ms * float64(time.Millisecond)).Round(100 * time.Millisecond).String()
}

// foreignProtocol tells by the first octets which other protocol it is.
func foreignProtocol(said []byte, other string) string {
	const alert, handshake, major = 0x15, 0x16, 0x03
	lower := strings.ToLower(string(said))
	switch {
	case strings.HasPrefix(lower, "http/"), strings.HasPrefix(lower, "<!doctype html"), strings.HasPrefix(lower, "<html"):
		return "smtp-speaks-http"
	case len(said) > 1 && (said[0] == alert || said[0] == handshake) && said[1] == major:
		return "smtp-speaks-tls"
	}
	return other
}

// firstLine returns what comes before the first line end.
func firstLine(said []byte) []byte {
	line, _, _ := bytes.Cut(said, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r"))
}

// beginning quotes the start of what a server said, so that it may be shown.
func beginning(said []byte) string {
	const enough = 80
	if len(said) == 0 {
		return ""
	}
	return fmt.Sprintf("%q", said[:min(len(said), enough)])
}

// judgeDialogue judges EHLO, and whatever broke the session off behind the
// greeting.
func (r *Result) judgeDialogue(v *visit) {
	e := v.endpoint
	if r.Hello == "HELO" {
		r.add(e, note{id: "smtp-no-ehlo", record: v.hellos[0].Reply.String()})
	}
	stage := v.failedAt()
	if stage != delivery.StageHello && stage != delivery.StageTLS {
		return
	}
	if errors.Is(v.err, delivery.ErrTLSHandshake) || errors.Is(v.err, delivery.ErrStartTLSInjection) {
		return // judged with TLS
	}
	at := " (behind " + strings.ToUpper(string(stage)) + ")"
	reply := refusal(v)
	switch {
	case stage == delivery.StageHello && reply.Code/100 == 4:
		r.add(e, note{id: "smtp-ehlo-busy", record: reply.String()})
	case stage == delivery.StageHello && reply.Code/100 == 5:
		r.add(e, note{id: "smtp-ehlo-refused", record: reply.String()})
	case reply.Code >= 400: // to STARTTLS: judged with TLS
	case errors.Is(v.err, delivery.ErrTimeout):
		r.add(e, note{id: "smtp-timeout", what: "the server stops answering" + at})
	case errors.Is(v.err, delivery.ErrReplyTooLong):
		r.add(e, note{id: "smtp-reply-too-long", what: "a reply does not end" + at})
	case errors.Is(v.err, delivery.ErrServerClosed):
		r.add(e, note{id: "smtp-closed", what: "the server closes the connection in the middle" + at})
	case isErrno(v.err, errnoReset):
		r.add(e, note{id: "smtp-reset", what: "the connection is reset in the middle" + at})
	default:
		r.add(e, note{id: "smtp-reply-malformed", record: r.Error})
	}
}

// refusal returns the reply that ended the session, or a zero one.
func refusal(v *visit) delivery.Reply {
	if failed := new(delivery.SessionError); errors.As(v.err, &failed) {
		return failed.Reply
	}
	return delivery.Reply{}
}
