package cli

import (
	"io"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// listReasons lists every reason.
func listReasons(env Environment, s settings) error {
	return listTable(env, s, delivery.Reasons(), ui.WriteReasonsJSON, ui.WriteReasonsPage, ui.WriteReasons)
}

// listCodes lists every basic and enhanced code.
func listCodes(env Environment, s settings) error {
	return listTable(env, s, delivery.Codes(), ui.WriteCodesJSON, ui.WriteCodesPage, ui.WriteCodes)
}

// listTable lists all rows of a table, as the format wants it.
func listTable[Row any](env Environment, s settings, rows []Row, asJSON, asPage func(io.Writer, []Row) error, asText func(io.Writer, ui.Style, []Row) error) error {
	if err := oneOf("format", s.Format, "text", "json", "markdown"); err != nil {
		return err
	}
	return writeResult(env, s, func(out *output) error {
		switch s.Format {
		case "json":
			return asJSON(out, rows)
		case "markdown":
			return asPage(out, rows)
		}
		return asText(out, out.style, rows)
	})
}
