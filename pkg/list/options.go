package list

// The bounds and names that hold where [Options] leaves a zero value.
const (
	DefaultEmailColumn      = "email"
	DefaultSuppressedColumn = "suppressed"
	DefaultMaxField         = 1 << 20
	DefaultMaxRow           = 4 << 20
	DefaultMaxColumns       = 1000
)

// Options say how a list is read. The zero value reads every row and takes the
// address from the column "email".
type Options struct {
	// Name is what messages call the list, such as "contacts.csv". Empty means "list".
	Name string
	// EmailColumn names the column that holds the address. White space around it
	// and its case do not matter. Empty means [DefaultEmailColumn].
	EmailColumn string
	// SuppressedColumn names the column whose true values mark recipients who must
	// not be written to. Its case does not matter. Empty means
	// [DefaultSuppressedColumn], which a list may do without; any other column must
	// be there ([ErrNoSuppressedColumn]), except in JSON lines, whose rows have
	// fields of their own.
	SuppressedColumn string
	// Where is an expression that chooses rows, such as
	//
	//	country == "DE" && orders > 3
	//
	// Columns are known by their names, and those whose names are not identifiers,
	// or mean something to the language, as row["first name"]. Text is compared
	// with a number as a number, with a quoted text as text, and two columns are
	// compared as numbers when both hold plain ones, without leading zeros. Text
	// that is no number is equal to none and cannot be ordered beside one: that is
	// a bad row. Empty text and missing fields are neither less nor greater than
	// anything. The time of day is not available, so that the same list and
	// expression always choose the same rows. Empty chooses every row.
	Where string

	MaxField   int // octets of one field of a delimited list; 0 means DefaultMaxField
	MaxRow     int // octets of one row; 0 means DefaultMaxRow
	MaxColumns int // columns of a delimited list; 0 means DefaultMaxColumns
}

// withDefaults fills in what was left out.
func (o Options) withDefaults() Options {
	orText := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	orBound := func(n *int, value int) {
		if *n <= 0 {
			*n = value
		}
	}
	orText(&o.Name, "list")
	orText(&o.EmailColumn, DefaultEmailColumn)
	orText(&o.SuppressedColumn, DefaultSuppressedColumn)
	orBound(&o.MaxField, DefaultMaxField)
	orBound(&o.MaxRow, DefaultMaxRow)
	orBound(&o.MaxColumns, DefaultMaxColumns)
	return o
}
