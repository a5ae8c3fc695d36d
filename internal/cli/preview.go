package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/list"
	"github.com/mailctl/mailctl/pkg/message"
	"github.com/mailctl/mailctl/pkg/send"
)

// previewSettings are the flags of preview.
type previewSettings struct {
	listSettings    `mapstructure:",squash"`
	messageSettings `mapstructure:",squash"`
	signSettings    `mapstructure:",squash"`

	Row     int    `mapstructure:"row"`
	Email   string `mapstructure:"email"`
	Open    bool   `mapstructure:"open"`
	Width   int    `mapstructure:"width"`
	Browser string `mapstructure:"browser"`
}

// previewFormats are what a message can be shown as.
var previewFormats = []string{"text", "html", "png", "eml", "json"}

func newPreview(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "preview --list FILE --message FILE",
		Short: "See one row's message as its reader will",
		Long: `See one row's message as its reader will: as text, in the browser, or as an HTML,
PNG or EML file, as the name of --out says. What no flag says is taken from what
the configuration says of send. Nothing is sent.`,
		Example: `  mailctl preview --list contacts.csv --message welcome.md
  mailctl preview --list contacts.csv --message welcome.md --row 3 --out welcome.html`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := loadSettings(cmd, env)
			if err != nil {
				return err
			}
			sending, err := sendSection(cmd, env)
			if err != nil {
				return err
			}
			s.Preview.sentAs(cmd.Flags(), sending)
			if err := validatePreview(cmd, &s); err != nil {
				return err
			}
			return runPreview(cmd.Context(), env, s)
		},
	}
	addFlagGroups(cmd, []flagGroup{
		{"The list", addListFlags},
		{"The message", addMessageFlags},
		{"The preview", addPreviewFlags},
	})
	return cmd
}

func addPreviewFlags(f *pflag.FlagSet) {
	f.Int("row", 0, "the message of row `N` of the list (default: the first that would be sent to)")
	f.String("email", "", "the message of the row with this `ADDR`")
	f.Bool("open", false, "show it in the browser")
	f.Int("width", 600, "how wide a PNG is, in `PIXELS`")
	f.String("browser", "", "Chromium or Chrome that makes a PNG: `PROGRAM` (default: found on the path)")
}

// validatePreview checks the flags, and takes the format from the name of --out
// where --format does not say.
func validatePreview(cmd *cobra.Command, s *settings) error {
	if !cmd.Flags().Changed("format") {
		format, err := formatOfName(s.Out, s.Format)
		if err != nil {
			return err
		}
		s.Format = format
	}
	if err := oneOf("format", s.Format, previewFormats...); err != nil {
		return err
	}
	p := s.Preview
	if err := required(cmd, map[string]string{"list": p.List, "message": p.Message + p.Text + p.HTML}, "list", "message"); err != nil {
		return err
	}
	switch {
	case s.Format == "png" && s.Out == "":
		return delivery.Hint(errors.New("a PNG needs a file"), "name it with --out message.png")
	case p.Row < 0:
		return delivery.Hint(fmt.Errorf("invalid --row %d", p.Row), "the first row is 1")
	case p.Row > 0 && p.Email != "":
		return delivery.Hint(errors.New("--row cannot be used with --email"), "leave one of them out")
	case p.Width < 200 || p.Width > 4000:
		return delivery.Hint(fmt.Errorf("invalid --width %d", p.Width), "it is from 200 to 4000 pixels")
	}
	return nil
}

// formatOfName returns the format that the ending of a file's name means; a name
// without one says nothing.
func formatOfName(name, unsaid string) (string, error) {
	switch ending := strings.ToLower(filepath.Ext(name)); {
	case ending == "":
		return unsaid, nil
	case ending == ".txt":
		return "text", nil
	case ending == ".htm":
		return "html", nil
	case slices.Contains(previewFormats, ending[1:]):
		return ending[1:], nil
	default:
		return "", delivery.Hint(fmt.Errorf("--out %q: unknown ending %q", name, ending),
			"end it in .txt, .html, .png, .eml or .json, or say what it is with --format")
	}
}

