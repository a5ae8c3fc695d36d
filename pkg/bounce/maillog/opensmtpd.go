package maillog

import (
	"net/netip"
	"strings"
)

// idLength is how long the ids of sessions and envelopes are, in hex digits.
const idLength = 16

// openSMTPDOutcomes are the values of result=.
var openSMTPDOutcomes = map[string]Outcome{
	"Ok":       OutcomeDelivered,
	"TempFail": OutcomeDeferred,
	"PermFail": OutcomeBounced,
	"LoopFail": OutcomeBounced,
	"Expire":   OutcomeBounced,
}

// openSMTPDFields returns where the fields of a line about a delivery begin, and
// the result and envelope that older versions name before them; 0 when the line
// is about something else:
//
//	7d08ee250fdd6992 mta delivery evpid=… from=<…> to=<…> … result="Ok" stat="…"   since 6.1
//	7d08ee250fdd6992 mta event=delivery evpid=… …                                  6.0
//	smtp-out: TempFail for 7d08ee250fdd6992: session=…, from=<…>, to=<…>, … stat=…    before
func openSMTPDFields(text []byte) (start int, result, envelope []byte) {
	if len(text) > idLength && text[idLength] == ' ' && isHex(text[:idLength]) {
		for _, kind := range [...]string{" mta delivery ", " mda delivery ", " mta event=delivery ", " mda event=delivery "} {
			if hasPrefixAt(text, idLength, kind) {
				return idLength + len(kind), nil, nil
			}
		}
		return 0, nil, nil
	}
	for _, agent := range [...]string{"smtp-out: ", "relay: ", "delivery: ", "bounce: ", "queue: ", "scheduler: "} {
		if !hasPrefixAt(text, 0, agent) {
			continue
		}
		word := text[len(agent):]
		n := 0
		for n < len(word) && word[n] != ' ' {
			n++
		}
		id := n + len(" for ")
		if !hasPrefixAt(word, n, " for ") || !hasPrefixAt(word, id+idLength, ": ") {
			return 0, nil, nil
		}
		return len(agent) + id + idLength + len(": "), word[:n], word[id : id+idLength]
	}
	return 0, nil, nil
}

func hasPrefixAt(text []byte, at int, prefix string) bool {
	return at >= 0 && at+len(prefix) <= len(text) && string(text[at:at+len(prefix)]) == prefix
}

func isHex(text []byte) bool {
	for _, c := range text {
		if !isDigit(c) && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// readOpenSMTPD reads the fields of a delivery. stat= is the last one.
func readOpenSMTPD(e *Event, text, result, envelope string) bool {
	e.QueueID, e.Outcome = envelope, openSMTPDOutcomes[result]
	separator := " "
	if envelope != "" {
		separator = ", " // as they were before 6.0
	}
	for text != "" {
		key, rest, ok := strings.Cut(text, "=")
		if !ok {
			break
		}
		if key == "stat" {
			openSMTPDStat(e, unquote(rest))
			break
		}
		var value string
		value, text = openSMTPDValue(rest, separator)
		switch key {
		case "evpid":
			e.QueueID = value
		case "to":
			e.Recipient = value
		case "rcpt":
			if value != "-" && value != "@" {
				e.Original = value
			}
		case "relay":
			openSMTPDRelay(e, value)
		case "delay":
			e.Delay = spell(value)
		case "result":
			e.Outcome = openSMTPDOutcomes[value]
		}
	}
	return e.Outcome != "" && e.Recipient != "" && e.Recipient != "@"
}

// openSMTPDValue takes a value from the front of a text: in brackets, in quotes,
// or up to the separator.
func openSMTPDValue(text, separator string) (value, rest string) {
	if path, rest, ok := cutPath(text); ok {
		return path, strings.TrimPrefix(rest, separator)
	}
	if quoted, ok := strings.CutPrefix(text, `"`); ok {
		value, rest, _ = strings.Cut(quoted, `"`)
		return value, strings.TrimPrefix(rest, separator)
	}
	value, rest, _ = strings.Cut(text, separator)
	return value, rest
}

// openSMTPDStat takes the reply, or the server's own words.
func openSMTPDStat(e *Event, text string) {
	e.Text = text
	if isCode(text) {
		return
	}
	switch e.Outcome {
	case OutcomeBounced:
		e.Status = "5.0.0"
		if text == "Envelope expired" {
			e.Status = statusExpired
		}
	case OutcomeDeferred:
		e.Status = "4.0.0"
	case OutcomeDelivered, OutcomeExpired, OutcomeDeliverable, OutcomeUndeliverable:
	}
}

// openSMTPDRelay reads "192.0.2.1 (mx.example.com)".
func openSMTPDRelay(e *Event, text string) {
	ip, host, _ := strings.Cut(text, " (")
	if addr, err := netip.ParseAddr(strings.Trim(ip, "[]")); err == nil {
		e.IP = addr.Unmap().WithZone("")
	}
	e.Host = strings.TrimSuffix(host, ")")
}

// unquote drops the quotes around a text.
func unquote(text string) string {
	if len(text) >= 2 && text[0] == '"' && text[len(text)-1] == '"' {
		return text[1 : len(text)-1]
	}
	return text
}
