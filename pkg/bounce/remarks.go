package bounce

import "strings"

// sureRemark is the row of phrases that no refusal has.
const sureRemark = 0

// withoutRemarks leaves out what a scanner or a firm on the way wrote below the
// report, as it does below every message: "No virus found", "If you are not the
// intended recipient". Neither is about the delivery.
func (m *marks) withoutRemarks(text string) string {
	if _, has := m.remarks.first(words(text)); !has {
		return text
	}
	paragraphs := strings.SplitAfter(text, "\n\n")
	for i, p := range paragraphs {
		paragraphs[i] = p[:m.remarkAt(p)]
	}
	return strings.Join(paragraphs, "")
}

// remarkAt returns where a remark begins that ends a paragraph, else its length. A
// paragraph that also says what is wrong, or whose address it is about, is none.
func (m *marks) remarkAt(paragraph string) int {
	row, ok := m.remarks.first(words(paragraph))
	if !ok {
		return len(paragraph)
	}
	const longest = 12 // lines
	at, found := len(paragraph), false
	for n := 0; n < longest && !found && at > 0; n++ {
		at = strings.LastIndexByte(strings.TrimSuffix(paragraph[:at], "\n"), '\n') + 1
		_, found = m.remarks.first(words(paragraph[at:]))
	}
	remark := paragraph[at:]
	if !found || len(remark) > maxText || strings.Contains(remark, "@") {
		return len(paragraph)
	}
	if _, tells := m.reason(words(remark)); row != sureRemark && (tells || replyIn(remark).Code != 0) {
		return len(paragraph)
	}
	return at
}
