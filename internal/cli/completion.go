package cli

import (
	"io"

	"github.com/spf13/cobra"
)

// mendCompletion has the commands that cobra makes, one for each shell, write
// where all others write, and refuses a shell that is not known.
func mendCompletion(root *cobra.Command, env Environment) {
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() != "completion" {
			continue
		}
		cmd.Args = unknownCommand
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		for _, shell := range cmd.Commands() {
			shell.RunE = func(cmd *cobra.Command, _ []string) error { return writeCompletion(cmd, env) }
		}
	}
}

// writeCompletion writes the script of the shell that a command is named after.
// No configuration is read, since shells ask for the script as they start.
func writeCompletion(cmd *cobra.Command, env Environment) error {
	out, err := cmd.Flags().GetString("out")
	if err != nil {
		return err
	}
	plain, err := cmd.Flags().GetBool("no-descriptions")
	if err != nil {
		return err
	}
	if err := checkWritten(cmd, env, ""); err != nil {
		return err
	}
	return writeResult(env, settings{globalSettings: globalSettings{Out: out}}, func(out *output) error {
		return scriptWriter(cmd.Root(), cmd.Name(), plain)(out)
	})
}

// scriptWriter returns what writes the script of a shell, plain or with
// descriptions of what it completes to.
func scriptWriter(root *cobra.Command, shell string, plain bool) func(io.Writer) error {
	switch {
	case shell == "bash":
		return func(w io.Writer) error { return root.GenBashCompletionV2(w, !plain) }
	case shell == "fish":
		return func(w io.Writer) error { return root.GenFishCompletion(w, !plain) }
	case shell == "zsh" && plain:
		return root.GenZshCompletionNoDesc
	case shell == "zsh":
		return root.GenZshCompletion
	case plain:
		return root.GenPowerShellCompletion
	default:
		return root.GenPowerShellCompletionWithDesc
	}
}
