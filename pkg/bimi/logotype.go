package bimi

import (
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// Hash functions of the logotype extension.
var (
	oidSHA256 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA384 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	oidSHA512 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
)

var (
	errLogotype = errors.New("the extension has another form than RFC 9399 gives it")
	errDataURI  = errors.New("the image is not an SVG in a data URI")
)

// A logotype is the image in the extension: its data, and what their hash should
// be.
type logotype struct {
	uri    string
	hashes []hash
}

type hash struct {
	algorithm asn1.ObjectIdentifier
	value     []byte
}

// readLogo takes the indicator out of the certificate.
func (m *Mark) readLogo(leaf *x509.Certificate) {
	value := extension(leaf, oidLogotype)
	if value == nil {
		m.note(MarkNoLogo, "")
		return
	}
	logo, err := parseLogotype(value)
	if err != nil {
		m.note(MarkBadLogo, err.Error())
		return
	}
	data, err := decodeDataURI(logo.uri)
	if err != nil {
		m.note(MarkBadLogo, err.Error())
		return
	}
	svg, err := ParseSVG(data)
	if err != nil {
		m.note(MarkBadLogo, err.Error())
		return
	}
	m.Logo = svg
	m.LogoData, _, _ = inflate(data) // ParseSVG has done the same without an error
	if !svg.Valid() {
		m.note(MarkLogoProfile, "")
	}
	if !logo.matches(data, m.LogoData) {
		m.note(MarkLogoHash, "")
	}
}

// parseLogotype finds the first image of the subject's logo (RFC 9399 §4.1).
func parseLogotype(value []byte) (*logotype, error) {
	const subject, direct = 2, 0
	var ext, info, choice, data, images, image, details, hashes, uris, uri cryptobyte.String
	in := cryptobyte.String(value)
	var mediaType cryptobyte.String
	switch {
	case !in.ReadASN1(&ext, tags.SEQUENCE),
		!skipTo(&ext, subject, &info),
		!info.ReadASN1(&choice, tags.Tag(direct).ContextSpecific().Constructed()):
		return nil, errLogotype
	}
	data = choice
	switch {
	case !data.ReadASN1(&images, tags.SEQUENCE),
		!images.ReadASN1(&image, tags.SEQUENCE),
		!image.ReadASN1(&details, tags.SEQUENCE),
		!details.ReadASN1(&mediaType, tags.IA5String),
		!details.ReadASN1(&hashes, tags.SEQUENCE),
		!details.ReadASN1(&uris, tags.SEQUENCE),
		!uris.ReadASN1(&uri, tags.IA5String):
		return nil, errLogotype
	}
	l := &logotype{uri: string(uri)}
	for !hashes.Empty() {
		var pair, algorithm, sum cryptobyte.String
		var oid asn1.ObjectIdentifier
		if !hashes.ReadASN1(&pair, tags.SEQUENCE) || !pair.ReadASN1(&algorithm, tags.SEQUENCE) ||
			!algorithm.ReadASN1ObjectIdentifier(&oid) || !pair.ReadASN1(&sum, tags.OCTET_STRING) {
			return nil, errLogotype
		}
		l.hashes = append(l.hashes, hash{oid, sum})
	}
	return l, nil
}

// skipTo reads optional elements up to the one with that context-specific tag.
func skipTo(from *cryptobyte.String, tag uint8, to *cryptobyte.String) bool {
	for !from.Empty() {
		var found tags.Tag
		if !from.ReadAnyASN1(to, &found) {
			return false
		}
		if found == tags.Tag(tag).ContextSpecific().Constructed() {
			return true
		}
	}
	return false
}

// decodeDataURI returns the data of "data:image/svg+xml;base64,…" (RFC 6170 §4).
func decodeDataURI(uri string) ([]byte, error) {
	head, body, ok := strings.Cut(uri, ",")
	media, parameters, _ := strings.Cut(head, ";")
	if !ok || !slices.Contains([]string{"data:image/svg+xml", "data:image/svg+xml+gzip"}, strings.ToLower(media)) {
		return nil, errDataURI
	}
	text, err := url.PathUnescape(body)
	if err != nil {
		return nil, errDataURI
	}
	if !strings.HasSuffix(strings.ToLower(parameters), "base64") {
		return []byte(text), nil
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errDataURI
	}
	return data, nil
}

// matches reports whether the hashes are those of the image, as it is embedded or
// uncompressed. Hash functions that are not known prove nothing against it.
func (l *logotype) matches(embedded, plain []byte) bool {
	for _, h := range l.hashes {
		var sums [2][]byte
		for i, data := range [2][]byte{embedded, plain} {
			sums[i] = sumOf(h.algorithm, data)
		}
		if sums[0] != nil && !slices.Equal(h.value, sums[0]) && !slices.Equal(h.value, sums[1]) {
			return false
		}
	}
	return true
}

func sumOf(algorithm asn1.ObjectIdentifier, data []byte) []byte {
	switch {
	case algorithm.Equal(oidSHA256):
		sum := sha256.Sum256(data)
		return sum[:]
	case algorithm.Equal(oidSHA384):
		sum := sha512.Sum384(data)
		return sum[:]
	case algorithm.Equal(oidSHA512):
		sum := sha512.Sum512(data)
		return sum[:]
	default:
		return nil
	}
}
