package ledger

// A Status is where a campaign stands.
type Status string

// The statuses.
const (
	StatusLoading     Status = "loading"     // its list is being taken in
	StatusIncomplete  Status = "incomplete"  // its list was not taken in to the end
	StatusReady       Status = "ready"       // nobody was sent to yet
	StatusSending     Status = "sending"     // a process works on it
	StatusInterrupted Status = "interrupted" // the process that worked on it ended too soon
	StatusPaused      Status = "paused"      // it stopped and can be resumed
	StatusFinished    Status = "finished"    // nothing is left to do
	StatusCancelled   Status = "cancelled"   // it must not go on
)

// seen returns the status that others see, who know whether a process works on
// the campaign.
func (s Status) seen(running bool) Status {
	switch {
	case s == StatusLoading && !running:
		return StatusIncomplete
	case s == StatusSending && !running:
		return StatusInterrupted
	}
	return s
}
