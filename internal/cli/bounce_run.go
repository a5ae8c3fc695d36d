package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/bounce"
	"github.com/mailctl/mailctl/pkg/bounce/mailbox"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// A bounceRun is a job on its way.
type bounceRun struct {
	*bounceJob
	console *console
	ledger  *ledger.Ledger // nil when there is none
	out     ui.BounceWriter
	summary ui.BounceSummary
	queued  []ledger.Suppression
	unread  bool     // something could not be read
	folder  bool     // a folder is being read
	leftOut []string // the first files of the folder that are no mail, and how many there are
	noMails int

	progress bounceProgress
}

// run reads everything and says what came of it.
func (j *bounceJob) run(ctx context.Context) (err error) {
	r := &bounceRun{bounceJob: j, console: newConsole(j.env, j.s)}
	if j.s.Bounce.Suppress || ledger.Exists(j.s.State) {
		if r.ledger, err = openLedger(ctx, j.env, j.s); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, r.ledger.Close()) }()
		if err := r.ledger.RefreshSent(ctx); err != nil {
			return err
		}
	}
	err = writeResult(j.env, j.s, func(out *output) error {
		r.out = ui.NewBounceWriter(out, out.style, j.s.Format, j.s.Bounce.All)
		stop := r.watch()
		read := errors.Join(r.read(ctx), r.suppress(ctx))
		stop()
		return errors.Join(read, r.out.End(r.summary))
	})
	if err != nil {
		return err
	}
	r.next()
	if r.unread {
		return exitWith(exitUnfinished, nil)
	}
	return nil
}

// read reads all that was named, one after the other. What cannot be read is said,
// and the rest is read all the same.
func (r *bounceRun) read(ctx context.Context) error {
	for _, path := range r.paths {
		if err := r.readPath(ctx, path); err != nil {
			return err
		}
	}
	if r.imap.Host != "" {
		opt := mailbox.IMAPOptions{Unread: r.s.Bounce.IMAPUnread, Mark: r.s.Bounce.IMAPMark, MoveTo: r.s.Bounce.IMAPMove}
		if err := r.readServer(ctx, r.imap, func(l mailbox.Login, visit mailbox.Visit) error {
			return mailbox.ReadIMAP(ctx, r.imap, l, opt, visit)
		}); err != nil {
			return err
		}
	}
	if r.pop3.Host != "" {
		return r.readServer(ctx, r.pop3, func(l mailbox.Login, visit mailbox.Visit) error {
			return mailbox.ReadPOP3(ctx, r.pop3, l, mailbox.POP3Options{Delete: r.s.Bounce.POP3Delete}, visit)
		})
	}
	return nil
}

// fails runs a reader. An error of reading is said; one of what is done with a
// message ends the run.
func (r *bounceRun) fails(ctx context.Context, name string, read func(mailbox.Visit) error) error {
	var own error
	err := read(func(m mailbox.Message) error {
		own = r.visit(ctx, m)
		return own
	})
	switch {
	case own != nil:
		return own
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		r.unreadable(name, err)
	}
	return nil
}

func (r *bounceRun) unreadable(name string, err error) {
	r.unread = true
	text := fmt.Sprintf("cannot read %q: %v", name, bare(err))
	r.console.warn(strings.Join(append([]string{text}, delivery.Hints(err)...), ": "))
}

// mailboxTimeout bounds how long a mailbox's server may take to be reached.
const mailboxTimeout = 30 * time.Second

// readServer reads a mailbox on a server.
func (r *bounceRun) readServer(ctx context.Context, s mailbox.Server, read func(mailbox.Login, mailbox.Visit) error) error {
	login := mailbox.Login{Password: r.secrets[s.Addr()], Dial: func(ctx context.Context, addr string) (net.Conn, error) {
		return (&net.Dialer{Timeout: mailboxTimeout}).DialContext(ctx, "tcp", addr)
	}}
	return r.fails(ctx, s.String(), func(visit mailbox.Visit) error { return read(login, visit) })
}

// visit judges one message.
func (r *bounceRun) visit(ctx context.Context, m mailbox.Message) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if m.Skipped > 0 {
		r.console.warn(fmt.Sprintf("%s: only the first %s of the message are read, not the last %s", m.Name, ui.Bytes(int64(len(m.Data))), ui.Bytes(m.Skipped)))
	}
	reports, err := bounce.Parse(bytes.NewReader(m.Data), bounce.Options{VERP: r.s.Bounce.VERP})
	if err != nil {
		return err
	}
	if m.Alone && reports[0].Kind == bounce.KindNone && !bounce.HasHeader(m.Data) {
		r.noMail(m)
		return nil
	}
	r.summary.Messages++
	r.progress.messages.Add(1)
	r.progress.octets.Add(int64(len(m.Data)) + m.Skipped)
	for _, report := range reports {
		if err := r.report(ctx, m.Name, report); err != nil {
			return err
		}
	}
	return nil
}
