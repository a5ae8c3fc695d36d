package delivery

import (
	"slices"
	"strings"
	"time"
)

// A Shape is how much at a time a receiver is known to take, and what to do when
// it says that something is too much. The zero Shape knows nothing.
type Shape struct {
	Connections int  // at once from one address; 0 is not known
	Messages    int  // over one connection; 0 is not known
	Rate        Rate // zero is not known
	Reactions   []Reaction
}

// A Move is what a sender does when a receiver complains.
type Move string

// The moves, from mild to grave.
const (
	MoveSlow  Move = "slow-down"      // hand over fewer messages in a time
	MoveOne   Move = "one-connection" // and over one connection
	MovePause Move = "pause"          // hand over nothing for a while
	MoveStop  Move = "stop"           // hand over nothing more in this run
)

// A Reaction is a [Move] and what it answers to. A reply must fit every
// condition that is set.
type Reaction struct {
	Name    string   // for people, such as "TSS04"
	Reasons []Reason // what the reply means, one of these
	Codes   []int    // the basic code, one of these
	Marks   []string // texts in the reply in lower case, one of these
	Lasting bool     // only a refusal for good, 5yz

	// Times and Within say how many such replies must come within what time; the
	// zero values are for one.
	Times  int
	Within time.Duration

	Do Move
	// Rate is what MoveSlow and MoveOne go down to; zero is a part of the present
	// rate, found by trying.
	Rate Rate
	// For is how long the move lasts, after which the receiver is opened again by
	// steps; zero is until things go well.
	For time.Duration

	Source string // where the figures come from
	Date   string // when they were read there, such as "2026-11"
}

// Fits reports whether a reply and what it means are what r answers to.
func (r *Reaction) Fits(reply Reply, v Verdict) bool {
	if len(r.Reasons) > 0 && !slices.Contains(r.Reasons, v.Reason) {
		return false
	}
	if len(r.Codes) > 0 && !slices.Contains(r.Codes, reply.Code) {
		return false
	}
	if r.Lasting && v.Class != ClassPermanent {
		return false
	}
	if len(r.Marks) == 0 {
		return true
	}
	text := strings.ToLower(reply.Text())
	return slices.ContainsFunc(r.Marks, func(mark string) bool { return strings.Contains(text, mark) })
}
