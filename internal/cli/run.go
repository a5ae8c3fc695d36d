// Package cli is the command line: one file for each command, which says what
// it takes, puts the packages together and hands the result to a printer.
package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Run runs one command and returns the exit code.
func Run(ctx context.Context, env Environment, args []string) int {
	root := newRoot(env)
	mendCompletion(root, env)
	if len(args) > 0 && args[0] == cobra.ShellCompRequestCmd {
		plainUsages(root)
	}
	root.SetArgs(args)
	root.SetIn(env.Stdin)
	said := &helpWriter{Writer: env.Stdout}
	root.SetOut(said)
	root.SetErr(env.Stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		err = said.err
	}
	code := exitCode(ctx, err)
	switch {
	case code == exitUsage:
		printError(env, err, originHints(cmd, err)...)
	case code == exitInterrupted, errors.Is(err, context.Canceled):
		printInterrupted(env, cmd, err)
	case err != nil:
		printError(env, err)
	}
	return code
}

// newRoot returns the whole tree of commands.
func newRoot(env Environment) *cobra.Command {
	root := &cobra.Command{
		Use:   "mailctl",
		Short: "Send mail and know that it arrives",
		Long: `mailctl is for people who send mail and must know that it arrives. It sends to
everyone on a list as fast as the receivers allow, judges what domains publish
and servers speak, and says what replies and bounces mean and what to do.`,
		Example: `  mailctl init
  mailctl check example.com`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Lookup("version").Value.String() == "true" {
				return showVersion(cmd, env)
			}
			return cmd.Help()
		},
	}
	root.Flags().Bool("version", false, "show which mailctl this is, as 'mailctl version' does")
	root.Flags().Lookup("version").Hidden = true // the help has the command
	addGlobalFlags(root.PersistentFlags())
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(helper(env))
	root.SetHelpCommand(newHelp())
	addGroup(root, "Send", newSend(env), newPreview(env), newCampaign(env), newSuppress(env), newTemplate(env), newWarmup(env))
	addGroup(root, "Judge", newCheck(env), newDMARC(env), newProbe(env), newSPF(env), newVerify(env))
	addGroup(root, "Understand what comes back", newBounce(env), newReply(env))
	addGroup(root, "Set up and try out", newDKIM(env), newDoctor(env), newInit(env), newSink(env), newVersion(env))
	root.SetCompletionCommandGroupID("Set up and try out")
	addCompletion(root, env)
	return root
}

// addGroup adds commands that the help shows under a heading of their own.
func addGroup(root *cobra.Command, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: title, Title: title})
	for _, cmd := range commands {
		cmd.GroupID = title
	}
	root.AddCommand(commands...)
}

// newHelp returns the command that shows what a command says with --help.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Say how a command is used, with all its flags",
		Example: "  mailctl help send\n  mailctl help campaign export",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			found, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, sub := range found.Commands() {
				if sub.IsAvailableCommand() {
					names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			if err := unknownCommand(found, rest); err != nil {
				return err
			}
			found.Annotations = map[string]string{wholeKey: ""}
			return found.Help()
		},
	}
}

// unknownCommand names the nearest command.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range cmd.Commands() {
		names = append(names, sub.Name())
	}
	err := fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath())
	if near := delivery.Nearest(args[0], names); near != "" {
		return delivery.Hint(err, fmt.Sprintf("did you mean %q?", near))
	}
	return delivery.Hint(err, fmt.Sprintf("run '%s --help' for the commands there are", cmd.CommandPath()))
}

// flagError names the nearest flag, or says how a value is written.
func flagError(cmd *cobra.Command, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		f := invalid.GetFlag()
		return delivery.Hint(fmt.Errorf("invalid --%s %q", f.Name, invalid.GetValue()), option{flag: f}.form())
	}
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		name := unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			err = fmt.Errorf("unknown flag %q", "-"+name)
		} else {
			err = fmt.Errorf("unknown flag %q", "--"+name)
			if near := delivery.Nearest(name, flagNames(cmd)); near != "" {
				return delivery.Hint(err, fmt.Sprintf("did you mean --%s?", near))
			}
		}
	}
	if bare, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return delivery.Hint(fmt.Errorf("--%s needs a value", bare.GetFlag().Name),
			fmt.Sprintf("write it behind the flag; '%s --help' says what it can be", cmd.CommandPath()))
	}
	return delivery.Hint(err, fmt.Sprintf("run '%s --help' for the flags there are", cmd.CommandPath()))
}
