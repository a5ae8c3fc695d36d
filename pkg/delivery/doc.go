// Package delivery is the core of mailctl: everything that happens between an
// envelope and what a receiver said of it.
//
// An [Envelope] is routed to a [Route], handed over in a [Session], answered by
// a [Reply], judged by [Classify] and remembered as an [Attempt]. [Limits] say
// when the next message may leave. The package prints nothing, reads no flags
// and keeps no state beyond its values; clocks, dialers and randomness are
// handed in.
package delivery
