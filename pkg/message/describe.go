package message

import "crypto/sha256"

// Subject returns the template of the subject, as its author wrote it.
func (t *Template) Subject() string { return t.subject.origin.text }

// Digest returns the SHA-256 of what is the same in the body of every message:
// its structure and the attachments.
func (t *Template) Digest() [sha256.Size]byte {
	hash := sha256.New()
	for _, p := range t.frame.pieces {
		hash.Write(p.literal)
	}
	return [sha256.Size]byte(hash.Sum(nil))
}
