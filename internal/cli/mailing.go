package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/list"
	"github.com/mailctl/mailctl/pkg/message"
)

// A mailing is a list, a message and a way to send it, ready to go.
type mailing struct {
	env    Environment
	s      settings
	via    via
	list   *listFile
	order  list.Order // of the rows; zero for the list's own
	from   delivery.Mailbox
	letter *letter
	pace   pace
	secret string // of the relay
}

// validateSend checks what can be checked before anything is read.
func validateSend(cmd *cobra.Command, s settings) error {
	if err := oneOf("format", s.Format, "text", "json", "jsonl"); err != nil {
		return err
	}
	opt := s.Send
	needed := map[string]string{"list": opt.List, "from": opt.From + opt.Message, "via": opt.Via}
	if opt.DryRun || opt.Preview > 0 {
		needed["via"] = "not needed"
	}
	if err := required(cmd, needed, "list", "from", "via"); err != nil {
		return err
	}
	if opt.Message == "" && opt.Text == "" && opt.HTML == "" {
		return delivery.Hint(errors.New("there is no message"), "give --message FILE, or --subject with --text or --html")
	}
	if opt.Message != "" && (opt.Text != "" || opt.HTML != "") {
		return delivery.Hint(errors.New("--message cannot be used with --text or --html"), "leave one of them out")
	}
	if err := oneOf("encoding", opt.Encoding, "7bit", "8bit"); err != nil {
		return err
	}
	if strings.ContainsFunc(opt.Helo, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return delivery.Hint(fmt.Errorf("invalid --helo %q", opt.Helo), "it is a host name, such as mail.acme.example")
	}
	return opt.validate()
}

// validate refuses counts and times that make no sense.
func (s paceSettings) validate() error {
	for _, count := range []struct {
		name     string
		n, least int
	}{
		{"connections", s.Connections, 0},
		{"connections-per-destination", s.ConnectionsPerDestination, 0},
		{"messages-per-connection", s.MessagesPerConnection, 1},
	} {
		if count.n < count.least {
			return delivery.Hint(fmt.Errorf("invalid --%s \"%d\"", count.name, count.n), fmt.Sprintf("it is at least %d", count.least))
		}
	}
	if s.RetryFor <= 0 || s.RetryAfter <= 0 {
		return delivery.Hint(errors.New("--retry-for and --retry-after must be longer than nothing"),
			"to leave temporary failures for a later run, use --no-wait")
	}
	return nil
}

// prepareMailing reads list and message. The caller closes the mailing.
func prepareMailing(env Environment, s settings) (*mailing, error) {
	m := &mailing{env: env, s: s}
	if err := m.prepare(); err != nil {
		return nil, errors.Join(err, m.close())
	}
	return m, nil
}

func (m *mailing) prepare() (err error) {
	opt := m.s.Send
	if err := m.prepareWay(); err != nil {
		return err
	}
	if opt.From != "" {
		if m.from, err = delivery.ParseMailbox(opt.From); err != nil {
			return addressError("from", err)
		}
	}
	if m.list, err = openList(m.env, opt.List); err != nil {
		return err
	}
	rows, err := m.list.read(opt.listSettings)
	if err != nil {
		return err
	}
	if m.order, err = list.ParseOrder(opt.OrderBy, rows.Columns()); err != nil {
		return fmt.Errorf("--order-by: %w", err)
	}
	m.letter, err = compose(m, rows.Columns())
	return err
}

// chooseSender takes the sender from the message where no setting names one, and says
// so where another counts than the message names.
func (m *mailing) chooseSender(source message.Source) error {
	said, err := source.From()
	unknown := errors.Is(err, message.ErrNoFrom)
	switch set := !m.from.Address.IsZero(); {
	case set && unknown:
		return nil
	case err == nil && !set:
		m.from = said
	case err == nil && said != m.from:
		m.warn(fmt.Sprintf("warning: %s says that it is from %s; --from or the configuration says %s, which counts",
			source.Name, said.Readable(), m.from.Readable()))
	case unknown && m.s.Send.standIn != "":
		m.warn(fmt.Sprintf("note: there is no sender yet, and %s stands for it: give --from, or set send.from in mailctl.yaml", m.s.Send.standIn))
		m.from, err = delivery.ParseMailbox(m.s.Send.standIn)
	}
	return err
}

