package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dkim"
)

func newSign(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sign --domain DOMAIN --selector NAME --key FILE [MESSAGE]",
		Short: "Put a DKIM signature on a message",
		Long: `Put a DKIM signature on a message: the named file, or standard input. With several
--key and --selector, which belong together in order, there are several
signatures.`,
		Example: `  mailctl dkim sign --domain acme.example --selector s2026 --key s2026.pem message.eml
  mailctl dkim sign --domain acme.example --selector s2026 --key s2026.pem \
    --selector e2026 --key e2026.pem < message.eml`,
		Args: atMostOneMessage,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := dkimSettingsOf(cmd, env, func(s *settings) error { return onlyText(cmd, s) })
			if err != nil {
				return err
			}
			return runSign(env, s, args)
		},
	}
	f := cmd.Flags()
	f.String("domain", "", "`DOMAIN` that signs")
	f.StringArray("selector", nil, "`NAME` under which the record is published; once for each --key")
	f.StringArray("key", nil, "`FILE` with the private key")
	return cmd
}

// atMostOneMessage takes at most the name of a message.
func atMostOneMessage(cmd *cobra.Command, args []string) error {
	if len(args) <= 1 {
		return nil
	}
	return delivery.Hint(fmt.Errorf("%q takes one message, not also %q", cmd.CommandPath(), args[1]),
		"name one file, or none for standard input; run it once for each message")
}

// dkimSigners reads the keys.
func dkimSigners(s dkimSettings) ([]*dkim.Signer, error) {
	if len(s.Selector) != len(s.Key) {
		return nil, delivery.Hint(fmt.Errorf("%d --key and %d --selector", len(s.Key), len(s.Selector)),
			"give one --selector for each --key, in the same order")
	}
	var all []*dkim.Signer
	for i, path := range s.Key {
		key, err := readKey("key", path)
		if err != nil {
			return nil, err
		}
		signer, err := dkim.NewSigner(s.Domain, s.Selector[i], key)
		if err != nil {
			return nil, fmt.Errorf("--domain %q, --selector %q: %w", s.Domain, s.Selector[i], err)
		}
		all = append(all, signer)
	}
	return all, nil
}

// maxMessage bounds a message that is signed; larger ones are refused by every
// receiver.
const maxMessage = 256 << 20

func runSign(env Environment, s settings, args []string) error {
	signers, err := dkimSigners(s.DKIM)
	if err != nil {
		return err
	}
	message, err := readMessage(env, args)
	if err != nil {
		return err
	}
	var signatures []byte
	for _, signer := range signers {
		signature, err := signer.Sign(message)
		if err != nil {
			return err
		}
		signatures = append(signatures, signature...)
	}
	return writeResult(env, s, func(out *output) error {
		_, err := out.Write(append(signatures, message...))
		return err
	})
}

// readMessage reads the named message, else standard input, with the line ends
// that mail has.
func readMessage(env Environment, args []string) ([]byte, error) {
	in, name := env.Stdin, "standard input"
	if len(args) > 0 && args[0] != "-" {
		f, err := os.Open(args[0])
		if err != nil {
			return nil, fileError("read", args[0], err)
		}
		defer f.Close() //nolint:errcheck // it is only read
		in, name = f, args[0]
	}
	data, err := io.ReadAll(io.LimitReader(in, maxMessage+1))
	if err != nil {
		return nil, fileError("read", name, err)
	}
	if len(data) > maxMessage {
		return nil, fmt.Errorf("%q is larger than %d octets", name, maxMessage)
	}
	if bytes.Contains(data, []byte("\r\n")) {
		return data, nil
	}
	return bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n")), nil
}
