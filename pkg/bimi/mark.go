package bimi

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Object identifiers of mark certificates.
var (
	oidMarkUsage = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 31}       // id-kp-BrandIndicatorforMessageIdentification
	oidLogotype  = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 12}       // RFC 9399
	oidSCTs      = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2} // RFC 6962 §3.3
	oidMarkType  = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 53087, 1, 13}   // subject:markType
	oidPolicy    = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 53087, 1, 1}    // the mark certificates' general policy
)

// Bounds of an evidence document.
const (
	maxCertificates = 10
	maxValidity     = 398 * 24 * time.Hour // Minimum Security Requirements §6.3.2
)

// ErrNotMark means that a document holds no certificate.
var ErrNotMark = errors.New("not a mark certificate")

// A MarkKind tells the kinds of mark certificate.
type MarkKind string

// The kinds.
const (
	VMC         MarkKind = "vmc"     // a registered or government mark
	CMC         MarkKind = "cmc"     // another mark, such as one used for a year
	MarkUnknown MarkKind = "unknown" // the certificate does not say
)

// A Trust is whether the chain of a certificate leads to somebody trusted.
type Trust string

// The degrees of trust.
const (
	Trusted         Trust = "trusted"
	Untrusted       Trust = "untrusted"
	TrustNotChecked Trust = "not-checked" // no roots were given
)

// A Mark is a mark certificate and what is wrong with it.
type Mark struct {
	Chain        []*x509.Certificate // as published, the mark's own first when they are in order
	Kind         MarkKind
	MarkType     string // as the subject says, "Registered Mark"
	Organization string
	Domains      []string // that it is for: a domain, or a selector, "._bimi." and a domain
	NotBefore    time.Time
	NotAfter     time.Time
	Trust        Trust
	TrustErr     error // why the chain is not trusted; nil otherwise

	Logo     *SVG   // the indicator inside; nil when there is none that can be read
	LogoData []byte // the indicator as SVG, uncompressed

	Problems []MarkProblem
}

// A MarkProblemKind is what is wrong with a mark certificate.
type MarkProblemKind string

// The kinds of problem.
const (
	MarkUsage         MarkProblemKind = "usage"             // the extended key usage of the certificate is not exactly that of marks
	MarkIssuerUsage   MarkProblemKind = "issuer-usage"      // the issuer is not for marks
	MarkExpired       MarkProblemKind = "expired"           // a certificate of the chain
	MarkNotYet        MarkProblemKind = "not-yet-valid"     // a certificate of the chain
	MarkTooLong       MarkProblemKind = "validity-too-long" // more than 398 days
	MarkNoPolicy      MarkProblemKind = "no-policy"         // the policy of mark certificates is missing
	MarkNoType        MarkProblemKind = "no-mark-type"
	MarkNoLogo        MarkProblemKind = "no-logotype"    // the logotype extension is missing
	MarkBadLogo       MarkProblemKind = "bad-logotype"   // the extension holds no embedded SVG
	MarkLogoHash      MarkProblemKind = "logotype-hash"  // the hash in the extension is another one
	MarkLogoProfile   MarkProblemKind = "logo-profile"   // the indicator is not SVG Tiny PS
	MarkNoSCT         MarkProblemKind = "no-sct"         // no proof of certificate transparency
	MarkNoCRL         MarkProblemKind = "no-crl"         // nowhere to ask whether it is revoked
	MarkNoDomain      MarkProblemKind = "no-domain"      // it is for no domain
	MarkOrder         MarkProblemKind = "chain-order"    // not in the order of issuance, or with certificates that do not belong
	MarkNoIssuer      MarkProblemKind = "no-issuer"      // nothing but the certificate itself
	MarkSeveral       MarkProblemKind = "several-marks"  // more than one mark certificate
	MarkOtherContents MarkProblemKind = "other-contents" // something else than certificates
)

// A MarkProblem is one thing about a mark certificate.
type MarkProblem struct {
	Kind  MarkProblemKind
	Value string // what is meant
}

// MarkOptions say what a mark certificate is held against.
type MarkOptions struct {
	Now time.Time
	// Roots are the certification authorities trusted for marks. They are not those
	// of the web; nil leaves the trust not checked.
	Roots *x509.CertPool
}

// Has reports whether the certificate has a problem of that kind.
func (m *Mark) Has(kind MarkProblemKind) bool {
	return slices.ContainsFunc(m.Problems, func(p MarkProblem) bool { return p.Kind == kind })
}

// Covers reports whether the certificate is for the record at a selector and a
// domain (VMC draft §5.2).
func (m *Mark) Covers(selector, domain string) bool {
	return slices.ContainsFunc(m.Domains, func(name string) bool {
		return strings.EqualFold(name, domain) || strings.EqualFold(name, selector+"._bimi."+domain)
	})
}

