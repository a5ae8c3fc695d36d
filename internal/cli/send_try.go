package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/list"
	"github.com/mailctl/mailctl/pkg/message"
	"github.com/mailctl/mailctl/pkg/send"
)

// each makes the messages of the rows that would be sent to, in list order,
// until yield returns false.
func (m *mailing) each(ctx context.Context, in *intake, yield func(list.Row, send.Message) bool) (err error) {
	suppressions, end, err := m.suppressions(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	for ctx.Err() == nil {
		row, entry, err := in.nextRow()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		suppressed, err := suppressions(ctx, row.Address)
		if err != nil {
			return err
		}
		if entry.Skip != nil {
			continue
		}
		if entry.Suppressed || suppressed {
			in.tellSuppressed(row)
			continue
		}
		made, err := m.letter.Render(send.Recipient{Row: row.Number, Address: row.Address, Data: entry.Data}, false)
		if err != nil {
			p := &list.Problem{Name: in.name, Line: row.Line, Kind: kindTemplate, Err: err}
			in.note(p)
			in.tell(row.Number, row.Address, p)
			continue
		}
		if !yield(row, made) {
			return nil
		}
	}
	return context.Cause(ctx)
}

// suppressions returns what tells whether an address is on the suppression list,
// and what ends it. A ledger that does not exist yet is not made.
func (m *mailing) suppressions(ctx context.Context) (func(context.Context, delivery.Address) (bool, error), func() error, error) {
	if _, err := os.Stat(m.s.State); err != nil {
		nobody := func(context.Context, delivery.Address) (bool, error) { return false, nil }
		return nobody, func() error { return nil }, nil //nolint:nilerr // no folder is an empty list
	}
	l, err := openLedger(ctx, m.env, m.s)
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context, a delivery.Address) (bool, error) {
		if a.IsZero() {
			return false, nil
		}
		_, found, err := l.Suppressions().Lookup(ctx, a)
		return found, err
	}, l.Close, nil
}

// preview writes the first messages.
func (m *mailing) preview(ctx context.Context) (err error) {
	in, err := m.intake()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	left := m.s.Send.Preview
	return writeResult(m.env, m.s, func(out *output) error {
		var failed error
		err := m.each(ctx, in, func(row list.Row, made send.Message) bool {
			failed = m.writePreview(out, row, made)
			left--
			return failed == nil && left > 0
		})
		if err := errors.Join(err, failed); err != nil {
			return err
		}
		if err := cmp.Or(in.refuse(m.s.Send.SkipBadRows), in.empty()); err != nil {
			return err
		}
		in.nameAside(newConsole(m.env, m.s), "the same with --dry-run --format jsonl")
		return nil
	})
}

// writePreview writes one message: as it is, or as one line of JSON.
func (m *mailing) writePreview(out *output, row list.Row, made send.Message) error {
	if m.s.Format != "text" {
		view, err := message.Open(made.Mail.Data)
		if err != nil {
			return err
		}
		return ui.WritePreviewJSON(out, ui.Preview{
			Row: row.Number, Line: row.Line, Email: row.Address.String(), MessageID: made.ID, Data: made.Mail.Data, View: view,
		})
	}
	title := fmt.Sprintf("--- %s:%d: to %s", m.list.name, row.Line, row.Address.Unicode())
	_, err := fmt.Fprintf(out, "%s\n%s\n", out.style.Bold(title), bytes.ReplaceAll(made.Mail.Data, []byte("\r\n"), []byte("\n")))
	return err
}

// dryRun makes every message and delivers none.
func (m *mailing) dryRun(ctx context.Context) (err error) {
	in, err := m.intake()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	if m.s.Format == "jsonl" {
		return writeResult(m.env, m.s, func(out *output) error { return m.dryRunLines(ctx, in, out) })
	}
	s, err := m.makeAll(ctx, in)
	if err != nil {
		return err
	}
	return writeResult(m.env, m.s, func(out *output) error {
		if m.s.Format != "text" {
			return ui.WriteJSON(out, s)
		}
		return ui.WriteDryRun(out, out.style, s)
	})
}

// dryRunLines writes a line for each row that is set aside, and then what would be
// sent.
func (m *mailing) dryRunLines(ctx context.Context, in *intake, out *output) error {
	in.aside = func(a asideRow) {
		if m.s.Send.SkipBadRows || a.outcome == delivery.OutcomeSuppressed {
			// An error of writing shows when the output is flushed.
			_ = writeAsideLine(out, m.name(), m.env.Now(), a)
		}
	}
	s, err := m.makeAll(ctx, in)
	if err != nil {
		return err
	}
	return ui.WriteJSON(out, s)
}

// makeAll makes every message, and returns what would be sent.
func (m *mailing) makeAll(ctx context.Context, in *intake) (ui.SendSummary, error) {
	started := m.env.Now()
	s := ui.SendSummary{
		Schema: "mailctl.send/1", Campaign: m.name(), DryRun: true,
		ByReason: map[string]int{}, ByDestination: map[string]map[string]int{},
	}
	err := m.each(ctx, in, func(_ list.Row, made send.Message) bool {
		s.Pending++
		s.Bytes += int64(len(made.Mail.Data))
		return true
	})
	if err != nil {
		return s, err
	}
	for _, err := range in.repeated() {
		if err != nil {
			return s, err
		}
		s.Pending--
	}
	if err := cmp.Or(in.refuse(m.s.Send.SkipBadRows), in.empty()); err != nil {
		return s, err
	}
	s.Recipients = in.read
	for kind, n := range in.kinds {
		if kind != list.KindCase {
			s.Skipped += n
			s.ByReason[string(kind)] = n
		}
	}
	s.Suppressed = s.Recipients - s.Skipped - s.Pending
	s.Seconds = float64(m.env.Now().Sub(started).Milliseconds()) / 1000
	c := newConsole(m.env, m.s)
	in.nameAside(c, "the same with --format jsonl")
	for _, p := range in.warnings {
		c.warn(p.Error())
	}
	return s, nil
}
