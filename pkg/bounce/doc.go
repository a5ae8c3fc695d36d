// Package bounce reads what comes back when mail was sent: delivery reports
// (RFC 3464), complaints (RFC 5965), and the bounces in free text of servers
// that predate both or ignore them.
//
// [Parse] makes one [Report] for each recipient a message speaks of. What a
// server said is a [delivery.Reply], judged by [delivery.Classify] as if it had
// been heard in a session. Rules speak of the structure of a message: who it is
// from, words of its subject and text in several languages, addresses at the
// start of a line with a reason behind them, headers of the message that came
// back. The words stand in data, sorted by the software that writes them.
//
// Whoever can write a mail can forge a bounce. A report says what the message
// claims; whether anything was sent to that recipient is for the caller to know.
package bounce
