package send

import (
	"errors"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// exchange carries an item whose envelope is on the wire to its end. It returns
// the next item when that one's envelope followed the final dot, else nil.
//
// The order in which intents and outcomes are given to the recorder is what
// bounds the unknowns after a crash: the intent of the next message follows
// the intent of this one and comes before its outcome, so that at most two
// messages of a connection have an intent and no outcome. The second of them is
// not handed over yet, and its intent is taken back when that takes long.
func (w *worker) exchange(it *item) *item {
	hard := w.q.run.hard
	var result delivery.Result
	var err error
	hesitated := w.meanwhile(it, func() { result, err = w.conn.Ready(hard) })
	if err != nil {
		w.broke(it, err)
		return nil
	}
	if !result.Accepted {
		w.refused(it, result)
		return nil
	}
	if !w.confirmed(it) {
		return nil
	}
	next := w.next()
	if w.suppressed(it) { // asked last: all before may wait for the disk
		w.hangUp() // the server waits for the message
		w.putBack(next)
		return nil
	}
	var following *delivery.Mail
	if next != nil {
		following = &next.message.Mail
	}
	err = w.conn.Finish(hard, following)
	it.room.HandedOver()
	if err == nil {
		w.used++
		w.slow = w.meanwhile(next, func() { result, err = w.conn.Outcome(hard) }) || hesitated
	}
	if err != nil {
		w.lost(it, err)
		w.putBack(next)
		return nil
	}
	if a := w.answer(it, result); a.Outcome == delivery.OutcomeDelivered || !w.throttled(it, a) {
		w.conclude(it, a)
	}
	if w.conn == nil || !w.conn.Usable() {
		w.putBack(next)
		return nil
	}
	return next
}

// refused deals with an envelope that was refused. A server that closes a
// connection which worked before has said nothing about the recipient.
func (w *worker) refused(it *item, result delivery.Result) {
	attempt := w.answer(it, result)
	if w.throttled(it, attempt) {
		return
	}
	w.conclude(it, attempt)
}

// throttled tells the receiver's group of a refusal. It reports whether the
// refusal was about pace or standing, so that the item was given back: it judged
// nobody. One that is throttled again and again is recorded as deferred.
func (w *worker) throttled(it *item, a *delivery.Attempt) bool {
	if a.Verdict.Class != delivery.ClassTemporary && a.Verdict.Class != delivery.ClassPermanent {
		return false
	}
	throttled := w.q.group.complained(complaintOf(a, w.used))
	if !throttled {
		return false
	}
	it.throttled++
	most := maxThrottled
	if a.Reply.Code == replyClosing && w.used > 0 {
		most = maxReturns // a connection that worked before is replaced
	}
	if !w.conn.Usable() {
		w.hangUp()
	}
	if it.throttled <= most {
		w.q.giveBack(it)
		return true
	}
	it.room.Cancel()
	w.q.gate.leave()
	if until := w.q.health.deferred(); !until.IsZero() {
		w.q.leftAlone(until, cause(a))
	}
	w.q.run.record(it, a, true)
	return true
}

// replyClosing is the code with which a server closes the connection (RFC 5321
// §3.8).
const replyClosing = 421

// confirmed waits until the item's intent survives a crash and its limits let
// it go, and reports whether the message may be handed over. If not, the
// connection is abandoned and the item given back.
func (w *worker) confirmed(it *item) bool {
	var err error
	w.meanwhile(it, func() { err = it.room.Wait(w.q.run.hard) })
	if err == nil {
		err = w.remembered(it)
	}
	if err == nil {
		return true
	}
	w.hangUp()
	w.q.giveBack(it)
	return false
}

// next takes the item whose envelope can follow this final dot; nil when there
// is none, or none that this server takes.
func (w *worker) next() *item {
	it := w.tryTake()
	if it == nil || w.suppressed(it) {
		return nil
	}
	if w.conn.Check(&it.message.Mail) != nil {
		w.q.giveBack(it) // begin finds out what is wrong
		return nil
	}
	w.announce(it)
	return it
}

// putBack gives back an item whose envelope may have been sent but whose
// message was not.
func (w *worker) putBack(it *item) {
	if it != nil {
		w.q.giveBack(it)
	}
}

// broke deals with a connection that failed before the message was handed
// over. A connection that worked before is replaced and nothing is recorded,
// unless that happens to the same message again and again.
func (w *worker) broke(it *item, err error) {
	worked := w.used > 0
	it.returned++
	attempt := w.failure(it, err)
	w.hangUp()
	if w.q.run.hard.Err() != nil {
		w.q.giveBack(it) // it was us who broke it
		return
	}
	if worked && it.returned <= maxReturns && attempt.Verdict.Class != delivery.ClassPermanent {
		w.q.giveBack(it)
		return
	}
	w.conclude(it, attempt)
}

// lost deals with a connection that failed while or after the message was
// handed over.
func (w *worker) lost(it *item, err error) {
	attempt := w.failure(it, err)
	if errors.Is(err, delivery.ErrOutcomeUnknown) {
		attempt.Outcome = delivery.OutcomeUnknown
		w.q.lost(attempt)
	}
	w.hangUp()
	w.conclude(it, attempt)
}

// conclude judges an attempt for the destination and gives it to the recorder.
func (w *worker) conclude(it *item, a *delivery.Attempt) {
	q, r := w.q, w.q.run
	it.room.Cancel()
	q.gate.leave()
	switch a.Outcome {
	case delivery.OutcomeDelivered:
		q.accepted(it)
	case delivery.OutcomeDeferred:
		if a.Verdict.Reason == delivery.ReasonGreylisted {
			break // every stranger is deferred at first
		}
		if until := q.health.deferred(); !until.IsZero() {
			q.leftAlone(until, cause(a))
		}
	case delivery.OutcomeBounced:
		if a.Verdict.Scope == delivery.ScopeRecipient || a.Verdict.Class != delivery.ClassPermanent {
			break
		}
		if q.refused(it, a) {
			return
		}
	}
	r.record(it, a, false)
}
