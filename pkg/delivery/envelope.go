package delivery

// An Envelope is what SMTP needs to know to carry one message (RFC 5321 §2.3.1):
// who sends it and who receives it. The message itself travels beside it.
type Envelope struct {
	// From is the reverse-path; the zero Address is the null reverse-path "<>".
	From Address
	// To holds the forward-paths, at least one.
	To []Address
	// DSN asks for delivery status notifications where the server offers them
	// (RFC 3461); the zero value asks for nothing.
	DSN DSN
}

// DSN holds the parameters of RFC 3461. They are sent only to a server that
// advertises DSN; any other server is asked for nothing.
type DSN struct {
	// Notify lists the NOTIFY conditions: "NEVER", or any of "SUCCESS",
	// "FAILURE" and "DELAY". Empty leaves the choice to the server.
	Notify []string
	// Return is the RET value, "FULL" or "HDRS". Empty sends none.
	Return string
	// EnvelopeID is the ENVID value before xtext encoding. Empty sends none.
	EnvelopeID string
}

// A Mail is one message ready to be handed over: its envelope and its bytes.
type Mail struct {
	Envelope Envelope
	// Data is the whole RFC 5322 message with CRLF line ends, not dot-stuffed.
	Data []byte
	// EightBit says that Data holds octets above 127, so that the server must
	// offer 8BITMIME (RFC 6152).
	EightBit bool
}
