package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A visit is one session with one endpoint, as it was lived.
type visit struct {
	endpoint Endpoint
	began    time.Time
	last     time.Time // when the last step ended

	greeting  delivery.Reply
	hellos    []delivery.Step // before TLS
	hellosTLS []delivery.Step
	startTLS  delivery.Step // zero when it was not said
	asked     bool          // STARTTLS was said
	tls       *tls.ConnectionState
	timing    Timing

	err    error  // what ended it too early
	first  []byte // what the server said first, as it is
	answer []byte // what a silent server said when it was nudged
	limit  bool   // it took too long altogether
	relay  relayAnswer
}

// visit opens a session, looks around and says QUIT.
func (p *Prober) visit(ctx context.Context, e Endpoint) *visit {
	ctx, cancel := context.WithTimeout(ctx, p.opt.Limit)
	defer cancel()
	v := &visit{endpoint: e, began: p.opt.Now()}
	v.last = v.began
	t := &tap{dialer: p.opt.Dialer}
	defer t.close()
	opt := p.sessionOptions(e, t)
	opt.Observe = func(s delivery.Step) { v.observe(s, p.opt.Now()) }
	session, err := delivery.Open(ctx, e.target(), opt)
	if err == nil {
		if p.opt.OpenRelay {
			v.relay = askRelay(ctx, session, p.opt.LocalName)
		}
		v.last = p.opt.Now()
		_ = session.Close(ctx) // goodbye is said either way
		v.timing.Quit = v.lap(p.opt.Now())
	}
	v.err, v.first = err, t.heard()
	v.limit = errors.Is(ctx.Err(), context.DeadlineExceeded)
	if v.failedAt() == delivery.StageGreeting && errors.Is(err, delivery.ErrTimeout) && len(v.first) == 0 {
		v.answer = t.nudge(ctx, p.opt.Nudge)
	}
	v.timing.Total = milliseconds(p.opt.Now().Sub(v.began))
	return v
}

// sessionOptions are those of a session that takes TLS as it comes.
func (p *Prober) sessionOptions(e Endpoint, dialer delivery.Dialer) delivery.Options {
	opt := delivery.Options{LocalName: p.opt.LocalName, Dialer: dialer, TLS: anyTLS(), Timeouts: p.opt.Timeouts}
	if p.opt.Trace != nil {
		opt.Trace = func(line delivery.TraceEvent) { p.opt.Trace(e, line) }
	}
	return opt
}

// anyTLS returns a configuration that connects to whatever there is, for judging
// it: nothing is sent over such a connection that anybody may not read.
func anyTLS() *tls.Config {
	config := &tls.Config{
		MinVersion:         tls.VersionTLS10, // old versions are to be found
		InsecureSkipVerify: true,             //nolint:gosec // the certificate is judged, and not trusted
	}
	for _, suite := range tls.CipherSuites() {
		config.CipherSuites = append(config.CipherSuites, suite.ID)
	}
	for _, suite := range tls.InsecureCipherSuites() {
		config.CipherSuites = append(config.CipherSuites, suite.ID)
	}
	return config
}

// observe takes in a step of the opening.
func (v *visit) observe(s delivery.Step, now time.Time) {
	took := v.lap(now)
	switch {
	case s.TLS != nil:
		v.tls = s.TLS
		v.timing.Handshake = took
	case s.Stage == delivery.StageConnect && v.timing.Connect == 0:
		v.timing.Connect = took
	case s.Stage == delivery.StageGreeting:
		v.greeting, v.timing.Greeting = s.Reply, took
	case s.Stage == delivery.StageHello && v.tls == nil:
		v.hellos = append(v.hellos, s)
		v.timing.Hello += took
	case s.Stage == delivery.StageHello:
		v.hellosTLS = append(v.hellosTLS, s)
		v.timing.HelloTLS += took
	case s.Stage == delivery.StageTLS && !v.asked:
		v.startTLS, v.asked = s, true
		v.timing.StartTLS = took
	}
}

// lap returns the time since the last step.
func (v *visit) lap(now time.Time) float64 {
	took := now.Sub(v.last)
	v.last = now
	return milliseconds(took)
}

// failedAt returns the stage that ended the session, or "".
func (v *visit) failedAt() delivery.Stage {
	if failed := new(delivery.SessionError); errors.As(v.err, &failed) {
		return failed.Stage
	}
	return ""
}

// chain returns the certificates that the server sent.
func (v *visit) chain() []*x509.Certificate {
	if v.tls == nil {
		return nil
	}
	return v.tls.PeerCertificates
}

// offered returns the last step that asked for capabilities, and whether it was told
// them.
func offered(steps []delivery.Step) (delivery.Step, bool) {
	if len(steps) == 0 {
		return delivery.Step{}, false
	}
	last := steps[len(steps)-1]
	return last, last.Err == nil && last.Reply.Code == 250
}
