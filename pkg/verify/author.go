package verify

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/mail"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Why a message has no author that DMARC can judge.
var (
	ErrNoAuthor       = errors.New("the message has no usable From")
	ErrSeveralAuthors = errors.New("the message has authors of several domains")
)

// parseFrom returns the addresses of a From field. Names in unknown character
// sets do not matter, nor do those with octets of a set that nobody named.
func parseFrom(value string) ([]string, error) {
	parser := mail.AddressParser{WordDecoder: &mime.WordDecoder{
		CharsetReader: func(_ string, r io.Reader) (io.Reader, error) { return r, nil },
	}}
	list, err := parser.ParseList(strings.ToValidUTF8(value, "\uFFFD"))
	if err != nil {
		return nil, err
	}
	addresses := make([]string, len(list))
	for i, a := range list {
		addresses[i] = a.Address
	}
	return addresses, nil
}

// author returns the domain that DMARC is about (RFC 9989 §5.3.1), in lower case.
// Where receivers do not agree what it is, there is none.
func (m *message) author() (string, error) {
	from := m.all("From")
	switch len(from) {
	case 1:
	case 0:
		return "", fmt.Errorf("%w: there is none", ErrNoAuthor)
	default:
		return "", fmt.Errorf("%w: there are %d", ErrNoAuthor, len(from))
	}
	addresses, err := parseFrom(from[0].text())
	if err != nil || len(addresses) == 0 {
		return "", fmt.Errorf("%w: it cannot be read", ErrNoAuthor)
	}
	var domains []string
	for _, address := range addresses {
		domain := address[strings.LastIndexByte(address, '@')+1:]
		name, err := delivery.DNSName(domain)
		if err != nil || strings.HasPrefix(name, "[") {
			return "", fmt.Errorf("%w: %q is not a domain", ErrNoAuthor, shorten(domain))
		}
		if !slices.Contains(domains, name) {
			domains = append(domains, name)
		}
	}
	if len(domains) != 1 {
		return "", fmt.Errorf("%w: %s", ErrSeveralAuthors, shorten(strings.Join(domains, ", ")))
	}
	return domains[0], nil
}

// ReturnPath returns the address of the uppermost Return-Path field, which the
// receiver that delivered the message wrote (RFC 5321 §4.4), and whether there is
// one. The address is empty for a null reverse-path.
func ReturnPath(data []byte) (address string, ok bool) {
	m, err := parseMessage(data)
	if err != nil {
		return "", false
	}
	fields := m.all("Return-Path")
	if len(fields) == 0 {
		return "", false
	}
	text, bracket := strings.CutPrefix(fields[0].text(), "<")
	inner, closed := strings.CutSuffix(text, ">")
	return inner, bracket && closed
}
