// Package send is the pipeline of a mailing: recipients are claimed from a
// [Store], rendered and signed, queued by destination, handed over in sessions
// and recorded.
//
// It is the only pipeline of goroutines in mailctl. Memory is bounded by the
// number of connections, never by the length of the list.
package send