// ParseMark reads an evidence document: certificates in PEM, that of the mark
// first and each followed by its issuer (VMC draft §3.3). Revocation is not
// checked. The error is [ErrNotMark].
func ParseMark(data []byte, opt MarkOptions) (*Mark, error) {
	m := &Mark{Kind: MarkUnknown, Trust: TrustNotChecked}
	if err := m.readPEM(data); err != nil {
		return m, err
	}
	leaf := m.Chain[0]
	m.NotBefore, m.NotAfter, m.Domains = leaf.NotBefore, leaf.NotAfter, leaf.DNSNames
	if len(leaf.Subject.Organization) > 0 {
		m.Organization = leaf.Subject.Organization[0]
	}
	m.readType(leaf)
	m.checkProfile(leaf)
	m.checkTimes(opt.Now)
	m.checkOrder()
	m.readLogo(leaf)
	m.checkTrust(opt)
	return m, nil
}

func (m *Mark) note(kind MarkProblemKind, value string) {
	m.Problems = append(m.Problems, MarkProblem{kind, value})
}

// readPEM takes the certificates out of the document.
func (m *Mark) readPEM(data []byte) error {
	for rest := data; len(m.Chain) < maxCertificates; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			m.note(MarkOtherContents, block.Type)
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return fmt.Errorf("%w: certificate %d: %w", ErrNotMark, len(m.Chain)+1, err)
		}
		m.Chain = append(m.Chain, cert)
	}
	if len(m.Chain) == 0 {
		return fmt.Errorf("%w: there is no certificate in PEM", ErrNotMark)
	}
	return nil
}

// readType reads the kind of mark from the subject (Minimum Security Requirements
// §7.1.4).
func (m *Mark) readType(leaf *x509.Certificate) {
	for _, name := range leaf.Subject.Names {
		if text, ok := name.Value.(string); ok && name.Type.Equal(oidMarkType) {
			m.MarkType = text
		}
	}
	switch m.MarkType {
	case "":
		m.note(MarkNoType, "")
	case "Registered Mark", "Government Mark":
		m.Kind = VMC
	default:
		m.Kind = CMC
	}
}

// checkProfile holds the certificate against VMC draft §4 and the Minimum
// Security Requirements §7.1.
func (m *Mark) checkProfile(leaf *x509.Certificate) {
	if !isMark(leaf) || len(leaf.ExtKeyUsage) > 0 || len(leaf.UnknownExtKeyUsage) > 1 {
		m.note(MarkUsage, leaf.Subject.String())
	}
	if !slices.ContainsFunc(leaf.PolicyIdentifiers, oidPolicy.Equal) {
		m.note(MarkNoPolicy, "")
	}
	if extension(leaf, oidSCTs) == nil {
		m.note(MarkNoSCT, "")
	}
	if len(leaf.CRLDistributionPoints) == 0 {
		m.note(MarkNoCRL, "")
	}
	if len(leaf.DNSNames) == 0 {
		m.note(MarkNoDomain, "")
	}
	if leaf.NotAfter.Sub(leaf.NotBefore) > maxValidity+24*time.Hour {
		m.note(MarkTooLong, leaf.NotAfter.Sub(leaf.NotBefore).String())
	}
}

func isMark(cert *x509.Certificate) bool {
	return slices.ContainsFunc(cert.UnknownExtKeyUsage, oidMarkUsage.Equal)
}

func (m *Mark) checkTimes(now time.Time) {
	for _, cert := range m.Chain {
		switch {
		case now.After(cert.NotAfter):
			m.note(MarkExpired, cert.Subject.String())
		case now.Before(cert.NotBefore):
			m.note(MarkNotYet, cert.Subject.String())
		}
	}
}

// checkOrder checks that each certificate is followed by its issuer.
func (m *Mark) checkOrder() {
	if len(m.Chain) == 1 {
		m.note(MarkNoIssuer, m.Chain[0].Issuer.String())
		return
	}
	if !isMark(m.Chain[1]) {
		m.note(MarkIssuerUsage, m.Chain[1].Subject.String())
	}
	for i, cert := range m.Chain[1:] {
		if m.Chain[i].CheckSignatureFrom(cert) != nil {
			m.note(MarkOrder, cert.Subject.String())
		}
		if !cert.IsCA && isMark(cert) {
			m.note(MarkSeveral, cert.Subject.String())
		}
	}
}

// checkTrust follows the chain to the roots.
func (m *Mark) checkTrust(opt MarkOptions) {
	if opt.Roots == nil {
		return
	}
	between := x509.NewCertPool()
	for _, cert := range m.Chain[1:] {
		between.AddCert(cert)
	}
	leaf := *m.Chain[0]
	// The logotype extension is read here, so that it may be critical.
	leaf.UnhandledCriticalExtensions = slices.DeleteFunc(slices.Clone(leaf.UnhandledCriticalExtensions), oidLogotype.Equal)
	_, m.TrustErr = leaf.Verify(x509.VerifyOptions{
		Roots: opt.Roots, Intermediates: between, CurrentTime: opt.Now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	m.Trust = Trusted
	if m.TrustErr != nil {
		m.Trust = Untrusted
	}
}

func extension(cert *x509.Certificate, oid asn1.ObjectIdentifier) []byte {
	for _, e := range cert.Extensions {
		if e.Id.Equal(oid) {
			return e.Value
		}
	}
	return nil
}
