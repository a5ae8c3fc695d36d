package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/bounce"
	"github.com/mailctl/mailctl/pkg/bounce/mailbox"
)

// A bounceRun is a job on its way.
type bounceRun struct {
	*bounceJob
	console *console
	ledger  *ledger.Ledger // nil when there is none
	out     ui.BounceWriter
	summary ui.BounceSummary
	queued  []ledger.Suppression
	unread  bool // something could not be read

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

// readPath reads a file or a folder.
func (r *bounceRun) readPath(ctx context.Context, path string) error {
	if path == "-" {
		return r.fails(ctx, "standard input", func(visit mailbox.Visit) error {
			return mailbox.Read(r.env.Stdin, "standard input", 0, visit)
		})
	}
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return mailbox.ReadFolder(os.DirFS(path), path, 0, func(m mailbox.Message) error { return r.visit(ctx, m) }, func(p *mailbox.Problem) error {
			r.unreadable(p.Name, p.Err)
			return nil
		})
	}
	return r.fails(ctx, path, func(visit mailbox.Visit) error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		return errors.Join(mailbox.Read(f, path, 0, visit), f.Close())
	})
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
	r.console.warn(fmt.Sprintf("cannot read %q: %v", name, bare(err)))
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
	r.summary.Messages++
	r.progress.messages.Add(1)
	r.progress.octets.Add(int64(len(m.Data)) + m.Skipped)
	reports, err := bounce.Parse(bytes.NewReader(m.Data), bounce.Options{VERP: r.s.Bounce.VERP})
	if err != nil {
		return err
	}
	for _, report := range reports {
		if err := r.report(ctx, m.Name, report); err != nil {
			return err
		}
	}
	return nil
}