// warn says something on standard error.
func (m *mailing) warn(text string) {
	fmt.Fprintln(m.env.Stderr, styleOf(m.env, m.env.Stderr, m.s.NoColor).Fold(text))
}

// prepareWay reads how mail leaves, and the password it takes.
func (m *mailing) prepareWay() (err error) {
	opt := m.s.Send
	if opt.Via != "" {
		if m.via, err = parseVia(opt.Via); err != nil {
			return err
		}
	}
	if m.pace, err = parsePace(opt.paceSettings); err != nil {
		return err
	}
	if m.via.kind == viaRelay || m.via.kind == viaMX {
		if err := unusedFlags(opt, m.via); err != nil {
			return err
		}
	}
	if m.via.relay.User != "" && !opt.DryRun && opt.Preview == 0 {
		if m.secret, err = readSecret(m.env, opt.PasswordFile, m.via.relay); err != nil {
			return err
		}
	}
	return nil
}

func (m *mailing) close() error {
	var err error
	if m.list != nil {
		err = m.list.close()
	}
	if m.letter != nil {
		err = errors.Join(err, m.letter.close())
	}
	return err
}

// name returns the campaign's name. Trials have names of their own, so that
// one is not taken for the mailing itself.
func (m *mailing) name() string {
	if m.s.Send.Campaign != "" {
		return m.s.Send.Campaign
	}
	parts := []string{"stdin", "message"}
	if m.s.Send.List != "-" {
		parts[0] = stem(m.s.Send.List)
	}
	if m.s.Send.Message != "" {
		parts[1] = stem(m.s.Send.Message)
	}
	if m.via.trial() {
		parts = append(parts, string(m.via.kind))
	}
	return strings.Join(parts, "-")
}

// stem returns the name of a file without folder and extensions.
func stem(path string) string {
	base := strings.TrimSuffix(filepath.Base(path), ".gz")
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// spec says what the campaign is, so that a change of it is noticed.
func (m *mailing) spec() ledger.Spec {
	return ledger.Spec{
		Name:    m.name(),
		List:    ledger.Identity{Name: m.list.name, Digest: m.listDigest()},
		Message: ledger.Identity{Name: m.letter.name, Digest: m.letter.digest},
		Sender:  ledger.Identity{Name: m.from.Readable(), Digest: digest(m.from.String())},
		Via:     ledger.Identity{Name: string(m.via.kind), Digest: digest(string(m.via.kind))},
		Rows:    ledger.Identity{Name: m.chosenRows(), Digest: digest(m.chosenRows())},
	}
}

// chosenRows says which rows of the list are sent to, and in which order.
func (m *mailing) chosenRows() string {
	opt := m.s.Send
	var chosen []string
	for _, flag := range [][3]string{
		{"where", opt.Where, ""},
		{"email-column", opt.EmailColumn, "email"},
		{"suppressed-column", opt.SuppressedColumn, "suppressed"},
		{"order-by", m.order.String(), ""},
	} {
		if name, value, usual := flag[0], flag[1], flag[2]; value != usual {
			chosen = append(chosen, fmt.Sprintf("--%s %s", name, shellWord(value)))
		}
	}
	if len(chosen) == 0 {
		return "all"
	}
	return strings.Join(chosen, " ")
}

// listDigest identifies the list by what it holds and how it is read.
func (m *mailing) listDigest() string {
	parts := []string{m.list.digest, m.s.Send.Where, m.s.Send.EmailColumn, m.s.Send.SuppressedColumn}
	if m.order != (list.Order{}) {
		parts = append(parts, m.order.String())
	}
	return digest(parts...)
}

// digest returns the SHA-256 of several texts.
func digest(texts ...string) string {
	hash := sha256.New()
	for _, text := range texts {
		fmt.Fprintf(hash, "%d:%s", len(text), text)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// route returns the queue of a recipient: one of its own for whom --rate-for
// names, else the one that all others share.
func (m *mailing) route(to delivery.Address) string {
	if m.via.kind == viaMX {
		return to.Domain
	}
	if key, ok := m.pace.key(to.Domain); ok {
		return key
	}
	if p := delivery.Provider(to.Domain); p != "" && m.s.Send.Warmup != "" {
		return p // a plan has a share for each provider
	}
	return m.via.destination()
}
