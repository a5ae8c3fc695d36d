package ledger

// ReadBootID returns what identifies the time since the machine was last
// started, so that a power cut can be told from the death of a process. It is
// empty where the system does not say; then every crash is treated like a power
// cut.
func ReadBootID() (string, error) { return readBootID() }
