package maillog

import "bytes"

// events tells whose line it is and reads it. Only a line about a delivery is
// copied: an event's texts are parts of that copy.
func (r *Reader) events(h *header) kind {
	program := h.program
	text := h.text
	switch {
	case len(program) == 0 && h.stamp.layout == layoutExim, bytes.HasPrefix(program, []byte("exim")):
		return r.exim(h)
	case bytes.IndexByte(program, '/') >= 0:
		return r.postfix(program, text)
	case len(program) == 0, string(program) == "smtpd", string(program) == "opensmtpd":
		return r.openSMTPD(text, len(program) > 0)
	}
	return r.sendmail(program, text)
}

// cutQueueID takes "QUEUEID: " from the front of a text.
func cutQueueID(text []byte) (id, rest []byte, ok bool) {
	const longest = 32
	end := bytes.IndexByte(text[:min(len(text), longest)], ':')
	if end < 1 || len(text) < end+2 || text[end+1] != ' ' {
		return nil, text, false
	}
	return text[:end], text[end+2:], true
}

// isPostfixAgent reports whether a program of Postfix says what became of a message, by
// the last part of its name: postfix/smtp, postfix-out/relay/smtp.
func isPostfixAgent(name []byte) bool {
	switch string(name) {
	case "smtp", "lmtp", "local", "virtual", "pipe", "error", "retry", "discard", "relay":
		return true
	}
	return false
}

func (r *Reader) postfix(program, text []byte) kind {
	name := program[bytes.LastIndexByte(program, '/')+1:]
	if string(name) == "smtpd" || string(name) == "postscreen" {
		if bytes.HasPrefix(text, []byte("NOQUEUE: reject")) || bytes.Contains(text, []byte(": reject: ")) {
			return kindRefused
		}
		return kindOther
	}
	id, rest, ok := cutQueueID(text)
	if !ok {
		return kindOther
	}
	e := Event{MTA: Postfix}
	switch {
	case isPostfixAgent(name) && bytes.HasPrefix(rest, []byte("to=<")):
		line := string(text)
		e.QueueID = line[:len(id)]
		if !readPostfix(&e, line[len(line)-len(rest):]) {
			return kindBroken
		}
		if forwarded(&e) {
			return kindOther
		}
	case string(name) == "qmgr" && bytes.Contains(rest, []byte(">, status=")):
		line := string(text)
		e.QueueID = line[:len(id)]
		if !readExpired(&e, line[len(line)-len(rest):]) {
			return kindOther
		}
	default:
		return kindOther
	}
	r.queue = append(r.queue, e)
	return kindEvent
}

func (r *Reader) exim(h *header) kind {
	text := h.text
	if len(h.program) > 0 {
		if st, rest, ok := cutStamp(text); ok { // syslog's time, and then Exim's own
			h.stamp, text = st, rest
		}
		text, _ = eximText(text)
	}
	n := eximID(text)
	if n == 0 || len(text) < n+len(" => x") || text[n+3] != ' ' || eximOutcome(string(text[n+1:n+3])) == "" {
		switch {
		case bytes.Contains(text, []byte(" rejected ")):
			return kindRefused
		case n == 0 && len(h.program) == 0 && !bytes.Contains(text, []byte("exim")) && !bytes.HasPrefix(text, []byte("H=")):
			return kindForeign
		}
		return kindOther
	}
	if bytes.Contains(text, []byte(notTried)) && text[n+1] == '=' && text[n+2] == '=' {
		return kindOther
	}
	line := string(text)
	e := Event{MTA: Exim, QueueID: line[:n]}
	if !readExim(&e, line[n+1:]) {
		return kindBroken
	}
	r.queue = append(r.queue, e)
	return kindEvent
}

// openSMTPD also reads lines without a time, as "smtpd -d" writes them.
func (r *Reader) openSMTPD(text []byte, known bool) kind {
	start, result, envelope := openSMTPDFields(text)
	if start == 0 {
		if !known && !(len(text) > idLength && text[idLength] == ' ' && isHex(text[:idLength])) {
			return kindForeign
		}
		if bytes.Contains(text, []byte(` failed-command command="RCPT TO`)) {
			return kindRefused
		}
		return kindOther
	}
	line := string(text)
	e := Event{MTA: OpenSMTPD}
	if !readOpenSMTPD(&e, line[start:], string(result), string(envelope)) {
		return kindBroken
	}
	r.queue = append(r.queue, e)
	return kindEvent
}

// sendmail may run under any name: its lines are known by what they say.
func (r *Reader) sendmail(program, text []byte) kind {
	id, rest, ok := cutQueueID(text)
	switch {
	case ok && bytes.HasPrefix(rest, []byte("to=")) && bytes.Contains(rest, []byte(", stat=")):
	case ok && bytes.Contains(rest, []byte(givenUp)):
		r.queue = append(r.queue, Event{MTA: Sendmail, QueueID: string(id), Outcome: OutcomeExpired})
		return kindEvent
	case ok && bytes.HasPrefix(rest, []byte("ruleset=check_")) && bytes.Contains(rest, []byte(", reject=")):
		return kindRefused
	case bytes.Contains(program, []byte("sendmail")), bytes.HasPrefix(program, []byte("sm-")):
		return kindOther
	default:
		return kindForeign
	}
	line := string(text)
	e := Event{MTA: Sendmail, QueueID: line[:len(id)]}
	before := len(r.queue)
	r.queue = readSendmail(e, line[len(line)-len(rest):], r.queue)
	if len(r.queue) == before {
		return kindOther
	}
	return kindEvent
}
