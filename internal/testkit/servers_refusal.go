package testkit

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/emersion/go-smtp"
)

// A Refusal is what a next hop says to a recipient that it does not take.
type Refusal struct {
	Code     int
	Enhanced [3]int
	Text     string // one line or several
}

// Refuse lets the next hop refuse recipients: refusal returns what it says to
// one, nil to take it. It may be called from several goroutines at a time.
func (m *MTA) Refuse(refusal func(recipient string) *Refusal) {
	m.next.mu.Lock()
	defer m.next.mu.Unlock()
	m.next.refusal = refusal
}

// refuse returns what the next hop says to a recipient, nil when it takes it.
func (h *nextHop) refuse(recipient string) error {
	h.mu.Lock()
	refusal := h.refusal
	h.mu.Unlock()
	if refusal == nil {
		return nil
	}
	r := refusal(recipient)
	if r == nil {
		return nil
	}
	return &smtp.SMTPError{Code: r.Code, EnhancedCode: r.Enhanced, Message: r.Text}
}

// Log returns what the server has written to its logs so far.
func (m *MTA) Log() string {
	m.t.Helper()
	files, err := filepath.Glob(filepath.Join(m.view.dir, "log", "*"))
	check(m.t, err)
	slices.Sort(files)
	var b strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(m.t, err)
		b.Write(text)
	}
	return b.String()
}
