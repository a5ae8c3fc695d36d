package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dkim"
)

// dkimSettings are the flags of dkim.
type dkimSettings struct {
	Domain   string   `mapstructure:"domain"`
	Selector []string `mapstructure:"selector"`
	Key      []string `mapstructure:"key"`
	Type     string   `mapstructure:"type"`
}

func newDKIM(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dkim",
		Short: "Make a DKIM key and its DNS record, or sign a message",
		Example: `  mailctl dkim keygen --domain acme.example --selector s2026 --key s2026.pem
  mailctl dkim sign --domain acme.example --selector s2026 --key s2026.pem < in.eml > out.eml`,
		Args: unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKeygen(env), newSign(env))
	return cmd
}

func newKeygen(env Environment) *cobra.Command {
	var kinds []string
	for _, k := range dkim.Kinds() {
		kinds = append(kinds, string(k))
	}
	cmd := &cobra.Command{
		Use:   "keygen --domain DOMAIN --selector NAME --key FILE",
		Short: "Make a private key and show the record to publish",
		Example: `  mailctl dkim keygen --domain acme.example --selector s2026 --key s2026.pem
  mailctl dkim keygen --domain acme.example --selector e2026 --key e2026.pem --type ed25519`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := dkimSettingsOf(cmd, env, func(s *settings) error { return oneOf("format", s.Format, "text", "json") })
			if err != nil {
				return err
			}
			if err := oneOf("type", s.DKIM.Type, kinds...); err != nil {
				return err
			}
			return runKeygen(env, s)
		},
	}
	f := cmd.Flags()
	f.String("domain", "", "`DOMAIN` that signs")
	f.StringArray("selector", nil, "`NAME` under which the record is published")
	f.StringArray("key", nil, "`FILE` to write the private key to; it must not exist")
	f.String("type", string(dkim.RSA2048), "kind of key: "+strings.Join(kinds, ", "))
	return cmd
}

// dkimSettingsOf loads the settings, checks the format, and names the flag that is
// missing.
func dkimSettingsOf(cmd *cobra.Command, env Environment, format func(*settings) error) (settings, error) {
	s, err := loadSettings(cmd, env)
	if err != nil {
		return s, err
	}
	if err := format(&s); err != nil {
		return s, err
	}
	return s, required(cmd, map[string]string{
		"domain": s.DKIM.Domain, "selector": strings.Join(s.DKIM.Selector, ""), "key": strings.Join(s.DKIM.Key, ""),
	}, "domain", "selector", "key")
}

func runKeygen(env Environment, s settings) error {
	if len(s.DKIM.Key) != 1 || len(s.DKIM.Selector) != 1 {
		return delivery.Hint(errors.New("keygen makes one key"), "give --selector and --key once each")
	}
	key, err := dkim.Generate(dkim.Kind(s.DKIM.Type))
	if err != nil {
		return err
	}
	signer, err := dkim.NewSigner(s.DKIM.Domain, s.DKIM.Selector[0], key)
	if err != nil {
		return err
	}
	record, err := signer.Record()
	if err != nil {
		return err
	}
	path := s.DKIM.Key[0]
	if err := writeKey(path, key); err != nil {
		return err
	}
	return writeResult(env, s, func(out *output) error {
		if s.Format == "json" {
			return ui.WriteJSON(out, struct {
				Schema  string   `json:"schema"`
				Key     string   `json:"key"`
				Type    string   `json:"type"`
				Name    string   `json:"name"`
				Value   string   `json:"value"`
				Strings []string `json:"strings"`
				Zone    string   `json:"zone"`
			}{"mailctl.dkim-key/1", path, s.DKIM.Type, record.Name, record.Value, record.Strings(), record.Zone()})
		}
		zone := ui.FoldRecords(strings.TrimRight(record.Zone(), "\n"), out.style)
		// What is said is a comment, so that all of it can be put into a zone file.
		_, err := fmt.Fprintf(out, "; private key (%s) written to %s: keep it secret\n; publish this record:\n%s\n", key, path, zone)
		return err
	})
}

// writeKey writes a private key to a new file that only its owner can read.
func writeKey(path string, key *dkim.Key) error {
	pem, err := key.PEM()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return delivery.Hint(fmt.Errorf("%q exists already", path), "choose another --key, or move that file away: a key that is lost cannot be made again")
	}
	if err != nil {
		return fileError("write --key", path, err)
	}
	_, err = f.Write(pem)
	return errors.Join(err, f.Close())
}

// readKey reads a private key.
func readKey(flag, path string) (*dkim.Key, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fileError("read --"+flag, path, err)
	}
	key, err := dkim.ParseKey(data)
	if err != nil {
		return nil, fmt.Errorf("--%s %q: %w", flag, path, err)
	}
	return key, nil
}
