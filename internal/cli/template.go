package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/message"
)

// templateSettings are the flags of template.
type templateSettings struct {
	Dir string `mapstructure:"dir"`
}

func newTemplate(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "template",
		Short: "Start from a ready message",
		Example: `  mailctl template list
  mailctl template new newsletter`,
		Args: unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newTemplateList(env), newTemplateShow(env), newTemplateNew(env))
	return cmd
}

func newTemplateList(env Environment) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "Say which messages there are",
		Example: "  mailctl template list\n  mailctl template list --format json",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := loadSettings(cmd, env, "text", "json")
			if err != nil {
				return err
			}
			return writeResult(env, s, func(out *output) error {
				if s.Format == "json" {
					return ui.WriteTemplatesJSON(out, message.ReadyMessages())
				}
				return ui.WriteTemplates(out, out.style, message.ReadyMessages())
			})
		},
	}
}

func newTemplateShow(env Environment) *cobra.Command {
	return &cobra.Command{
		Use:               "show NAME",
		Short:             "Print a message",
		Example:           "  mailctl template show receipt\n  mailctl template show newsletter --out newsletter.md",
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeTemplates,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, ready, err := templateArgument(cmd, env, args)
			if err != nil {
				return err
			}
			return writeResult(env, s, func(out *output) error {
				_, err := out.Write(ready.Source())
				return err
			})
		},
	}
}

func newTemplateNew(env Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Write a message and a list to try it with",
		Long: `Write a message and a list to try it with: NAME.md and NAME.csv. Files that are
already there are left alone.`,
		Example: `  mailctl template new newsletter
  mailctl template new receipt --dir mail`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeTemplates,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, ready, err := templateArgument(cmd, env, args)
			if err != nil {
				return err
			}
			return runTemplateNew(env, s, ready)
		},
	}
	cmd.Flags().String("dir", ".", "write to `DIR`, which is made if need be")
	return cmd
}

// templateArgument reads the settings and finds the template that is named.
func templateArgument(cmd *cobra.Command, env Environment, args []string) (settings, message.Ready, error) {
	s, err := loadSettings(cmd, env)
	if err != nil {
		return s, message.Ready{}, err
	}
	if err := onlyText(cmd, &s); err != nil {
		return s, message.Ready{}, err
	}
	if len(args) != 1 {
		err := fmt.Errorf("%s takes one name, not %d", cmd.CommandPath(), len(args))
		return s, message.Ready{}, delivery.Hint(err, "see 'mailctl template list' for the names")
	}
	ready, err := findTemplate(args[0])
	return s, ready, err
}

// findTemplate returns the template of a name, or names the nearest one.
func findTemplate(name string) (message.Ready, error) {
	ready, ok := message.FindReady(name)
	if ok {
		return ready, nil
	}
	err := fmt.Errorf("no template has the name %q", name)
	if near := delivery.Nearest(name, templateNames()); near != "" {
		return ready, delivery.Hint(err, fmt.Sprintf("did you mean %q?", near))
	}
	return ready, delivery.Hint(err, "see 'mailctl template list' for the names")
}

func templateNames() []string {
	var names []string
	for _, r := range message.ReadyMessages() {
		names = append(names, r.Name)
	}
	return names
}

// completeTemplates completes the name of a template.
func completeTemplates(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, r := range message.ReadyMessages() {
		names = append(names, cobra.CompletionWithDesc(r.Name, r.Summary))
	}
	return beginning(word, names), cobra.ShellCompDirectiveNoFileComp
}

// runTemplateNew writes the files of a template, and says what to do with them.
func runTemplateNew(env Environment, s settings, ready message.Ready) error {
	if err := os.MkdirAll(s.Template.Dir, 0o700); err != nil {
		return fileError("make --dir", s.Template.Dir, err)
	}
	body := filepath.Join(s.Template.Dir, ready.Name+".md")
	rows := filepath.Join(s.Template.Dir, ready.Name+".csv")
	if err := writeNew(body, ready.Source()); err != nil {
		return err
	}
	if err := writeNew(rows, ready.List()); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return writeResult(env, s, func(out *output) error {
		_, err := fmt.Fprintf(out, "%s and %s are yours to edit.\nnext: mailctl preview --list %s --message %s\n", body, rows, rows, body)
		return err
	})
}

// writeNew writes a file that must not be there yet.
func writeNew(path string, content []byte) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return delivery.Hint(fmt.Errorf("%q is already there: %w", path, bare(err)), "move it away, or write to another folder with --dir")
	}
	if err != nil {
		return fileError("write", path, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = f.Write(content)
	return err
}
