package ledger

import "github.com/mailctl/mailctl/pkg/delivery"

// A state is where a recipient stands. The numbers are part of the schema.
type state int64

const (
	statePending    state = 1 // may be claimed, without a failure behind it
	stateDeferred   state = 2 // may be claimed once it is due
	stateClaimed    state = 3 // was pending or deferred and is claimed
	stateDelivered  state = 4
	stateBounced    state = 5
	stateSuppressed state = 6
	stateSkipped    state = 7
	stateUnknown    state = 8
)

// stateOf returns the state an attempt's outcome leads to, and false when
// nothing can end like that.
func stateOf(o delivery.Outcome) (state, bool) {
	switch o {
	case delivery.OutcomeDeferred:
		return stateDeferred, true
	case delivery.OutcomeDelivered:
		return stateDelivered, true
	case delivery.OutcomeBounced:
		return stateBounced, true
	case delivery.OutcomeSuppressed:
		return stateSuppressed, true
	case delivery.OutcomeSkipped:
		return stateSkipped, true
	case delivery.OutcomeUnknown:
		return stateUnknown, true
	}
	return 0, false
}

// outcome returns what a state means to the world; empty for pending. Whoever
// is claimed is still what it was before.
func (s state) outcome(attempts int64) delivery.Outcome {
	switch s {
	case stateDeferred:
		return delivery.OutcomeDeferred
	case stateClaimed:
		if attempts > 0 {
			return delivery.OutcomeDeferred
		}
	case stateDelivered:
		return delivery.OutcomeDelivered
	case stateBounced:
		return delivery.OutcomeBounced
	case stateSuppressed:
		return delivery.OutcomeSuppressed
	case stateSkipped:
		return delivery.OutcomeSkipped
	case stateUnknown:
		return delivery.OutcomeUnknown
	}
	return ""
}
