package verify

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"regexp"
	"strings"
)

// misread reports whether go-msgauth takes a signature for something else: it leaves
// out of the hash whatever follows "b=" in any tag, in i=bob=3Dx@acme.example too, and
// wants the domain in i in the letter case of that in d.
func (s *Signature) misread() bool {
	b := regexp.MustCompile(`b\s*=[^;]`)
	identity, domain := s.Identity, s.tag("d")
	return len(b.FindAllStringIndex(s.field.value, 2)) > 1 ||
		identity != "" && !strings.HasSuffix(identity, "@"+domain) && !strings.HasSuffix(identity, "."+domain)
}

// compare holds a message against a signature with a usable key (RFC 6376 §6.1.3).
func (s *Signature) compare(m *message) {
	header, body, _ := strings.Cut(s.tag("c"), "/")
	bodyHash, err1 := base64.StdEncoding.DecodeString(s.tag("bh"))
	signature, err2 := base64.StdEncoding.DecodeString(s.tag("b"))
	if err1 != nil || err2 != nil {
		s.rule(DKIMNeutral, "the signature could not be processed")
		return
	}
	h := sha256.New()
	if hashBody(h, m.body(), body == "relaxed"); !bytes.Equal(h.Sum(nil), bodyHash) {
		s.rule(DKIMFail, "body hash did not verify")
		return
	}
	h.Reset()
	relaxed := header == "relaxed"
	for _, f := range m.signed(s.Headers) {
		h.Write([]byte(canonicalField(f, relaxed) + "\r\n"))
	}
	h.Write([]byte(canonicalField(s.field.withoutSignature(), relaxed)))
	if !isSignature(s.Key.Record.Public, h, signature) {
		s.rule(DKIMFail, "signature did not verify")
		return
	}
	s.pass()
}

func isSignature(public crypto.PublicKey, h hash.Hash, signature []byte) bool {
	switch key := public.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, h.Sum(nil), signature) == nil
	case ed25519.PublicKey:
		return ed25519.Verify(key, h.Sum(nil), signature) // RFC 8463 §3: of the hash
	default:
		return false
	}
}

// signed returns the fields that h names, each name standing for the lowest field of
// that name that is left (RFC 6376 §5.4.2).
func (m *message) signed(names []string) []field {
	var fields []field
	left := map[string][]field{}
	for _, name := range names {
		name = strings.ToLower(name)
		if _, ok := left[name]; !ok {
			left[name] = m.all(name)
		}
		if n := len(left[name]); n > 0 {
			fields = append(fields, left[name][n-1])
			left[name] = left[name][:n-1]
		}
	}
	return fields
}

// withoutSignature is the field with an empty tag b, as it was when it was signed
// (RFC 6376 §3.7).
func (f field) withoutSignature() field {
	pieces := strings.Split(f.value, ";")
	for i, piece := range pieces {
		if name, _, ok := strings.Cut(piece, "="); ok && strings.TrimSpace(name) == "b" {
			pieces[i] = name + "="
		}
	}
	f.value = strings.Join(pieces, ";")
	return f
}

// canonicalField writes a field without the end of its line (RFC 6376 §3.4.1 and
// §3.4.2).
func canonicalField(f field, relaxed bool) string {
	if !relaxed {
		return f.written + ":" + f.value
	}
	words := strings.FieldsFunc(f.value, isFWS)
	return strings.ToLower(f.name) + ":" + strings.Join(words, " ")
}

// hashBody hashes a body (RFC 6376 §3.4.3 and §3.4.4): without empty lines at its
// end, and in the relaxed form with one space for any white space, and none at the end
// of a line. It copies nothing of the body, which may be one long line.
func hashBody(h hash.Hash, body []byte, relaxed bool) {
	end := []byte("\r\n")
	empty, wrote := 0, false
	for line := range bytes.Lines(body) {
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, end[1:]), end[:1])
		if relaxed {
			line = bytes.TrimRight(line, whiteSpace)
		}
		if len(line) == 0 {
			empty++
			continue
		}
		for ; empty > 0; empty-- {
			h.Write(end)
		}
		if relaxed {
			line = hashWords(h, line)
		}
		h.Write(line)
		h.Write(end)
		wrote = true
	}
	if !wrote && !relaxed {
		h.Write(end)
	}
}

// whiteSpace is what may stand within a line (RFC 5234 Appendix B.1).
const whiteSpace = " \t"

// hashWords hashes the words of a line, each with one space for the white space behind
// it, and returns the last word.
func hashWords(h hash.Hash, line []byte) (last []byte) {
	space := []byte(" ")
	for {
		i := bytes.IndexAny(line, whiteSpace)
		if i < 0 {
			return line
		}
		h.Write(line[:i])
		h.Write(space)
		line = bytes.TrimLeft(line[i:], whiteSpace)
	}
}
