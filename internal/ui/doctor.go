package ui

import (
	"io"
	"strings"
)

// A DiagnosisStatus says how it stands with one thing.
type DiagnosisStatus string

// The statuses.
const (
	DiagnosisOK      DiagnosisStatus = "ok"
	DiagnosisWarning DiagnosisStatus = "warning" // mail leaves, and may fare worse for it
	DiagnosisError   DiagnosisStatus = "error"   // mail does not leave, or does not arrive
	DiagnosisUnknown DiagnosisStatus = "unknown" // it could not be found out
	DiagnosisSkipped DiagnosisStatus = "skipped" // it does not apply, or nobody said enough
)

// A Diagnosis is what doctor says of one thing.
type Diagnosis struct {
	Area    string          `json:"area"`
	Status  DiagnosisStatus `json:"status"`
	Message string          `json:"message"`
	Fix     string          `json:"fix,omitempty"`
}

// WriteDoctor writes one line for each thing, and below it what mends it.
func WriteDoctor(w io.Writer, style Style, all []Diagnosis) error {
	marks := map[DiagnosisStatus]string{
		DiagnosisOK: style.Good("ok     "), DiagnosisWarning: style.Warn("warning"), DiagnosisError: style.Bad("error  "),
		DiagnosisUnknown: style.Warn("unknown"), DiagnosisSkipped: style.Faint("skipped"),
	}
	var b strings.Builder
	const margin = 19 // of the message: status, area and the spaces between
	for _, d := range all {
		head := marks[d.Status] + "  " + d.Area + strings.Repeat(" ", margin-9-len(d.Area))
		for i, line := range wrapWords(printable(d.Message), style.Width-margin) {
			if i > 0 {
				head = strings.Repeat(" ", margin)
			}
			b.WriteString(head + line + "\n")
		}
		if d.Fix == "" {
			continue
		}
		for i, line := range wrapWords(printable(d.Fix), style.Width-margin-5) {
			label := "     "
			if i == 0 {
				label = style.Bold("fix: ")
			}
			b.WriteString(strings.Repeat(" ", margin) + label + line + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteDoctorJSON writes the same as JSON.
func WriteDoctorJSON(w io.Writer, all []Diagnosis) error {
	return WriteJSON(w, struct {
		Schema    string      `json:"schema"`
		Diagnoses []Diagnosis `json:"diagnoses"`
	}{"mailctl.doctor/1", all})
}
