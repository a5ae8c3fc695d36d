package cli

import (
	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// listReasons lists every reason.
func listReasons(env Environment, s settings) error {
	if err := oneOf("format", s.Format, "text", "json", "markdown"); err != nil {
		return err
	}
	return writeResult(env, s, func(out *output) error {
		switch s.Format {
		case "json":
			return ui.WriteReasonsJSON(out, delivery.Reasons())
		case "markdown":
			return ui.WriteReasonsPage(out, delivery.Reasons())
		}
		return ui.WriteReasons(out, out.style, delivery.Reasons())
	})
}

// listCodes lists every basic and enhanced code.
func listCodes(env Environment, s settings) error {
	if err := oneOf("format", s.Format, "text", "json", "markdown"); err != nil {
		return err
	}
	return writeResult(env, s, func(out *output) error {
		switch s.Format {
		case "json":
			return ui.WriteCodesJSON(out, delivery.Codes())
		case "markdown":
			return ui.WriteCodesPage(out, delivery.Codes())
		}
		return ui.WriteCodes(out, out.style, delivery.Codes())
	})
}
