package cli

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/internal/sink"
	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/dkim"
)

// values lists what shells complete flags and arguments to. The first line that
// fits counts, so that a command stands above every command. Not listed are
// flags whose value the help calls FILE or DIR, which complete to any file or
// folder, and those that can be anything, which complete to nothing.
func values(env Environment) []value {
	return slices.Concat(formatValues(), sendingValues(env), judgingValues())
}

// formatValues are the formats of each command; a test asks the commands.
func formatValues() []value {
	return []value{
		{command: "send", flag: "format", complete: words("text", "json", "jsonl")},
		{command: "check", flag: "format", with: "rules", complete: words("text", "json", "markdown")},
		{command: "check", flag: "format", complete: words(ui.CheckFormats()...)},
		{command: "campaign export", flag: "format", complete: words("text", "csv", "json", "jsonl")},
		{command: "suppress list", flag: "format", complete: words("text", "json", "jsonl", "csv")},
		{command: "suppress export", flag: "format", complete: words("text", "csv", "json", "jsonl")},
		{command: "probe", flag: "format", with: "rules", complete: words("text", "json", "markdown")},
		{command: "probe", flag: "format", complete: words(ui.CheckFormats()...)},
		{command: "reply", flag: "format", with: "reasons", complete: words("text", "json", "markdown")},
		{command: "reply", flag: "format", with: "codes", complete: words("text", "json", "markdown")},
		{command: "reply", flag: "format", with: "log", complete: words("text", "json", "jsonl", "csv")},
		{command: "reply", flag: "format", complete: words("text", "json", "jsonl")},
		{command: "bounce", flag: "format", complete: words("text", "json", "jsonl", "csv")},
		{command: "sink", flag: "format", complete: words("text", "json", "jsonl")},
		{command: "warmup plan", flag: "format", complete: words(planFormats...)},
		{command: "warmup show", flag: "format", complete: words(planFormats...)},
		{command: "preview", flag: "format", complete: words(previewFormats...)},
		{command: "dkim sign", flag: "format", complete: words("text")},
		{command: "template show", flag: "format", complete: words("text")},
		{command: "template new", flag: "format", complete: words("text")},
		{command: "completion", flag: "format", complete: cobra.NoFileCompletions},
		{command: "help", flag: "format", complete: cobra.NoFileCompletions},
		{flag: "format", complete: words("text", "json")},
	}
}

// sendingValues are those of commands that send, sign and remember.
func sendingValues(env Environment) []value {
	keys := files("pem", "key")
	relays := way{schemes: []string{"smtp://\ta relay, with STARTTLS", "smtps://\ta relay, with TLS at once"}}
	exchangers := way{schemes: []string{"mx:\tstraight to each recipient's server"}}
	sinks := way{[]string{"sink:\ta local server that mailctl brings along"}, func(string) []string { return sink.Names() }}
	maildirs := way{[]string{"maildir:\tfiles in a folder"}, subfolders}
	return []value{
		{command: "probe", flag: "list", complete: files("txt", "list")},
		{command: "check", flag: "list", complete: files("txt", "list")},
		{flag: "list", complete: files("csv", "tsv", "txt", "json", "jsonl", "ndjson", "gz")},
		{flag: "message", complete: files("md", "markdown", "html", "htm", "txt")},
		{flag: "encoding", complete: words("7bit\tfor every server", "8bit\twhere the server takes it")},
		{flag: "dkim-key", complete: keys},
		{command: "dkim keygen", flag: "key", complete: files()},
		{command: "dkim sign", flag: "key", complete: keys},
		{command: "dkim keygen", flag: "type", complete: words(names(dkim.Kinds())...)},
		{flag: "via", complete: ways(relays, exchangers, sinks, maildirs)},
		{flag: "ca-file", complete: files("pem", "crt", "cer")},
		{flag: "auth-mechanism", complete: words("scram-sha-256", "plain", "login", "xoauth2")},
		{flag: "dsn", complete: commas("failure", "delay", "success", "never")},
		{command: "sink", flag: "personality", complete: wordsOrFile(sink.Names()...)},
		{command: "warmup simulate", flag: "personality", complete: wordsOrFile(sink.Names()...)},
		{command: "warmup plan", flag: "schedule", complete: wordsOrFile(scheduleNames()...)},
		{command: "send", flag: "campaign", complete: campaigns(env, resumable)},
		{command: "campaign show", complete: once(campaigns(env, anyCampaign))},
		{command: "campaign export", complete: once(campaigns(env, anyCampaign))},
		{command: "campaign cancel", complete: once(campaigns(env, cancellable))},
		{command: "campaign export", flag: "outcome", complete: words(exportedOutcomes...)},
		{command: "suppress import", complete: once(files("csv", "tsv", "txt", "json", "jsonl", "gz"))},
		{command: "warmup show", complete: once(files("json"))},
		{command: "warmup status", complete: once(files("json"))},
		{command: "warmup simulate", complete: once(files("json"))},
		{command: "dkim sign", complete: once(files("eml"))},
		{command: "init", flag: "template", complete: completeTemplates},
		{flag: "config", complete: files("yaml", "yml")},
	}
}

