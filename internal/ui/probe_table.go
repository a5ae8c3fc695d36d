package ui

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mailctl/mailctl/pkg/probe"
)

// A probeLayout says which columns the table of a group has besides those that it
// always has. What is no column stands above the rows that share it.
type probeLayout struct{ server, address, time bool }

// probeLayouts are in the order in which they are tried: nothing is cut as long
// as one of them fits the screen.
var probeLayouts = [...]probeLayout{
	{true, true, true}, {true, true, false}, {false, true, true}, {false, true, false}, {false, false, true}, {false, false, false},
}

// table writes a row for each server.
func (p *probeText) table(g ProbedGroup) error {
	layout := probeLayouts[len(probeLayouts)-1]
	for _, l := range probeLayouts {
		if l.server = l.server && severalHosts(g); l.fits(p.text.style, g) {
			layout = l
			break
		}
	}
	for i := 0; i < len(g.Results); {
		title := layout.title(g, g.Results[i])
		n := 1
		for i+n < len(g.Results) && layout.title(g, g.Results[i+n]) == title {
			n++
		}
		p.text.line("")
		if title != "" {
			p.text.line("  " + title)
		}
		part := g
		part.Results = g.Results[i : i+n]
		if p.text.err == nil {
			p.text.err = Table(p.text.w, p.text.style, layout.columns(g), layout.rows(p.text.style, g, part.Results))
		}
		i += n
	}
	return p.text.err
}

// title is what stands above a row, "" for nothing.
func (l probeLayout) title(g ProbedGroup, r probe.Result) string {
	var parts []string
	if !l.server && severalHosts(g) {
		parts = append(parts, printable(r.Host))
	}
	if !l.address {
		parts = append(parts, orDash(r.Address))
	}
	return strings.Join(parts, "  ")
}

// fits reports whether the whole of the table can be seen.
func (l probeLayout) fits(style Style, g ProbedGroup) bool {
	total := 0
	for _, w := range columnWidths(l.columns(g), l.rows(style, g, g.Results)) {
		total += w + 2
	}
	return total <= style.Width
}

// columns are those that say something about a group.
func (l probeLayout) columns(g ProbedGroup) []Column {
	columns := []Column{{Title: "PORT", Right: true}, {Title: "STATE"}, {Title: "TLS"}, {Title: "CERTIFICATE"}}
	if l.address {
		columns = slices.Insert(columns, 0, Column{Title: "ADDRESS", Shrink: true})
	}
	if l.server {
		columns = slices.Insert(columns, 0, Column{Title: "SERVER", Shrink: true})
	}
	for _, extra := range probeExtras {
		if anyCell(g, extra.cell) {
			columns = append(columns, Column{Title: extra.title})
		}
	}
	if l.time {
		columns = append(columns, Column{Title: "TIME", Right: true})
	}
	return columns
}

// rows are the cells of results of a group.
func (l probeLayout) rows(style Style, g ProbedGroup, results []probe.Result) [][]string {
	var rows [][]string
	for _, r := range results {
		row := []string{strconv.Itoa(r.Port), stateCell(style, r), tlsCell(r), certificateCell(r)}
		if l.address {
			row = slices.Insert(row, 0, orDash(r.Address))
		}
		if l.server {
			row = slices.Insert(row, 0, printable(r.Host))
		}
		for _, extra := range probeExtras {
			if anyCell(g, extra.cell) {
				row = append(row, orDash(extra.cell(r)))
			}
		}
		if l.time {
			row = append(row, timeCell(r))
		}
		rows = append(rows, row)
	}
	return rows
}
