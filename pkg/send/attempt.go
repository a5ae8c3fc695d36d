package send

import (
	"errors"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// answer makes an attempt of a server's reply.
func (w *worker) answer(it *item, result delivery.Result) *delivery.Attempt {
	a := w.attempt(it)
	said := result.Recipients[0] // an envelope here has one recipient
	a.Stage, a.Reply = said.Stage, said.Reply
	a.Verdict = delivery.Classify(said.Reply, said.Stage)
	a.Outcome = w.q.run.outcome(it, a.Verdict)
	return a
}

// failure makes an attempt of an error.
func (w *worker) failure(it *item, err error) *delivery.Attempt {
	a := w.attempt(it)
	a.Verdict = verdictOf(err)
	a.Err = err.Error()
	if failed := new(delivery.SessionError); errors.As(err, &failed) {
		a.Stage = failed.Stage
		if !failed.Reply.IsZero() {
			a.Reply, a.Err = failed.Reply, ""
		}
	}
	a.Outcome = w.q.run.outcome(it, a.Verdict)
	return a
}

// attempt returns what every attempt on the worker's connection has in common.
func (w *worker) attempt(it *item) *delivery.Attempt {
	a := w.q.run.attempt(it)
	a.Host, a.IP, a.TLS = w.conn.Host(), w.conn.IP(), w.conn.TLS()
	a.Duration = a.Time.Sub(it.started)
	return a
}

func (r *run) attempt(it *item) *delivery.Attempt {
	return &delivery.Attempt{
		Time:        r.opt.Clock(),
		Recipient:   it.recipient.Address,
		Number:      it.recipient.Attempts + 1,
		Destination: it.s.key,
		MessageID:   it.message.ID,
		Size:        int64(len(it.message.Mail.Data)),
	}
}

// unrenderable makes an attempt of a message that could not be made.
func (r *run) unrenderable(it *item, err error) *delivery.Attempt {
	a := r.attempt(it)
	a.Outcome = delivery.OutcomeBounced
	a.Err = err.Error()
	a.Verdict = delivery.Verdict{
		Class: delivery.ClassPermanent, Reason: delivery.ReasonMessageMalformed, Bounce: delivery.BounceSoft,
		Scope: delivery.ScopeRecipient, Action: delivery.ActionFixMessage, Confidence: 1,
	}
	return a
}

// outcome decides what becomes of a recipient: temporary failures are deferred
// until the time for retries is over.
func (r *run) outcome(it *item, v delivery.Verdict) delivery.Outcome {
	switch v.Class {
	case delivery.ClassSuccess:
		return delivery.OutcomeDelivered
	case delivery.ClassPermanent:
		return delivery.OutcomeBounced
	}
	if first := it.recipient.First; !first.IsZero() && r.opt.Clock().Sub(first) >= r.opt.Retry.For {
		return delivery.OutcomeBounced
	}
	return delivery.OutcomeDeferred
}

// cause says in a few words what came of an attempt.
func cause(a *delivery.Attempt) string {
	if a.Err != "" {
		return a.Err
	}
	return a.Reply.String()
}
