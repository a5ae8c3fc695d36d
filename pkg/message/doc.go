// Package message turns a template and a row into the octets of a message
// (RFC 5322).
//
// [Compile] reads a message written in Markdown, HTML or text and prepares
// everything that is the same for all recipients; [Template.Render] fills in one
// row, and [Template.Check] tells beforehand whether that will work. The package
// reads no clock, no environment and no file it was not handed.
//
// # Front matter
//
// A message may begin with YAML between two lines "---":
//
//	subject      the Subject; required here or as an option
//	preheader    what lists of messages show beside the subject
//	from         the author's mailbox, Acme <news@acme.example>
//	reply_to     where answers go
//	to_name      the recipient's name in To, such as "{{.name}}"
//	lang         the language of a Markdown message; en when missing
//	unsubscribe  an https or mailto address, or a list of them (RFC 2369, RFC 8058)
//	feedback_id  the Feedback-ID that some providers report complaints under
//	headers      fields of your own, name: value
//	attachments  paths of files, from the folder of the message
//
// All of them but from, lang and attachments are templates.
//
// # Templates
//
// Messages are Go templates over the row: {{.name}} is the column "name", and
// {{field "First name"}} one whose name has a space. A column that the row lacks
// is an error, never an empty place. In HTML, values are escaped for where they
// stand; in the text part and in header fields they are printed as they are,
// and in URLs they are encoded. A URL that begins with a value is relative, or has
// the scheme https, http, mailto, tel or sms; in an image it may also be "cid:name"
// for the attached image of that name. A value that html/template takes for unsafe
// where it stands, such as another scheme or a colour with brackets, is an error
// ([ErrUnsafe]), never its marker ZgotmplZ in the message. In Markdown, {{if}}, {{range}} and {{end}} may
// stand on lines of their own between paragraphs, list items and table rows.
// {{unsubscribe}} is the address of List-Unsubscribe.
//
// Besides the functions of package text/template, but for call, there are:
//
//	field "First name"           the column of that name
//	has "nickname"               whether the row has it, and not empty
//	default "friend" .name       the value, or the first argument when it is empty
//	upper lower title trim       of a text
//	first .name                  the first word
//	truncate 20 .title           at most so many characters
//	replace "a" "b" .text        every a by b
//	split "," .tags              a list of texts
//	join ", " .items             a text from a list
//	contains "x" .text           whether x is in the text; also hasPrefix, hasSuffix
//	plural .orders "item" "items"   the first word for 1, else the second
//	number 2 .amount             1,234.50; number 2 ".," .amount is 1.234,50
//	add sub mul div              of two numbers
//	date "2 January 2006" .day   a date in another layout, as package time writes it
//	eq ne lt le gt ge            compare; text that looks like a number is one
//
// None of them can reach files, the environment, the clock or the network, and
// what a template prints is bounded.
//
// # HTML
//
// Style sheets are inlined once, when the message is compiled, because many mail
// clients read none; what depends on the reader (@media, :hover) stays in the
// sheet, where it needs !important to win over what was inlined. Comments are
// dropped, but for the conditional ones that Outlook reads. An image whose source
// is "cid:name" shows the attachment of that name. A message always has a text
// part: the author's, or one made from the HTML.
package message
