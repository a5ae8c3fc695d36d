package dkim

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
	"golang.org/x/net/idna"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Causes of errors about where a signature belongs.
var (
	ErrDomain   = errors.New("not a domain that can sign")
	ErrSelector = errors.New("not a selector")
	// ErrMessage means that what is to be signed is not a message.
	ErrMessage = errors.New("not a message that can be signed")
)

// A Signer signs messages for a domain. It is safe for concurrent use.
type Signer struct {
	domain   string // A-labels
	selector string
	key      *Key
}

// NewSigner returns a signer for a domain, under a selector whose record holds
// the key's public half. An internationalised domain is signed for by its
// A-labels (RFC 8616 §3.3).
func NewSigner(domain, selector string, key *Key) (*Signer, error) {
	if key == nil || key.signer == nil {
		return nil, fmt.Errorf("%w: there is none", ErrKey)
	}
	name, err := idna.Lookup.ToASCII(strings.TrimSuffix(strings.TrimSpace(domain), "."))
	if err != nil || !isName(name) || !strings.Contains(name, ".") {
		return nil, delivery.Hint(fmt.Errorf("%w: %q", ErrDomain, domain), "give the domain of the From address, or one above it: example.com")
	}
	selector, err = checkSelector(selector, name)
	if err != nil {
		return nil, err
	}
	return &Signer{domain: name, selector: selector, key: key}, nil
}

// checkSelector returns a selector in A-labels (RFC 6376 §3.1: labels with dots
// between them).
func checkSelector(selector, domain string) (string, error) {
	name := strings.ToLower(strings.TrimSpace(selector))
	if ascii, err := idna.Lookup.ToASCII(name); err == nil {
		name = ascii
	}
	if !isName(name) || len(name)+len("._domainkey.")+len(domain) > maxName {
		err := fmt.Errorf("%w: %q", ErrSelector, selector)
		return "", delivery.Hint(err, "use letters, digits and hyphens, such as s2026")
	}
	return name, nil
}

// Lengths of names in the DNS (RFC 1035 §2.3.4).
const (
	maxName  = 253
	maxLabel = 63
)

// isName reports whether name is made of labels of letters, digits, hyphens and
// underscores, none of which begins or ends with a hyphen.
func isName(name string) bool {
	if name == "" || len(name) > maxName {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

// Sign returns the DKIM-Signature field for a message with CRLF line ends, itself
// ending with CRLF, to be put before the message. The canonicalization is relaxed
// for header and body, and the whole body is signed. The time of signing (t=) is
// the system's.
func (s *Signer) Sign(message []byte) ([]byte, error) {
	keys, err := headersToSign(message)
	if err != nil {
		return nil, err
	}
	signer, err := dkim.NewSigner(&dkim.SignOptions{
		Domain:                 s.domain,
		Selector:               s.selector,
		Signer:                 s.key.signer,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed,
		BodyCanonicalization:   dkim.CanonicalizationRelaxed,
		HeaderKeys:             keys,
	})
	if err != nil {
		return nil, fmt.Errorf("sign for %s: %w", s.domain, err)
	}
	_, writeErr := signer.Write(message)
	if err := errors.Join(writeErr, signer.Close()); err != nil {
		return nil, fmt.Errorf("sign for %s: %w", s.domain, err)
	}
	return []byte(signer.Signature()), nil
}

// signedHeaders are the fields to sign where a message has them (RFC 6376 §5.4.1,
// RFC 8058 §4), in the order of the h= tag. From is required.
var signedHeaders = [...]string{
	"From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References", "MIME-Version", "Content-Type",
	"Content-Transfer-Encoding", "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID",
}

// sealedHeaders are named once more than they occur, so that nobody can add
// another one without breaking the signature (RFC 6376 §8.15).
var sealedHeaders = [...]string{"From", "To", "Subject", "Date", "Reply-To"}

// headersToSign returns the h= tag for a message: every occurrence of the fields
// that are signed, and one more of those that are sealed.
func headersToSign(message []byte) ([]string, error) {
	counts, err := countHeaders(message)
	if err != nil {
		return nil, err
	}
	if counts["from"] == 0 {
		return nil, fmt.Errorf("%w: it has no From", ErrMessage)
	}
	var keys []string
	for _, name := range signedHeaders {
		for range counts[strings.ToLower(name)] {
			keys = append(keys, name)
		}
	}
	return append(keys, sealedHeaders[:]...), nil
}

// countHeaders counts the fields of a message's header by their lower-case names.
func countHeaders(message []byte) (map[string]int, error) {
	head, _, found := bytes.Cut(message, []byte("\r\n\r\n"))
	if !found {
		return nil, fmt.Errorf("%w: no empty line ends its header", ErrMessage)
	}
	counts := make(map[string]int, 16)
	for len(head) > 0 {
		var line []byte
		line, head, _ = bytes.Cut(head, []byte("\r\n"))
		if len(line) == 0 || line[0] == ' ' || line[0] == '\t' {
			continue
		}
		name, _, ok := bytes.Cut(line, []byte(":"))
		if !ok || bytes.IndexByte(line, '\n') >= 0 {
			return nil, fmt.Errorf("%w: the header has the line %q", ErrMessage, shorten(string(line)))
		}
		counts[strings.ToLower(string(bytes.TrimRight(name, " \t")))]++
	}
	return counts, nil
}

// shorten cuts text for a message to a person.
func shorten(text string) string {
	const limit = 60
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}
