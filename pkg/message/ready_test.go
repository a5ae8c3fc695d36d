package message

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// TestReadyMessages makes each ready message for each row of its list, from
// the columns it has and no others.
func TestReadyMessages(t *testing.T) {
	transactional := map[string]bool{"receipt": true, "password-reset": true}
	for _, ready := range ReadyMessages() {
		t.Run(ready.Name, func(t *testing.T) {
			rows, err := csv.NewReader(strings.NewReader(string(ready.List()))).ReadAll()
			if err != nil || len(rows) != 3 {
				t.Fatalf("%d lines in the list, %v", len(rows), err)
			}
			from := delivery.Mailbox{Address: delivery.Address{Local: "news", Domain: "acme.example"}}
			template, err := Compile(Source{Name: ready.Name + ".md", Body: ready.Source()}, Options{From: from, Campaign: "c", Columns: rows[0]})
			if err != nil {
				t.Fatal(err)
			}
			for _, values := range rows[1:] {
				fields := map[string]any{}
				for i, column := range rows[0] {
					fields[column] = values[i]
				}
				to, err := delivery.ParseAddress(values[0])
				if err != nil {
					t.Fatal(err)
				}
				made, err := template.Render(Row{Address: to, Fields: fields}, time.Unix(0, 0))
				if err != nil {
					t.Fatal(err)
				}
				readyMessageReads(t, made.Data, transactional[ready.Name])
			}
		})
	}
	if r, ok := FindReady("none"); ok || r.Source() != nil {
		t.Errorf("FindReady of a name there is not = %v, %v", r, ok)
	}
}

// readyMessageReads holds a message to what a reader and a receiver expect.
func readyMessageReads(t *testing.T, data []byte, transactional bool) {
	t.Helper()
	v, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{v.Text, v.HTML, v.Subject} {
		if part == "" || strings.Contains(part, "{{") || strings.Contains(part, "<no value>") {
			t.Errorf("a part is empty or not filled in: %.80q", part)
		}
	}
	if strings.Contains(string(data), "\r\nList-Unsubscribe-Post:") == transactional {
		t.Error("bulk mail has one-click unsubscribe, transactional mail has not")
	}
}