// judgingValues are those of commands that look at domains, servers and messages.
func judgingValues() []value {
	return []value{
		{command: "probe", flag: "port", complete: commas("25", "587", "465")},
		{command: "probe", flag: "as", complete: words("relay", "submission", "submissions")},
		{command: "probe", flag: "family", complete: words("4", "6")},
		{command: "reply", flag: "stage", complete: words(replyStages()...)},
		{flag: "only", complete: commas(names(check.Standards())...)},
		{flag: "skip", complete: commas(names(check.Standards())...)},
		{flag: "with", complete: commas(string(check.StandardDNSBL))},
		{flag: "profile", complete: profiles},
		{flag: "fail-on", complete: words("error", "warning", "notice")},
		{flag: "policy", complete: files("yaml", "yml")},
		{flag: "write-policy", complete: files("yaml", "yml")},
		{flag: "zone", complete: files("zone", "db", "txt")},
		{command: "dmarc", flag: "spf", complete: behind("=", authResults("spf")...)},
		{command: "dmarc", flag: "dkim", complete: behind("=", authResults("dkim")...)},
		{command: "verify", complete: once(files("eml"))},
	}
}

// names returns typed words as texts.
func names[T ~string](all []T) []string {
	texts := make([]string, len(all))
	for i, w := range all {
		texts[i] = string(w)
	}
	return texts
}

// profiles completes the receivers whose rules check knows.
func profiles(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	sets, err := check.RuleSets()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	receivers := []string{"all"}
	for _, set := range sets {
		receivers = append(receivers, set.Receiver)
	}
	return commas(receivers...)(cmd, args, word)
}

// A way is a beginning of --via. What comes behind its colon is completed too,
// where that can be known.
type way struct {
	schemes []string
	rest    func(word string) []string
}

// ways completes --via.
func ways(all ...way) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		scheme, rest, found := strings.Cut(word, ":")
		var fitting []string
		for _, w := range all {
			switch {
			case !found:
				fitting = append(fitting, w.schemes...)
			case w.rest != nil && strings.HasPrefix(w.schemes[0], scheme+":"):
				return beginning(word, prefixed(scheme+":", w.rest(rest))), cobra.ShellCompDirectiveNoFileComp
			}
		}
		return beginning(word, fitting), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// subfolders returns the folders beside what was begun.
func subfolders(word string) []string {
	above, _ := filepath.Split(word)
	entries, err := os.ReadDir(filepath.Clean(above))
	if err != nil {
		return nil
	}
	var folders []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			folders = append(folders, above+e.Name())
		}
	}
	return folders
}

func anyCampaign(ledger.Info) bool { return true }

// resumable reports whether send can go on with a campaign; one that is finished
// may have recipients whose outcome is unknown.
func resumable(info ledger.Info) bool { return info.Status != ledger.StatusCancelled }

// cancellable reports whether something is left to cancel.
func cancellable(info ledger.Info) bool {
	return resumable(info) && info.Status != ledger.StatusFinished
}

const (
	// lookPatience is how long somebody who pressed the tab key waits for a ledger.
	lookPatience = time.Second
	// maxShown is how many campaigns a shell shows.
	maxShown = 200
)

// campaigns completes to the campaigns of the ledger, the newest first. Where
// there is no ledger, there are none.
func campaigns(env Environment, fits func(ledger.Info) bool) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
		s, _, err := readSettings(cmd, env)
		if err != nil {
			return nil, directive
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), lookPatience)
		defer cancel()
		var found []string
		// Where it fails or takes too long, there is what was found until then.
		_ = ledger.Look(ctx, s.State, func(info ledger.Info) error {
			if !fits(info) || !strings.HasPrefix(info.Name, word) {
				return nil
			}
			found = append([]string{cobra.CompletionWithDesc(info.Name, string(info.Status)+", "+info.Spec.List.Name)}, found...)
			found = found[:min(len(found), maxShown)]
			return nil
		})
		return found, directive
	}
}
