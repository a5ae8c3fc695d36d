package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mailctl/mailctl/pkg/bounce"
	"github.com/mailctl/mailctl/pkg/bounce/mailbox"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// bounceSettings are the flags of bounce.
type bounceSettings struct {
	IMAP         string `mapstructure:"imap"`
	IMAPUnread   bool   `mapstructure:"imap-unread"`
	IMAPMark     bool   `mapstructure:"imap-mark"`
	IMAPMove     string `mapstructure:"imap-move"`
	POP3         string `mapstructure:"pop3"`
	POP3Delete   bool   `mapstructure:"pop3-delete"`
	PasswordFile string `mapstructure:"password-file"`
	Suppress     bool   `mapstructure:"suppress"`
	Any          bool   `mapstructure:"any"`
	VERP         string `mapstructure:"verp"`
	All          bool   `mapstructure:"all"`
}

func newBounce(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bounce FILE|DIR|MBOX… [--suppress]",
		Short: "Who bounced or complained, why, and what to do about it",
		Long: `Read bounces, delays and complaints: a message, an mbox, a Maildir or a folder of
messages, - for standard input, or a mailbox on a server. Each recipient gets a
verdict; those of a campaign are corrected in it. Bounces are no error (exit 0);
a file that cannot be opened is (exit 2), and what cannot be read (exit 3).`,
		Example: `  mailctl bounce returned.mbox --suppress
  mailctl bounce --imap imaps://bounces@mail.acme.example --imap-unread --imap-mark`,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadSettings(cmd, env)
			if err != nil {
				return err
			}
			job, err := newBounceJob(env, s, args)
			if err != nil {
				return err
			}
			return job.run(cmd.Context())
		},
	}
	addFlagGroups(cmd, []flagGroup{
		{"What is read", func(f *pflag.FlagSet) {
			f.String("imap", "", "mailbox on an IMAP server: `URL` such as imaps://user@host/INBOX")
			f.Bool("imap-unread", false, "only messages that are not marked as read")
			f.Bool("imap-mark", false, "mark what was read as read")
			f.String("imap-move", "", "move what was read to `FOLDER`")
			f.String("pop3", "", "mailbox on a POP3 server: `URL` such as pops://user@host")
			f.Bool("pop3-delete", false, "delete what was read")
			f.String("password-file", "", "`FILE` with the password of --imap or --pop3 (else MAILCTL_PASSWORD)")
			f.String("verp", "", "`PATTERN` of return-paths that name the recipient, such as bounce+{local}={domain}@acme.example")
		}},
		{"What is done", func(f *pflag.FlagSet) {
			f.Bool("suppress", false, "put hard bounces and complaints on the suppression list")
			f.Bool("any", false, "also believe a bounce that may be forged: suppress who was never written to from here, and correct outcomes by the address alone")
			f.Bool("all", false, "show what is no bounce, too")
		}},
	})
	return cmd
}

// A bounceJob is what one run is to do.
type bounceJob struct {
	env   Environment
	s     settings
	paths []string
	imap  mailbox.Server // zero for none
	pop3  mailbox.Server
	// secrets are the passwords of the servers, by their address.
	secrets map[string]string
}

// newBounceJob checks everything that can be checked before anything is done.
func newBounceJob(env Environment, s settings, args []string) (*bounceJob, error) {
	if err := oneOf("format", s.Format, "text", "json", "jsonl", "csv"); err != nil {
		return nil, err
	}
	b := s.Bounce
	job := &bounceJob{env: env, s: s, paths: args}
	if len(args) == 0 && b.IMAP == "" && b.POP3 == "" {
		return nil, delivery.Hint(errors.New("nothing to read"), "name a file, a folder or an mbox, - for standard input, or give --imap or --pop3")
	}
	for _, path := range args {
		if path == "-" {
			continue
		}
		if err := tryToRead(path); err != nil {
			return nil, fileError("read", path, err)
		}
	}
	if b.VERP != "" && !bounce.ValidVERP(b.VERP) {
		return nil, delivery.Hint(fmt.Errorf("invalid --verp %q", b.VERP), "write an address with {local} and {domain} in it, such as bounce+{local}={domain}@acme.example")
	}
	if b.Any && !b.Suppress {
		return nil, delivery.Hint(errors.New("--any without --suppress"), "--any widens what --suppress does: give both")
	}
	var err error
	if job.imap, err = parseMailboxURL("imap", b.IMAP); err != nil {
		return nil, err
	}
	if job.pop3, err = parseMailboxURL("pop3", b.POP3); err != nil {
		return nil, err
	}
	if err := job.checkServerFlags(); err != nil {
		return nil, err
	}
	return job, job.readSecrets()
}

// tryToRead returns why a file or folder cannot be read. Pipes and devices are not
// tried, since that may wait for who writes.
func tryToRead(path string) error {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() && !info.IsDir() {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return f.Close()
}

// readSecrets reads the passwords of the servers that are named.
func (j *bounceJob) readSecrets() error {
	j.secrets = map[string]string{}
	for _, server := range []mailbox.Server{j.imap, j.pop3} {
		if server.Host == "" {
			continue
		}
		secret, err := readSecret(j.env, j.s.Bounce.PasswordFile, delivery.Relay{User: server.User, Host: server.Host})
		if err != nil {
			return err
		}
		j.secrets[server.Addr()] = secret
	}
	return nil
}

// parseMailboxURL reads --imap or --pop3.
func parseMailboxURL(flag, value string) (mailbox.Server, error) {
	if value == "" {
		return mailbox.Server{}, nil
	}
	server, err := mailbox.ParseServer(value)
	if err != nil {
		return server, fmt.Errorf("--%s: %w", flag, err)
	}
	if server.Protocol != flag {
		return server, delivery.Hint(fmt.Errorf("--%s names a server of %s", flag, server.Protocol), "give it as --"+server.Protocol)
	}
	return server, nil
}

// checkServerFlags refuses flags about a server that is not named.
func (j *bounceJob) checkServerFlags() error {
	b := j.s.Bounce
	for _, f := range []struct {
		name, of string
		given    bool
	}{
		{"imap-unread", "imap", b.IMAPUnread && b.IMAP == ""},
		{"imap-mark", "imap", b.IMAPMark && b.IMAP == ""},
		{"imap-move", "imap", b.IMAPMove != "" && b.IMAP == ""},
		{"pop3-delete", "pop3", b.POP3Delete && b.POP3 == ""},
	} {
		if f.given {
			return delivery.Hint(fmt.Errorf("--%s without --%s", f.name, f.of), "give --"+f.of+" with the URL of the mailbox")
		}
	}
	return nil
}
