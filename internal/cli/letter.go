package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dkim"
	"github.com/mailctl/mailctl/pkg/list"
	"github.com/mailctl/mailctl/pkg/message"
	"github.com/mailctl/mailctl/pkg/send"
)

// A letter is the message of a mailing, ready to be made for each recipient. It
// is a [send.Renderer].
type letter struct {
	name     string // for people
	digest   string // of everything that makes it what it is
	subject  string // as it is written
	signedBy []string

	template *message.Template // with 8-bit text, where that was asked for
	seven    *message.Template // without
	dsn      delivery.DSN
	now      func() time.Time
	roots    []*os.Root
}

// compose reads and compiles the message.
func compose(m *mailing, columns []string) (*letter, error) {
	opt := m.s.Send
	l := &letter{now: m.env.Now, name: "message from flags"}
	var err error
	if l.dsn, err = parseDSN(opt.DSN); err != nil {
		return nil, err
	}
	var source message.Source
	if opt.Message != "" {
		if source, err = l.source(opt.Message); err != nil {
			return nil, errors.Join(err, l.close())
		}
		l.name = source.Name
	}
	if err := m.chooseSender(source); err != nil {
		return nil, errors.Join(err, l.close())
	}
	if columns != nil && !slices.Contains(columns, addressField) {
		columns = append(slices.Clip(columns), addressField)
	}
	options, err := l.options(opt, columns, m)
	if err == nil {
		options.Campaign = l.identity(m, source, options)
		err = l.compile(source, options)
	}
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	fixed := l.template.Digest()
	l.digest = digest(string(source.Body), l.settingsDigest(opt), string(fixed[:]))
	return l, nil
}

// compile makes the templates.
func (l *letter) compile(source message.Source, options message.Options) error {
	var err error
	if l.template, err = message.Compile(source, options); err != nil {
		return err
	}
	l.seven = l.template
	if options.EightBit {
		options.EightBit = false
		l.seven, err = message.Compile(source, options)
	}
	l.subject = l.template.Subject()
	return err
}

// source reads a message and opens its folder.
func (l *letter) source(path string) (message.Source, error) {
	body, err := os.ReadFile(path)
	if err != nil {
		return message.Source{}, fileError("read --message", path, err)
	}
	files, err := l.open(filepath.Dir(path))
	return message.Source{Name: filepath.Base(path), Body: body, Files: files}, err
}

// open opens a folder that attachments may come from.
func (l *letter) open(folder string) (fs.FS, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fileError("open folder", folder, err)
	}
	l.roots = append(l.roots, root)
	return root.FS(), nil
}

// options returns what the flags say of the message.
func (l *letter) options(opt sendSettings, columns []string, m *mailing) (message.Options, error) {
	options := message.Options{
		From:         m.from,
		ReplyTo:      opt.ReplyTo,
		Subject:      opt.Subject,
		Text:         opt.Text,
		HTML:         opt.HTML,
		Unsubscribe:  opt.Unsubscribe,
		FeedbackID:   opt.FeedbackID,
		AttachColumn: opt.AttachColumn,
		Columns:      columns,
		EightBit:     opt.Encoding == "8bit",
	}
	for _, field := range opt.Header {
		name, value, ok := strings.Cut(field, ":")
		if !ok {
			return options, delivery.Hint(fmt.Errorf("invalid --header %q", field), "write 'X-Name: value'")
		}
		options.Headers = append(options.Headers, message.Header{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)})
	}
	for _, path := range opt.Attach {
		data, err := os.ReadFile(path)
		if err != nil {
			return options, fileError("read --attach", path, err)
		}
		options.Attachments = append(options.Attachments, message.File{Name: filepath.Base(path), Data: data})
	}
	var err error
	if opt.AttachColumn != "" {
		root := opt.AttachRoot
		if root == "" {
			root = m.list.folder
		}
		if options.AttachRoot, err = l.open(root); err != nil {
			return options, err
		}
	}
	options.Signers, l.signedBy, err = signers(opt.signSettings, m.from.Address.Domain)
	return options, err
}

