package delivery

// A Verdict is what a reply means and what to do about it. It is the answer of
// [Classify].
type Verdict struct {
	Class      Class   // what the first digit says
	Reason     Reason  // what happened, from a closed list
	Bounce     Bounce  // whether the address itself is dead
	Scope      Scope   // what the reply speaks of
	Action     Action  // what a sender should do
	Provider   string  // the mailbox provider or filter that answers like this; empty when it cannot be told
	Meaning    string  // what happened, in one sentence
	Advice     string  // what to do about it, in a sentence or two
	Ref        string  // where the rule comes from, such as "RFC 3463 §3.2"
	Confidence float64 // 0 to 1; low when only the basic code speaks
}

// A Class is the severity a reply code carries in its first digit (RFC 5321 §4.2.1).
type Class string

// The classes.
const (
	ClassSuccess      Class = "success"      // 2yz
	ClassIntermediate Class = "intermediate" // 3yz
	ClassTemporary    Class = "temporary"    // 4yz
	ClassPermanent    Class = "permanent"    // 5yz
	ClassUnknown      Class = "unknown"      // no reply, or one outside RFC 5321
)

// A Bounce says whether a recipient address is worth keeping.
type Bounce string

// The kinds of bounce.
const (
	BounceHard Bounce = "hard" // the address is permanently undeliverable: suppress it
	BounceSoft Bounce = "soft" // this message failed; the address may be fine
	BounceNone Bounce = "none" // not a failure
)

// A Scope is what a reply speaks of, and so how far its consequences reach.
type Scope string

// The scopes, from narrow to wide.
const (
	ScopeRecipient  Scope = "recipient"  // this address
	ScopeMessage    Scope = "message"    // this content, whoever receives it
	ScopeSender     Scope = "sender"     // our domain, address or IP
	ScopeConnection Scope = "connection" // this connection or its pace
	ScopeServer     Scope = "server"     // the receiving system
)

// An Action is what a sender should do next.
type Action string

// The actions.
const (
	ActionNone       Action = "none"        // nothing
	ActionRetry      Action = "retry"       // try again soon
	ActionRetryLater Action = "retry-later" // try again after a long wait
	ActionSlowDown   Action = "slow-down"   // send less at a time to this destination
	ActionSuppress   Action = "suppress"    // never write to this address again
	ActionFixSender  Action = "fix-sender"  // mend authentication, DNS or reputation first
	ActionFixMessage Action = "fix-message" // mend the message first
	ActionStop       Action = "stop"        // every further message will meet the same answer
)
