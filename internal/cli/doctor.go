package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// doctorSettings are the flags of doctor.
type doctorSettings struct {
	From string `mapstructure:"from"`
	Via  string `mapstructure:"via"`
}

func newDoctor(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what stands between this machine and good delivery",
		Long: `Say what stands between this machine and good delivery: configuration, ledger,
clock, the sender's DNS, DKIM keys, a warm-up plan, and the way out: the relay
and its login, or, with mx:, port 25 and the names of this machine's addresses.
It looks at what the configuration says of send, and sends nothing.`,
		Example: `  mailctl doctor
  mailctl doctor --from news@acme.example --via smtp://me@relay.acme.example:587`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := loadSettings(cmd, env, "text", "json")
			if err != nil {
				return err
			}
			sending, err := sendSection(cmd, env)
			if err != nil {
				return err
			}
			s.Send = sending
			s.Send.From = cmp.Or(s.Doctor.From, s.Send.From)
			s.Send.Via = cmp.Or(s.Doctor.Via, s.Send.Via)
			return runDoctor(cmd, env, s)
		},
	}
	f := cmd.Flags()
	f.String("from", "", "sender `ADDR` (default: that of the configuration)")
	f.String("via", "", "`URL` mail leaves by (default: that of the configuration)")
	addDNSFlags(f)
	return cmd
}

// sendSection returns what send would be told by the configuration alone.
func sendSection(cmd *cobra.Command, env Environment) (sendSettings, error) {
	sending, _, err := cmd.Root().Find([]string{"send"})
	if err != nil {
		return sendSettings{}, err
	}
	cmd.Annotations = map[string]string{sendsKey: ""}
	sending.InheritedFlags() // puts those of every command among its own
	s, err := loadSettings(sending, env)
	return s.Send, err
}

// A doctor looks at one thing after the other.
type doctor struct {
	env   Environment
	s     settings
	names *dnsAccess
	found []ui.Diagnosis
}

// runDoctor looks at everything, and says what it found.
func runDoctor(cmd *cobra.Command, env Environment, s settings) (err error) {
	ctx := cmd.Context()
	console := newConsole(env, s)
	names, err := newResolver(env, s, console.say)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, names.Close()) }()
	d := &doctor{env: env, s: s, names: names}
	if err := d.config(cmd); err != nil {
		return err
	}
	for _, look := range []func(context.Context){d.ledger, d.clock, d.sender, d.keys, d.relay, d.warmup} {
		look(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	err = writeResult(env, s, func(out *output) error {
		if s.Format == "json" {
			return ui.WriteDoctorJSON(out, d.found)
		}
		return ui.WriteDoctor(out, out.style, d.found)
	})
	return errors.Join(err, d.exit())
}

// exit returns the exit code as an error, or nil.
func (d *doctor) exit() error {
	code := exitOK
	for _, one := range d.found {
		switch {
		case one.Status == ui.DiagnosisError:
			return exitWith(exitWrong, nil)
		case one.Status == ui.DiagnosisUnknown:
			code = exitUnfinished
		}
	}
	if code != exitOK {
		return exitWith(code, nil)
	}
	return nil
}

// say notes a diagnosis.
func (d *doctor) say(area string, status ui.DiagnosisStatus, message, fix string) {
	d.found = append(d.found, ui.Diagnosis{Area: area, Status: status, Message: message, Fix: fix})
}

// sayError notes an error, whose hints are what mends it.
func (d *doctor) sayError(area string, status ui.DiagnosisStatus, err error) {
	d.say(area, status, err.Error(), strings.Join(delivery.Hints(err), "; "))
}

// config says which configuration is used. That it can be read is known by now.
func (d *doctor) config(cmd *cobra.Command) error {
	path, err := configPath(cmd, d.env)
	switch {
	case err != nil:
		return err
	case path == "":
		d.say("config", ui.DiagnosisSkipped, "there is no configuration file, so that flags and variables say everything",
			"mailctl init writes one")
	default:
		d.say("config", ui.DiagnosisOK, path, "")
	}
	return nil
}

// secrecy warns of a private key that others can read.
func (d *doctor) secrecy(path string) {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return // that a file is missing was said before
	}
	d.say("dkim", ui.DiagnosisWarning, fmt.Sprintf("%s can be read by other users of this machine", path), "chmod 600 "+path)
}

// ledger opens the ledger, as send would.
func (d *doctor) ledger(ctx context.Context) {
	if _, err := os.Stat(d.s.State); errors.Is(err, os.ErrNotExist) {
		d.say("ledger", ui.DiagnosisOK, d.s.State+" is made by the first mailing", "")
		return
	}
	l, err := openLedger(ctx, d.env, d.s)
	if err == nil {
		err = l.Close()
	}
	if err != nil {
		d.sayError("ledger", ui.DiagnosisError, err)
		return
	}
	d.say("ledger", ui.DiagnosisOK, d.s.State, "")
}

// clock asks the kernel whether the clock is kept right. Signatures and limits
// by the day depend on it.
func (d *doctor) clock(context.Context) {
	kept, known := clockIsKept()
	now := d.env.Now().Format("2006-01-02 15:04:05 -0700")
	switch {
	case !known:
		d.say("clock", ui.DiagnosisSkipped, now+"; this system does not say whether it is right", "")
	case kept:
		d.say("clock", ui.DiagnosisOK, now+", kept right by the system", "")
	default:
		d.say("clock", ui.DiagnosisWarning, now+"; nothing keeps it right, and signatures with a wrong date are refused",
			"run a time service, such as systemd-timesyncd or chrony, unless the host of this machine does")
	}
}
