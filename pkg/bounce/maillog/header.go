package maillog

import "bytes"

// A header is what stands before the message on a line of a log.
type header struct {
	stamp   stamp
	program []byte // without the process id; empty for Exim's own log and for bare lines
	text    []byte // the message
}

// maxTokens is in how many words behind the time the program must be: there may
// be a host, the words of BusyBox and BSD for facility and level, and no more.
const maxTokens = 4

// cutHeader takes a line apart: syslog as in RFC 3164 and RFC 5424, with the
// times that rsyslog, syslog-ng and journald write, or Exim's own log. A line
// that begins with none of these is all text.
func cutHeader(line []byte) header {
	rest := cutPriority(line)
	if bytes.HasPrefix(rest, []byte("1 ")) && len(rest) != len(line) {
		if h, ok := cutStructured(rest[len("1 "):]); ok {
			return h
		}
	}
	st, rest, ok := cutStamp(rest)
	if !ok {
		return header{text: line}
	}
	if st.layout == layoutExim {
		if text, ok := eximText(rest); ok {
			return header{stamp: st, text: text}
		}
	}
	if program, text, ok := cutProgram(rest); ok {
		return header{stamp: st, program: program, text: text}
	}
	return header{stamp: st, text: rest}
}

// cutPriority drops the "<22>" that lines bear on their way between machines.
func cutPriority(line []byte) []byte {
	if len(line) == 0 || line[0] != '<' {
		return line
	}
	end := bytes.IndexByte(line[:min(len(line), len("<191>"))], '>')
	if end < 2 {
		return line
	}
	for _, c := range line[1:end] {
		if !isDigit(c) {
			return line
		}
	}
	return line[end+1:]
}

// cutProgram finds the word that ends in a colon: the program, which may be
// followed by its process id in brackets.
func cutProgram(rest []byte) (program, text []byte, ok bool) {
	for range maxTokens {
		rest = bytes.TrimLeft(rest, " ")
		end := bytes.IndexByte(rest, ' ')
		if end < 1 {
			return nil, nil, false
		}
		if rest[end-1] == ':' {
			return bareProgram(rest[:end-1]), cutSolaris(rest[end+1:]), true
		}
		rest = rest[end:]
	}
	return nil, nil, false
}

// bareProgram drops the process id.
func bareProgram(word []byte) []byte {
	name, _, _ := bytes.Cut(word, []byte("["))
	return name
}

// cutSolaris drops the "[ID 801593 mail.info] " of Solaris.
func cutSolaris(text []byte) []byte {
	if !bytes.HasPrefix(text, []byte("[ID ")) {
		return text
	}
	if _, rest, ok := bytes.Cut(text, []byte("] ")); ok {
		return rest
	}
	return text
}

// cutStructured takes what follows "<22>1 " (RFC 5424 §6): time, host, program,
// process, kind of message, structured data and text.
func cutStructured(rest []byte) (header, bool) {
	var words [5][]byte
	for i := range words {
		end := bytes.IndexByte(rest, ' ')
		if end < 1 {
			return header{}, false
		}
		words[i], rest = rest[:end], rest[end+1:]
	}
	st, left, ok := cutStamp(words[0])
	if !ok || len(left) > 0 {
		return header{}, false
	}
	return header{stamp: st, program: words[2], text: cutData(rest)}, true
}

// cutData drops structured data: "-", or elements in brackets whose values are
// quoted and may hold any bracket (RFC 5424 §6.3), and a byte order mark.
func cutData(rest []byte) []byte {
	rest = bytes.TrimPrefix(rest, []byte("-"))
	for len(rest) > 0 && rest[0] == '[' {
		end, quoted := 1, false
		for ; end < len(rest) && (quoted || rest[end] != ']'); end++ {
			switch {
			case rest[end] == '"':
				quoted = !quoted
			case quoted && rest[end] == '\\':
				end++
			}
		}
		rest = rest[min(end+1, len(rest)):]
	}
	rest = bytes.TrimPrefix(rest, []byte(" "))
	return bytes.TrimPrefix(rest, []byte("\xef\xbb\xbf"))
}
