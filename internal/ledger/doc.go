// Package ledger remembers: campaigns, their recipients, every attempt, and who
// must never be written to. It is one SQLite database in a folder of its own.
//
// A [Ledger] is opened on the folder, and [Ledger.Begin] opens one campaign of
// it for one process. A [Campaign] takes the list in once ([Campaign.Load]) and
// is then a [send.Store]: recipients are claimed, attempted and recorded.
//
// A recipient is in exactly one state, and every change of state is part of one
// transaction. Three things make sure that nobody is written to twice and
// nobody is forgotten:
//
//   - A claim is synced to disk before it is handed out.
//   - An intent is committed before a message is handed over. Commits survive
//     the death of the process at any instant, and are synced to disk now and
//     then.
//   - [Ledger.Begin] settles what an earlier process left: who has an intent
//     and no outcome is unknown, and everyone else who was claimed waits again.
//     When the machine was started anew in between, commits may be missing, so
//     that everyone who was claimed and has no outcome is unknown.
//
// Nothing here grows with the number of recipients but the file.
package ledger
