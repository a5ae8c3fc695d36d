package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// judgeTimeout is how long all look-ups of one judgement may take: RFC 7208 §4.6.4
// wants a limit of at least 20 seconds.
const judgeTimeout = 30 * time.Second

// withResolver calls ask with the way to the DNS and the time there is for it, then
// show, and closes the way behind. An interruption comes before any result.
func withResolver(ctx context.Context, env Environment, s settings, ask func(context.Context, delivery.Resolver) error, show func(*output) error) error {
	resolver, err := newResolver(env, s, func(line string) { fmt.Fprintln(env.Stderr, line) })
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, judgeTimeout)
	defer cancel()
	err = ask(limited, resolver)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err := errors.Join(err, resolver.Close()); err != nil {
		return err
	}
	return writeResult(env, s, show)
}

// verdictError is the exit code of a verdict, unless writing it failed: 0 for a
// pass, 3 for one that another try may change, and 1 for the rest.
func verdictError(err error, pass, temporary bool) error {
	switch {
	case err != nil:
		return err
	case temporary:
		return exitWith(exitUnfinished, nil)
	case !pass:
		return exitWith(exitWrong, nil)
	default:
		return nil
	}
}
