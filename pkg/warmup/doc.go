// Package warmup plans how much mail a new sending address may send on which
// day to which provider, judges what came of it, and moves the plan.
//
// A receiver knows nothing about an address it has never seen, and takes a sudden
// lot of mail from it for the work of a spammer. So the volume has to grow day by
// day, at each provider for itself, and only while the mail is welcome there.
//
//	plan, err := warmup.New(warmup.Options{Target: 100_000, Days: 30, From: from, Mix: mix})
//	caps := plan.CapsOn(now)                             // what may be sent today and in this hour
//	plan, verdicts := plan.Follow(history, today, rules) // what earlier days mean for it
//
// Everything is a pure function of numbers and dates: there is no clock, no file
// and no chance in it. Numbers that come from somewhere else (schedules,
// thresholds) are in data files that name their sources.
package warmup
