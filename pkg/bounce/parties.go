package bounce

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// addressees returns the addresses the message itself was sent to: ours.
func (m *message) addressees() []string {
	return m.header.addresses("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
}

// authors returns the addresses that are never a recipient the message did not
// reach: of who wrote it, of the mailing list that carried it, and of who reports.
func (m *message) authors() []string {
	all := m.header.addresses("To", "Delivered-To", "Envelope-To", "X-Envelope-To", "From", "List-Post", "X-BeenThere")
	if m.header.has("Delivered-To") { // else it may be left from the message that came back
		all = append(all, m.header.addresses("X-Original-To")...)
	}
	for _, ours := range all {
		if list := listOf(ours); list != "" {
			all = append(all, list)
		}
	}
	return append(all, m.original.addresses("From", "Sender", "Reply-To", "Return-Path", "Errors-To", "List-Post", "X-BeenThere", "X-Mailing-List")...)
}

// listOf returns the mailing list that a return-path such as "list-bounces@…" is
// of; empty for another address.
func listOf(returnPath string) string {
	local, domain, _ := strings.Cut(returnPath, "@")
	local, _, _ = strings.Cut(local, "+")
	if list, ok := strings.CutPrefix(local, "owner-"); ok && list != "" {
		return list + "@" + domain
	}
	for _, suffix := range []string{"-bounces", "-bounce", "-admin", "-owner", "-errors", "-request"} {
		if list, ok := strings.CutSuffix(local, suffix); ok && list != "" {
			return list + "@" + domain
		}
	}
	return ""
}

// originalTo returns whom the message that came back was addressed to, by its
// envelope or its author.
func (m *message) originalTo() []delivery.Address {
	var to []delivery.Address
	authors := m.authors()
	for _, s := range m.original.addresses("X-Failed-Recipients", "Delivered-To", "X-Envelope-To", "Envelope-To", "X-Rcpt-To", "To", "Cc") {
		if a := parseLoose(s); !slices.Contains(to, a) && !isOther(s, authors) {
			to = append(to, a)
		}
	}
	return to
}

// forPattern finds whom a server took a message for (RFC 5321 §4.4).
var forPattern = regexp.MustCompile(`\sfor\s+<?([^\s<>;]{1,64}@[^\s<>;]{1,255})>?`)

// receivedFor returns whom servers took the message that came back for, the last
// server first.
func (m *message) receivedFor() []delivery.Address {
	var all []delivery.Address
	authors := m.authors()
	for _, value := range m.original.all("Received") {
		if found := forPattern.FindStringSubmatch(value); found != nil && !isOther(found[1], authors) {
			if a := parseLoose(found[1]); !a.IsZero() {
				all = append(all, a)
			}
		}
	}
	return all
}
