// Mailctl is for people who send mail and must know that it arrives.
package main

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/mailctl/mailctl/internal/cli"
)

func main() {
	os.Exit(run())
}

// run connects the program to its process. The first signal ends the context,
// so that what is in flight is finished and recorded; the second one ends the
// process, also where the one who started it had it ignored, as "&" in a script does.
func run() int {
	signal.Ignore(syscall.SIGPIPE) // a reader that goes away is an error of writing
	signals := endings()
	ignored := slices.DeleteFunc(slices.Clone(signals), func(s os.Signal) bool { return !signal.Ignored(s) })
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	context.AfterFunc(ctx, func() {
		second := make(chan os.Signal, 1)
		if len(ignored) > 0 {
			signal.Notify(second, ignored...) // stop has them ignored again
		}
		stop()
		if s, ok := (<-second).(syscall.Signal); ok {
			os.Exit(128 + int(s)) // as a shell sees those that end a process themselves
		}
	})
	return cli.Run(ctx, cli.OSEnvironment(), os.Args[1:])
}

// endings returns the signals that end a run. A hangup does not where it is ignored,
// as nohup has it.
func endings() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}
