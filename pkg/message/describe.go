package message

// Subject returns the template of the subject, as its author wrote it.
func (t *Template) Subject() string { return t.subject.origin.text }
