// Mailctl is for people who send mail and must know that it arrives.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/mailctl/mailctl/internal/cli"
)

func main() {
	os.Exit(run())
}

// run connects the program to its process. The first signal ends the context,
// so that what is in flight is finished and recorded; the second one ends the
// process.
func run() int {
	signal.Ignore(syscall.SIGPIPE) // a reader that goes away is an error of writing
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop)
	return cli.Run(ctx, cli.OSEnvironment(), os.Args[1:])
}