// identity returns what makes the Message-IDs of a mailing its own. The name alone
// would not do: where nothing is remembered from one mailing to the next, the second
// of the same name would look like a repeat of the first, which receivers drop. The
// list is part of it, too, so that nobody can tell an ID from what may be guessed.
func (l *letter) identity(m *mailing, source message.Source, options message.Options) string {
	parts := []string{m.name(), m.listDigest(), string(source.Body), l.settingsDigest(m.s.Send)}
	for _, file := range options.Attachments {
		parts = append(parts, file.Name, string(file.Data))
	}
	if m.s.Send.TestTo != "" {
		// A test must not have the Message-ID of the mailing, by which a receiver
		// could take the mailing itself for a repeat.
		parts = append(parts, "test", l.now().UTC().Format(time.RFC3339Nano))
	}
	return digest(parts...)
}

// signers reads the DKIM keys, and says for people who signs.
func signers(s signSettings, domain string) ([]message.Signer, []string, error) {
	if len(s.DKIMSelector) != len(s.DKIMKey) {
		return nil, nil, delivery.Hint(fmt.Errorf("%d --dkim-key and %d --dkim-selector", len(s.DKIMKey), len(s.DKIMSelector)),
			"give one --dkim-selector for each --dkim-key, in the same order")
	}
	if n := len(s.DKIMDomain); n > 1 && n != len(s.DKIMKey) {
		return nil, nil, delivery.Hint(fmt.Errorf("%d --dkim-key and %d --dkim-domain", len(s.DKIMKey), n),
			"give one --dkim-domain for all keys, or one for each")
	}
	var all []message.Signer
	var names []string
	for i, path := range s.DKIMKey {
		d := domain
		if n := len(s.DKIMDomain); n > 0 {
			d = s.DKIMDomain[min(i, n-1)]
		}
		key, err := readKey("dkim-key", path)
		if err != nil {
			return nil, nil, err
		}
		signer, err := dkim.NewSigner(d, s.DKIMSelector[i], key)
		if err != nil {
			return nil, nil, fmt.Errorf("--dkim-key %q: %w", path, err)
		}
		all = append(all, signer)
		names = append(names, fmt.Sprintf("%s with selector %s (%s)", d, s.DKIMSelector[i], key))
	}
	return all, names, nil
}

// settingsDigest is of the flags that change the message.
func (l *letter) settingsDigest(opt sendSettings) string {
	texts := []string{opt.Subject, opt.Text, opt.HTML, opt.ReplyTo, opt.AttachColumn, opt.FeedbackID}
	for _, group := range [][]string{opt.Header, opt.Unsubscribe} {
		texts = append(texts, digest(group...))
	}
	return digest(texts...)
}

// parseDSN reads --dsn.
func parseDSN(s string) (delivery.DSN, error) {
	if s == "" {
		return delivery.DSN{}, nil
	}
	var dsn delivery.DSN
	for word := range strings.SplitSeq(s, ",") {
		word = strings.ToLower(strings.TrimSpace(word))
		if err := oneOf("dsn", word, "never", "success", "failure", "delay"); err != nil {
			return dsn, err
		}
		dsn.Notify = append(dsn.Notify, strings.ToUpper(word))
	}
	if len(dsn.Notify) > 1 && slices.Contains(dsn.Notify, "NEVER") {
		return dsn, delivery.Hint(fmt.Errorf("invalid --dsn %q", s), "never stands alone")
	}
	dsn.Return = "HDRS"
	return dsn, nil
}

// check reports why no message can be made for a row.
func (l *letter) check(row message.Row) error { return l.template.Check(row) }

// Render is part of [send.Renderer].
func (l *letter) Render(r send.Recipient, sevenBit bool) (send.Message, error) {
	fields, err := list.DecodeFields(r.Data)
	if err != nil {
		return send.Message{}, err
	}
	template := l.template
	if sevenBit {
		template = l.seven
	}
	rendered, err := template.Render(message.Row{Address: r.Address, Fields: fields}, l.now())
	if err != nil {
		return send.Message{}, err
	}
	envelope := delivery.Envelope{
		From: template.From().Address,
		To:   []delivery.Address{r.Address},
		DSN:  l.dsn,
	}
	return send.Message{
		ID:   rendered.MessageID,
		Mail: delivery.Mail{Envelope: envelope, Data: rendered.Data, EightBit: rendered.EightBit},
	}, nil
}

// close closes the folders of the attachments.
func (l *letter) close() error {
	var errs []error
	for _, root := range l.roots {
		errs = append(errs, root.Close())
	}
	return errors.Join(errs...)
}
