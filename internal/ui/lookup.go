package ui

import (
	"fmt"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// LookupLine says in one line what a name server was asked and what it answered.
func LookupLine(e delivery.LookupEvent) string {
	question := e.Name + " " + delivery.TypeName(e.Type)
	answer := e.Rcode
	if e.Err != nil {
		answer = e.Err.Error()
	} else if e.Records > 0 {
		answer += ", " + Plural(e.Records, "record")
	}
	if e.Truncated {
		answer += ", truncated"
	}
	parts := []string{question, "→", answer, "(" + Duration(e.Elapsed) + ", " + e.Server}
	if e.Transport != delivery.TransportUDP {
		parts[len(parts)-1] += ", " + string(e.Transport)
	}
	if e.Wave > 0 {
		parts[len(parts)-1] += fmt.Sprintf(", wave %d", e.Wave)
	}
	return strings.Join(parts, " ") + ")"
}
