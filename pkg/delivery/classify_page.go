package delivery

import (
	"bytes"
	"strings"
)

// A page is the room in which one reply is looked at.
type page struct {
	ids []wordID // what the words of the reply are known as
	// all holds the words of the reply without the names of a filter's tests, spoken
	// those that somebody says, without addresses and URLs. What stands in an address or
	// a URL is no statement: a person may be called Spam, and a page be named after
	// blocking.
	all, spoken []wordIDs
	folded      []byte
	search      phraseSearch
	fits        []int
}

// wordIDs says where among the IDs of a page those of a word are.
type wordIDs struct{ begin, end int }

// newPage returns room for most replies; longer ones make their own.
func newPage() *page {
	const octets, words, rows = 1024, 128, 128
	return &page{
		ids: make([]wordID, 0, words), all: make([]wordIDs, 0, words), spoken: make([]wordIDs, 0, words),
		folded: make([]byte, 0, octets), fits: make([]int, 0, rows),
	}
}

// maxWords bounds the octets of a reply that are looked at for phrases.
const maxWords = 8 << 10

// addressType stands before an address in the fields of a delivery status (RFC 3464
// §2.1.2), and says nothing of a standard.
const addressType = "rfc822;"

// read looks up the words of a reply.
func (p *page) read(text string, v *vocabulary) {
	p.ids, p.all, p.spoken = p.ids[:0], p.all[:0], p.spoken[:0]
	text = text[:min(len(text), maxWords)]
	tests := listsTests(text)
	if strings.IndexByte(text, '@') < 0 && strings.IndexByte(text, '/') < 0 && !tests {
		p.add(text, v)
		p.spoken = append(p.spoken, p.all...)
		return
	}
	for text != "" {
		end, reference := cutChunk(text)
		chunk := text[:end]
		text = text[end:]
		if tests && isTest(chunk) {
			continue
		}
		before := len(p.all)
		p.add(chunk, v)
		if !reference && !strings.EqualFold(chunk, addressType) {
			p.spoken = append(p.spoken, p.all[before:]...)
		}
	}
}

// listsTests reports whether a text says how a filter came to call a message spam: by a
// list of its tests, such as "BAYES_60,URIBL_BLOCKED".
func listsTests(text string) bool {
	const longest = 60
	for rest := text; ; {
		_, after, ok := strings.Cut(rest, "_")
		if !ok {
			return false
		}
		comma := strings.IndexByte(after[:min(len(after), longest)], ',')
		if comma > 0 && isTest("_"+after[:comma]) {
			break
		}
		rest = after
	}
	lower := strings.ToLower(text)
	return strings.Contains(lower, "spam") || strings.Contains(lower, "score")
}

// isTest reports whether a chunk of a text is the name of a filter's test.
func isTest(chunk string) bool {
	const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
	name, _, _ := strings.Cut(strings.TrimRight(chunk, " ,;)]"), "=")
	return strings.IndexByte(name, '_') >= 0 && strings.Trim(name, signs) == ""
}

// add looks up the words of a part of a reply.
func (p *page) add(text string, v *vocabulary) {
	p.folded = appendFolded(p.folded[:0], text)
	for rest := p.folded; len(rest) > 0; {
		end := bytes.IndexByte(rest, ' ') + 1
		begin := len(p.ids)
		p.ids = v.appendIDs(p.ids, rest[:end])
		p.all = append(p.all, wordIDs{begin, len(p.ids)})
		rest = rest[end:]
	}
}

// rows returns the rows of the phrases among some of the words.
func (p *page) rows(words []wordIDs, of *phrases) []int {
	return of.find(p.ids, words, &p.search)
}
