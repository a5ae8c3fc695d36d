// Package list reads mailing lists: CSV, TSV, semicolon-separated values and
// JSON lines, plain or gzipped, in UTF-8 or UTF-16. The content of a list tells
// which of them it is, never its name.
//
// A [Reader] streams. It gives one [Row] at a time in constant memory, and a row
// that cannot be used comes back with a [Problem] that names file and line
// instead of ending the reading. [Options.Where] chooses rows by an expression.
// [Duplicates] finds repeated addresses in a list of any length.
package list