// sentAs takes from what send is configured with all that makes the message,
// where preview is not told.
func (p *previewSettings) sentAs(flags *pflag.FlagSet, sending sendSettings) {
	if p.Message+p.Text+p.HTML == "" {
		p.Message, p.Text, p.HTML = sending.Message, sending.Text, sending.HTML
	}
	for _, text := range []struct {
		flag      string
		own, sent *string
	}{
		{"list", &p.List, &sending.List},
		{"email-column", &p.EmailColumn, &sending.EmailColumn},
		{"suppressed-column", &p.SuppressedColumn, &sending.SuppressedColumn},
		{"where", &p.Where, &sending.Where},
		{"subject", &p.Subject, &sending.Subject},
		{"from", &p.From, &sending.From},
		{"reply-to", &p.ReplyTo, &sending.ReplyTo},
		{"attach-column", &p.AttachColumn, &sending.AttachColumn},
		{"attach-root", &p.AttachRoot, &sending.AttachRoot},
		{"feedback-id", &p.FeedbackID, &sending.FeedbackID},
		{"encoding", &p.Encoding, &sending.Encoding},
	} {
		if f := flags.Lookup(text.flag); *text.own == f.DefValue {
			*text.own = *text.sent
		}
	}
	for _, several := range []struct{ own, sent *[]string }{
		{&p.Header, &sending.Header}, {&p.Attach, &sending.Attach}, {&p.Unsubscribe, &sending.Unsubscribe},
	} {
		if len(*several.own) == 0 {
			*several.own = *several.sent
		}
	}
	p.SkipBadRows = p.SkipBadRows || sending.SkipBadRows
	if len(p.DKIMKey) == 0 {
		p.signSettings = sending.signSettings
	}
}

// previewSender stands for the sender where none is given yet.
const previewSender = "sender@example.com"

// runPreview makes the message and shows it.
func runPreview(ctx context.Context, env Environment, s settings) (err error) {
	p := s.Preview
	s.Send = sendSettings{
		standIn: previewSender, listSettings: p.listSettings, messageSettings: p.messageSettings, signSettings: p.signSettings,
		paceSettings: paceSettings{MaxBounceRate: "0"},
	}
	m, err := prepareMailing(env, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	made, err := m.previewOf(ctx, p)
	if err != nil {
		return err
	}
	if p.Open {
		return openPreview(ctx, made)
	}
	return writePreview(ctx, env, s, made)
}

// previewOf makes the message of the row that is asked for.
func (m *mailing) previewOf(ctx context.Context, p previewSettings) (shown ui.Preview, err error) {
	in, err := m.intake()
	if err != nil {
		return shown, err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	err = m.each(ctx, in, func(row list.Row, made send.Message) bool {
		if (p.Row > 0 && row.Number < p.Row) || (p.Email != "" && !strings.EqualFold(row.Address.String(), p.Email)) {
			return true
		}
		if p.Row == 0 || row.Number == p.Row {
			shown = ui.Preview{Row: row.Number, Line: row.Line, Email: row.Address.String(), MessageID: made.ID, Data: made.Mail.Data}
		}
		return false
	})
	if err != nil {
		return shown, err
	}
	if shown.Data == nil {
		return shown, cmp.Or(in.refuse(p.SkipBadRows), noSuchRow(in.name, p))
	}
	shown.View, err = message.Open(shown.Data)
	return shown, err
}

// noSuchRow says which row has no message to show.
func noSuchRow(name string, p previewSettings) error {
	switch {
	case p.Row > 0:
		return delivery.Hint(fmt.Errorf("%s has no row %d to send to", name, p.Row), "rows count from 1, without the header; a suppressed row has no message")
	case p.Email != "":
		return delivery.Hint(fmt.Errorf("%s has no row for %q to send to", name, p.Email), "check the address; a suppressed row has no message")
	default:
		return delivery.Hint(fmt.Errorf("%s has no row to make a message of", name), "check the list and --where")
	}
}

// writePreview writes the message in its format.
func writePreview(ctx context.Context, env Environment, s settings, p ui.Preview) error {
	var picture []byte
	if s.Format == "png" {
		var err error
		if picture, err = screenshot(ctx, s.Preview.Browser, pageOf(p), s.Preview.Width); err != nil {
			return err
		}
	}
	return writeResult(env, s, func(out *output) error {
		var err error
		switch s.Format {
		case "png":
			_, err = out.Write(picture)
		case "html":
			_, err = out.WriteString(pageOf(p))
		case "eml":
			_, err = out.Write(bytes.ReplaceAll(p.Data, []byte("\r\n"), []byte("\n")))
		case "json":
			err = ui.WritePreviewJSON(out, p)
		default:
			err = ui.WritePreview(out, out.style, p)
		}
		return err
	})
}

// openPreview shows the message in the browser.
func openPreview(ctx context.Context, p ui.Preview) error {
	f, err := os.CreateTemp("", "mailctl-preview-*.html")
	if err != nil {
		return err
	}
	_, err = f.WriteString(pageOf(p))
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return openInBrowser(ctx, f.Name())
}
