package verify

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	msgauth "github.com/emersion/go-msgauth/dkim"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dkim"
)

// errNoUse is what the verification of a signature gets for a key when its result
// is known already.
var errNoUse = errors.New("the key is not needed")

// verifySignatures judges the first [MaxSignatures] signatures of a message, and
// counts all. The keys are looked up in one wave.
func verifySignatures(ctx context.Context, r delivery.Resolver, m *message, now time.Time) (signatures []*Signature, count int) {
	for _, f := range m.all("DKIM-Signature") {
		if count++; count <= MaxSignatures {
			signatures = append(signatures, parseSignature(f, now))
		}
	}
	lookUpKeys(ctx, r, signatures)
	records := make(map[string]string)
	for _, s := range signatures {
		if s.Result == "" && s.misread() {
			s.compare(m)
		}
		if s.Result != "" {
			continue
		}
		text, err := canonicalRecord(s.Key.Record)
		if err != nil {
			s.rule(DKIMPermError, "the key at %s cannot be used", s.Key.Name)
			continue
		}
		records[s.lookupName()] = text
	}
	if len(records) > 0 {
		verifyBytes(m, signatures, records)
	}
	return signatures, count
}

// lookupName is the name under which the verification asks for the key.
func (s *Signature) lookupName() string { return dkim.KeyName(s.tag("d"), s.tag("s")) }

// lookUpKeys asks for the keys of all signatures that need one.
func lookUpKeys(ctx context.Context, r delivery.Resolver, signatures []*Signature) {
	var wait sync.WaitGroup
	for _, s := range signatures {
		if s.Result == "" {
			wait.Go(func() { s.Key = dkim.LookupKey(ctx, r, s.Domain, s.Selector) })
		}
	}
	wait.Wait()
	for _, s := range signatures {
		if s.Key != nil {
			s.checkKey()
		}
	}
}

// verifyBytes compares the message with the signatures that have no result yet.
func verifyBytes(m *message, signatures []*Signature, records map[string]string) {
	verifications, err := msgauth.VerifyWithOptions(bytes.NewReader(m.data), &msgauth.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) {
			if text, ok := records[name]; ok {
				return []string{text}, nil
			}
			return nil, errNoUse
		},
		MaxVerifications: MaxSignatures,
	})
	if err != nil && !errors.Is(err, msgauth.ErrTooManySignatures) || len(verifications) != len(signatures) {
		verifications = make([]*msgauth.Verification, len(signatures))
	}
	for i, s := range signatures {
		if s.Result == "" {
			s.settle(verifications[i])
		}
	}
}

// settle takes over what came of the comparison.
func (s *Signature) settle(v *msgauth.Verification) {
	switch {
	case v == nil:
		s.rule(DKIMNeutral, "the signature could not be processed")
	case v.Err == nil:
		s.pass()
	case msgauth.IsPermFail(v.Err):
		s.rule(DKIMPermError, "%s", reasonText(v.Err))
	default:
		s.rule(DKIMFail, "%s", reasonText(v.Err))
	}
}

// pass says that message and signature fit each other.
func (s *Signature) pass() {
	s.Result = DKIMPass
	if s.Testing {
		s.Reason = "the key is in testing mode (t=y)"
	}
}

// reasonText is the text of an error without the name of its package.
func reasonText(err error) string { return strings.TrimPrefix(err.Error(), "dkim: ") }
