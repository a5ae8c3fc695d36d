package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// IMAPOptions say which messages of a mailbox are read, and what becomes of them.
type IMAPOptions struct {
	Bound  int    // of a message; 0 is [DefaultBound]
	Unread bool   // only those that are not marked \Seen
	Mark   bool   // mark what was read \Seen
	MoveTo string // move what was read to this folder; "" leaves it
}

// fetchAtOnce is how many messages are asked for at a time. Those that were
// visited are marked or moved before the next are asked for.
const fetchAtOnce = 50

// ReadIMAP reads a folder of an IMAP server (RFC 9051, RFC 3501). A message is
// marked or moved only after its visit, so that none is lost when it fails.
func ReadIMAP(ctx context.Context, s Server, login Login, opt IMAPOptions, visit Visit) error {
	conn, stop, err := login.connect(ctx, s)
	if err != nil {
		return err
	}
	defer stop()
	client, err := newIMAPClient(conn, s, login)
	if err != nil {
		return errors.Join(ended(ctx, err), conn.Close())
	}
	r := imapReader{client: client, server: s, opt: opt, message: newBounded(opt.Bound), visit: visit}
	err = r.read(login.Password)
	if err == nil {
		err = client.Logout().Wait()
	}
	closed := client.Close()
	if err != nil {
		return ended(ctx, err)
	}
	_ = closed // the server has said goodbye, and hung up
	return nil
}

// ended returns the reason why a context ended in place of what that broke.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// newIMAPClient waits for the server's greeting, and for STARTTLS where TLS is not
// there already.
func newIMAPClient(conn net.Conn, s Server, login Login) (*imapclient.Client, error) {
	var client *imapclient.Client
	var err error
	if s.Implicit || s.Plain {
		client = imapclient.New(conn, nil)
		err = client.WaitGreeting()
	} else if client, err = imapclient.NewStartTLS(conn, &imapclient.Options{TLSConfig: login.config(s)}); err != nil {
		err = errors.Join(ErrTLSRequired, err)
	}
	if err != nil {
		return nil, fmt.Errorf("imap %s: %w", s.Addr(), err)
	}
	return client, nil
}

type imapReader struct {
	client  *imapclient.Client
	server  Server
	opt     IMAPOptions
	message *bounded
	visit   Visit
}

func (r *imapReader) read(password string) error {
	if err := r.client.Login(r.server.User, password).Wait(); err != nil {
		return fmt.Errorf("log in as %q: %w", r.server.User, err)
	}
	changes := r.opt.Mark || r.opt.MoveTo != ""
	if _, err := r.client.Select(r.server.Folder, &imap.SelectOptions{ReadOnly: !changes}).Wait(); err != nil {
		return fmt.Errorf("open folder %q: %w", r.server.Folder, err)
	}
	criteria := &imap.SearchCriteria{}
	if r.opt.Unread {
		criteria.NotFlag = []imap.Flag{imap.FlagSeen}
	}
	found, err := r.client.UIDSearch(criteria, nil).Wait()
	if err != nil {
		return fmt.Errorf("search folder %q: %w", r.server.Folder, err)
	}
	all, _ := found.All.(imap.UIDSet)
	for _, some := range all {
		if err := r.batches(some); err != nil {
			return err
		}
	}
	return nil
}

// batches reads a range of messages, some at a time. It is never written out: a
// server can say 1:4294967295.
func (r *imapReader) batches(of imap.UIDRange) error {
	if of.Start == 0 || of.Stop < of.Start {
		return fmt.Errorf("%w to SEARCH: %d:%d", ErrMalformed, of.Start, of.Stop)
	}
	for from := of.Start; ; from += fetchAtOnce {
		to := min(of.Stop-from, fetchAtOnce-1) + from
		var some imap.UIDSet
		some.AddRange(from, to)
		if err := r.batch(some); err != nil || to == of.Stop {
			return err
		}
	}
}

// batch reads some messages, then marks or moves them.
func (r *imapReader) batch(uids imap.UIDSet) error {
	section := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: int64(r.message.bound)}}
	fetch := r.client.Fetch(uids, &imap.FetchOptions{UID: true, RFC822Size: true, BodySection: []*imap.FetchItemBodySection{section}})
	var read imap.UIDSet
	for {
		data := fetch.Next()
		if data == nil {
			break
		}
		uid, err := r.one(data)
		if errors.Is(err, errCutOff) {
			return err // to close fetch is to read on, beside the reader that the connection has
		}
		if err != nil {
			return errors.Join(err, fetch.Close())
		}
		if uid != 0 {
			read.AddNum(uid)
		}
	}
	if err := fetch.Close(); err != nil {
		return fmt.Errorf("fetch messages: %w", err)
	}
	if len(read) == 0 {
		return nil
	}
	return r.settle(read)
}

// errCutOff means that the connection ended inside a message.
var errCutOff = errors.New("a message is cut off")

// one reads a message and visits it. Its UID may come before or after its text.
func (r *imapReader) one(data *imapclient.FetchMessageData) (imap.UID, error) {
	var uid imap.UID
	var size int64
	text := false
	r.message.reset()
	for item := data.Next(); item != nil; item = data.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			uid = item.UID
		case imapclient.FetchItemDataRFC822Size:
			size = item.Size
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil {
				continue
			}
			text = true
			n, err := io.Copy(r.message, item.Literal)
			if err == nil && n < item.Literal.Size() {
				err = io.ErrUnexpectedEOF
			}
			if err != nil {
				return 0, fmt.Errorf("%w: %w", errCutOff, err)
			}
		}
	}
	if !text || uid == 0 {
		return 0, nil // flags that another client changed
	}
	r.message.skipped = max(r.message.skipped, size-int64(r.message.buffer.Len()))
	return uid, r.message.visit(fmt.Sprintf("%s;UID=%d", r.server, uid), r.visit)
}

// settle marks and moves what was read.
func (r *imapReader) settle(read imap.UIDSet) error {
	if r.opt.Mark {
		store := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}
		if err := r.client.Store(read, store, nil).Close(); err != nil {
			return fmt.Errorf("mark messages as read: %w", err)
		}
	}
	if r.opt.MoveTo == "" {
		return nil
	}
	if err := r.move(read); err != nil {
		return fmt.Errorf("move messages to %q: %w", r.opt.MoveTo, err)
	}
	return nil
}

// move moves messages (RFC 6851). On a server that cannot, they are copied, and
// deleted only when that has succeeded.
func (r *imapReader) move(read imap.UIDSet) error {
	if r.client.Caps().Has(imap.CapMove) {
		_, err := r.client.Move(read, r.opt.MoveTo).Wait()
		return err
	}
	if _, err := r.client.Copy(read, r.opt.MoveTo).Wait(); err != nil {
		return err
	}
	gone := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := r.client.Store(read, gone, nil).Close(); err != nil {
		return err
	}
	if !r.client.Caps().Has(imap.CapUIDPlus) {
		return nil // EXPUNGE would remove what others have marked, too
	}
	return r.client.UIDExpunge(read).Close()
}
