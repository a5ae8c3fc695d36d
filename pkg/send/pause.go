package send

import (
	"fmt"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A PauseReason says why a campaign stopped before its end.
type PauseReason string

// The reasons for a pause.
const (
	PauseRefused     PauseReason = "refused"     // everyone is refused, for a cause that is not theirs
	PauseUnreachable PauseReason = "unreachable" // no connection could be opened
	PauseBounces     PauseReason = "bounces"     // too many hard bounces
	PauseLost        PauseReason = "lost"        // message after message is taken and never answered
)

// Paused is the error of a campaign that stopped before its end because going
// on would have done harm. Nobody is lost: the same campaign can be run again.
type Paused struct {
	Reason      PauseReason
	Destination string           // empty for PauseBounces
	Reply       delivery.Reply   // the deciding reply; zero when there was none
	Verdict     delivery.Verdict // what it means
	Err         error            // why there was no reply; nil otherwise
	Share       float64          // for PauseBounces: hard bounces of all that were tried
}

// Error says in one sentence why the campaign paused.
func (p *Paused) Error() string {
	switch p.Reason {
	case PauseBounces:
		return fmt.Sprintf("paused: %.1f %% of the recipients tried so far bounced hard", p.Share*100)
	case PauseLost:
		return fmt.Sprintf("paused: %q takes messages and does not answer: %s", p.Destination, p.cause())
	case PauseUnreachable:
		return fmt.Sprintf("paused: %q cannot be used: %s", p.Destination, p.cause())
	default:
		return fmt.Sprintf("paused: %q refuses everyone: %s", p.Destination, p.cause())
	}
}

func (p *Paused) cause() string {
	if p.Err != nil {
		return p.Err.Error()
	}
	return p.Reply.String()
}

// Unwrap returns the error behind the pause, if any.
func (p *Paused) Unwrap() error { return p.Err }
