package ui

import (
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/lipgloss/table"
	"github.com/charmbracelet/x/ansi"
)

// A Column is one column of a [Table].
type Column struct {
	Title string
	Right bool // numbers stand to the right
	// Shrink lets the column be cut when the table is wider than the screen.
	Shrink bool
	// Whole keeps the first column from being cut: a cell wider than half the screen
	// moves the rest of its row to the right. The table has no line ends in its cells.
	Whole bool
	// Spare lets the column be left out then, before others are cut.
	Spare bool
}

// Table writes rows below a heading, with two spaces between columns and no
// lines. What does not fit the width is cut in the columns that shrink, with an
// ellipsis, after those that can be spared were left out.
func Table(w io.Writer, style Style, columns []Column, rows [][]string) error {
	columns, rows = spare(columns, rows, style.Width)
	widths := columnWidths(columns, rows)
	shrink(columns, widths, style.Width)
	base := style.render()
	t := table.New().Border(lipgloss.HiddenBorder()).
		BorderTop(false).BorderBottom(false).BorderLeft(false).BorderRight(false).
		BorderHeader(false).BorderColumn(false).
		StyleFunc(func(row, col int) lipgloss.Style {
			cell := base.PaddingLeft(2)
			if columns[col].Right {
				cell = cell.Align(lipgloss.Right)
			}
			if row == table.HeaderRow {
				cell = cell.Bold(true)
			}
			return cell
		})
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = c.Title
	}
	t.Headers(titles...)
	for _, row := range rows {
		cut := make([]string, len(row))
		for i, cell := range row {
			cut[i] = ansi.Truncate(cell, widths[i], "…")
		}
		t.Row(cut...)
	}
	n := 0
	for line := range strings.Lines(t.String()) {
		line = strings.TrimRight(line, " \n")
		if n > 0 && n <= len(rows) && columns[0].Whole && ansi.StringWidth(rows[n-1][0]) > widths[0] {
			line = "  " + rows[n-1][0] + ansi.TruncateLeft(line, 2+widths[0], "")
		}
		n++
		if _, err := io.WriteString(w, line+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// columnWidths returns the width each column would like.
func columnWidths(columns []Column, rows [][]string) []int {
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = ansi.StringWidth(c.Title)
	}
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], ansi.StringWidth(cell))
		}
	}
	return widths
}

// minColumn is the least width a column is cut to.
const minColumn = 8

// spare leaves out what can be spared, from the right, until the table fits.
func spare(columns []Column, rows [][]string, width int) ([]Column, [][]string) {
	for i, column := range slices.Backward(columns) {
		total := 0
		for _, w := range columnWidths(columns, rows) {
			total += w + 2
		}
		if total <= width {
			break
		}
		if !column.Spare {
			continue
		}
		columns = slices.Delete(slices.Clone(columns), i, i+1)
		rows = slices.Clone(rows)
		for j, row := range rows {
			rows[j] = slices.Delete(slices.Clone(row), i, i+1)
		}
	}
	return columns, rows
}

// shrink cuts the widest columns that may be cut until the table fits. One that is
// kept whole is made no wider than half the screen first.
func shrink(columns []Column, widths []int, width int) {
	total := 0
	for _, w := range widths {
		total += w + 2
	}
	if total > width && columns[0].Whole && widths[0] > width/2 {
		total -= widths[0] - width/2
		widths[0] = width / 2
	}
	for total > width {
		widest := -1
		for i, c := range columns {
			if c.Shrink && widths[i] > minColumn && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		widths[widest]--
		total--
	}
}
