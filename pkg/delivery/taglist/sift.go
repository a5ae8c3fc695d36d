package taglist

// Sift parses all texts at a name with one standard's parser. Those that are
// records of the standard are parted from the others, for which parse returns an
// error and what could be read; both stay in their order.
func Sift[Record any](texts []string, parse func(string) (Record, error)) (records, others []Record) {
	for _, text := range texts {
		if record, err := parse(text); err == nil {
			records = append(records, record)
		} else {
			others = append(others, record)
		}
	}
	return records, others
}
