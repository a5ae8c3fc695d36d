package ledger

// The names in [Spec].Via of the ways on which nothing leaves this machine. What was
// tried on them is a rehearsal: no receiver saw it, and nothing of it comes back.
const (
	ViaSink    = "sink"
	ViaMaildir = "maildir"
)

// isRehearsal is the condition that a row of campaigns is one.
const isRehearsal = "via_name IN ('" + ViaSink + "', '" + ViaMaildir + "')"
