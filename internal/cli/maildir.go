package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// A maildir takes messages as files, in the layout that mail programs read:
// written to tmp, then moved to new.
type maildir struct {
	root *os.Root
	path string
	now  func() time.Time
	next atomic.Int64
}

func newMaildir(path string, now func() time.Time) (*maildir, error) {
	for _, sub := range []string{"tmp", "new", "cur"} {
		if err := os.MkdirAll(filepath.Join(path, sub), 0o700); err != nil {
			return nil, fileError("make the maildir", path, err)
		}
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fileError("open the maildir", path, err)
	}
	return &maildir{root: root, path: path, now: now}, nil
}

// Open is part of [send.Transport].
func (d *maildir) Open(context.Context, string) (send.Conn, error) {
	return &maildirConn{dir: d}, nil
}

// A maildirConn writes one message after the other, and accepts everything.
type maildirConn struct {
	dir   *maildir
	begun []delivery.Mail
	file  string
}

func (c *maildirConn) Host() string                { return c.dir.path }
func (c *maildirConn) IP() string                  { return "" }
func (c *maildirConn) TLS() string                 { return "" }
func (c *maildirConn) Usable() bool                { return true }
func (c *maildirConn) Check(*delivery.Mail) error  { return nil }
func (c *maildirConn) Close(context.Context) error { return nil }

func (c *maildirConn) Begin(_ context.Context, m delivery.Mail) error {
	c.begun = append(c.begun, m)
	return nil
}

func (c *maildirConn) Ready(context.Context) (delivery.Result, error) {
	return accepted(delivery.StageData, delivery.Reply{Code: 354}), nil
}

// Finish writes the message. A file that could not be written whole stays in
// tmp, where nobody reads it.
func (c *maildirConn) Finish(_ context.Context, next *delivery.Mail) error {
	mail := c.begun[0]
	c.begun = c.begun[1:]
	if next != nil {
		c.begun = append(c.begun, *next)
	}
	c.file = fmt.Sprintf("%d.P%dQ%d.mailctl", c.dir.now().UnixNano(), os.Getpid(), c.dir.next.Add(1))
	err := c.dir.root.WriteFile("tmp/"+c.file, mail.Data, 0o600)
	if err == nil {
		err = c.dir.root.Rename("tmp/"+c.file, "new/"+c.file)
	}
	if err != nil {
		return &delivery.SessionError{Stage: delivery.StageMessage, Host: c.dir.path, Err: err}
	}
	return nil
}

func (c *maildirConn) Outcome(context.Context) (delivery.Result, error) {
	return accepted(delivery.StageMessage, delivery.Reply{Code: 250, Lines: []string{"written to new/" + c.file}}), nil
}

// accepted is a result for one recipient.
func accepted(at delivery.Stage, r delivery.Reply) delivery.Result {
	return delivery.Result{
		Accepted:   true,
		Recipients: []delivery.RecipientResult{{Accepted: true, Stage: at, Reply: r}},
	}
}
