package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/list"
	"github.com/mailctl/mailctl/pkg/send"
)

// testTo sends the first row's message to somebody else, outside any campaign.
func (m *mailing) testTo(ctx context.Context, address string) (err error) {
	to, err := delivery.ParseAddress(address)
	if err != nil {
		return addressError("test-to", err)
	}
	in, err := m.intake()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	mail, plain, err := m.firstTo(ctx, in, to)
	if err != nil {
		return err
	}
	transport, end, err := m.transport(ctx, newConsole(m.env, m.s))
	defer func() { err = errors.Join(err, end()) }()
	if err != nil {
		return err
	}
	conn, err := transport.Open(ctx, m.route(to))
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return m.openAdvice(err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	if errors.Is(conn.Check(&mail), delivery.ErrNeeds8BitMIME) {
		mail = plain
	}
	result, err := handOver(ctx, conn, mail)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		verdict := delivery.ClassifyError(err)
		err = delivery.Hint(err, adviceOn(verdict.Reason))
		if verdict.Class == delivery.ClassPermanent {
			return exitWith(exitWrong, err)
		}
		return unfinished(err)
	}
	return m.reportTest(to, result.Recipients[0])
}

// firstTo makes the message of the first row that would be sent to, for
// somebody else: as it was asked for, and without 8-bit text.
func (m *mailing) firstTo(ctx context.Context, in *intake, to delivery.Address) (first, plain delivery.Mail, err error) {
	var failed error
	err = m.each(ctx, in, func(row list.Row, _ send.Message) bool {
		var asked, seven send.Message
		data, err := list.EncodeFields(row.Fields)
		recipient := send.Recipient{Row: row.Number, Address: to, Data: data}
		if err == nil {
			asked, err = m.letter.Render(recipient, false)
		}
		if err == nil {
			seven, err = m.letter.Render(recipient, true)
		}
		first, plain, failed = asked.Mail, seven.Mail, err
		return false
	})
	switch {
	case err != nil:
		return first, plain, err
	case failed != nil:
		return first, plain, failed
	case first.Data == nil:
		return first, plain, delivery.Hint(fmt.Errorf("%s has no row to make a message of", in.name), "check the list and --where")
	}
	return first, plain, nil
}

// handOver hands one message over.
func handOver(ctx context.Context, conn send.Conn, mail delivery.Mail) (delivery.Result, error) {
	if err := conn.Begin(ctx, mail); err != nil {
		return delivery.Result{}, err
	}
	result, err := conn.Ready(ctx)
	if err != nil || !result.Accepted {
		return result, err
	}
	if err := conn.Finish(ctx, nil); err != nil {
		return result, err
	}
	return conn.Outcome(ctx)
}

// testLine is the answer to a test message as JSON.
type testLine struct {
	Schema   string           `json:"schema"`
	Email    string           `json:"email"`
	Outcome  delivery.Outcome `json:"outcome"`
	Code     int              `json:"code"`
	Enhanced string           `json:"enhanced"`
	Text     string           `json:"text"`
}

// reportTest says what the server said to the test.
func (m *mailing) reportTest(to delivery.Address, said delivery.RecipientResult) error {
	line := testLine{
		Schema: "mailctl.test/1", Email: to.String(), Outcome: delivery.OutcomeDelivered,
		Code: said.Reply.Code, Enhanced: said.Reply.Enhanced.String(), Text: said.Reply.Text(),
	}
	var refused error
	if !said.Accepted {
		line.Outcome, refused = testRefused(to, said)
	}
	if refused != nil && m.s.Format == "text" {
		return refused
	}
	return errors.Join(refused, writeResult(m.env, m.s, func(out *output) error {
		if m.s.Format != "text" {
			return ui.WriteJSON(out, line)
		}
		_, err := fmt.Fprintf(out, "%s the test to %s: %s\n", out.style.Good("delivered"), to.Unicode(), said.Reply)
		return err
	}))
}

// testRefused returns what a refusal of the test means, and the error that says so.
func testRefused(to delivery.Address, said delivery.RecipientResult) (delivery.Outcome, error) {
	verdict := delivery.Classify(said.Reply, said.Stage)
	err := delivery.Hint(fmt.Errorf("the test to %s was refused: %s", to.Unicode(), said.Reply), adviceOn(verdict.Reason))
	if verdict.Class == delivery.ClassPermanent {
		return delivery.OutcomeBounced, exitWith(exitWrong, err)
	}
	return delivery.OutcomeDeferred, unfinished(err)
}
