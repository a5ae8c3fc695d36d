package warmup

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// ErrScheduleFile means that a file of a schedule cannot be understood.
var ErrScheduleFile = errors.New("invalid schedule")

// planColumns are those of a plan as CSV that say nothing about its growth.
var planColumns = []string{"day", "date", "per_ip", "per_hour"}

// ParseScheduleCSV reads a schedule from a table with a heading: a row for each
// sending day and a column "total". Columns with the names of providers are
// optional; when there are any, they must add up to the total. The columns day,
// date, per_ip and per_hour are passed over, so that a plan written as CSV can be
// edited and used again. The numbers are for all addresses together.
func ParseScheduleCSV(name string, r io.Reader) (*Schedule, error) {
	table := csv.NewReader(r)
	header, err := table.Read()
	if err != nil {
		return nil, fmt.Errorf("%w %q: %w", ErrScheduleFile, name, err)
	}
	for i := range header {
		header[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(header[i], "\ufeff")))
	}
	header = slices.Clone(header)
	total := slices.Index(header, "total")
	if total < 0 {
		return nil, delivery.Hint(fmt.Errorf("%w %q: no column \"total\"", ErrScheduleFile, name),
			"begin with a line that names the columns: day,total")
	}
	s := &Schedule{Name: name, Per: perSender}
	for {
		row, err := table.Read()
		if errors.Is(err, io.EOF) {
			return s, s.checkFile()
		}
		if err != nil { // it names the line itself
			return nil, fmt.Errorf("%w %q: %w", ErrScheduleFile, name, err)
		}
		if err := s.addRow(header, row, total); err != nil {
			line, _ := table.FieldPos(0)
			return nil, fmt.Errorf("%w %q: line %d: %w", ErrScheduleFile, name, line, err)
		}
	}
}

// addRow adds a day.
func (s *Schedule) addRow(header, row []string, total int) error {
	if len(s.Stages) == maxDays {
		return fmt.Errorf("more than %d days", maxDays)
	}
	sum, day := 0, map[string]int{}
	for i, column := range header {
		if slices.Contains(planColumns, column) {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(row[i]))
		switch {
		case err != nil || n < 0 || n > MaxTotal:
			return fmt.Errorf("%q is not a number of messages", row[i])
		case i == total:
			s.Stages = append(s.Stages, n)
			continue
		case !validProvider(column):
			return fmt.Errorf("%q is not the name of a provider", column)
		case len(day) == maxProviders:
			return fmt.Errorf("more than %d providers", maxProviders)
		}
		day[column] = n
		sum += n
	}
	if last := s.Stages[len(s.Stages)-1]; len(day) > 0 && sum != last {
		return fmt.Errorf("the providers add up to %d, and the total is %d", sum, last)
	}
	if len(day) > 0 {
		s.days = append(s.days, day)
	}
	return nil
}

// checkFile refuses a file without a day, and one that sends nothing.
func (s *Schedule) checkFile() error {
	if len(s.Stages) == 0 || s.Stages[len(s.Stages)-1] == 0 {
		return fmt.Errorf("%w %q: the last day has no messages", ErrScheduleFile, s.Name)
	}
	return nil
}
