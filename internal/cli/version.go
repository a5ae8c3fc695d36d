package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/mailctl/mailctl/internal/ui"
)

// build is what this program was built from.
type build struct {
	Schema   string `json:"schema"`
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func newVersion(env Environment) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Show which mailctl this is",
		Example: "  mailctl version\n  mailctl version --format json",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return showVersion(cmd, env) },
	}
}

func showVersion(cmd *cobra.Command, env Environment) error {
	s, err := loadSettings(cmd, env, "text", "json")
	if err != nil {
		return err
	}
	return writeResult(env, s, func(out *output) error {
		b := readBuild()
		if s.Format == "json" {
			return ui.WriteJSON(out, b)
		}
		_, err := fmt.Fprintf(out, "mailctl %s (%s, %s)\n", b.Version, b.Go, b.Platform)
		return err
	})
}

// readBuild returns what the Go linker knows.
func readBuild() build {
	b := build{
		Schema:   "mailctl.version/1",
		Version:  "devel",
		Go:       runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		b.Version = info.Main.Version
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.Revision = setting.Value
		case "vcs.time":
			b.Time = setting.Value
		}
	}
	return b
}
