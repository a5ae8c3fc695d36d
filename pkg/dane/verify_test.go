package dane

import (
	"crypto/x509"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/testkit"
)

func chainOf(t *testing.T, der [][]byte) []*x509.Certificate {
	t.Helper()
	var chain []*x509.Certificate
	for _, raw := range der {
		cert, err := x509.ParseCertificate(raw)
		if err != nil {
			t.Fatal(err)
		}
		chain = append(chain, cert)
	}
	return chain
}

// RFC 7672 §3.1.1 (DANE-EE), §3.1.2 (DANE-TA) and §3.2.
func TestVerify(t *testing.T) {
	ca, otherCA := testkit.NewCA(t), testkit.NewCA(t)
	right := chainOf(t, ca.Valid(t, "mx.example.com").Certificate)
	wrongName := chainOf(t, ca.Valid(t, "mx.example.net").Certificate)
	expired := chainOf(t, ca.Expired(t, "mx.example.com").Certificate)
	forged := chainOf(t, otherCA.Valid(t, "mx.example.com").Certificate)
	forged[1] = right[1] // says to come from a CA that did not sign it
	selfSigned := chainOf(t, testkit.SelfSigned(t, "mx.example.com").Certificate)

	ee := func(cert *x509.Certificate) Record { return RecordFor(cert, DANEEE, PublicKey, SHA256) }
	ta := func(cert *x509.Certificate) Record { return RecordFor(cert, DANETA, PublicKey, SHA256) }
	whole := RecordFor(right[1], DANETA, FullCertificate, Exact)
	pkix := RecordFor(right[0], PKIXEE, PublicKey, SHA256)
	tests := []struct {
		name    string
		records []Record
		chain   []*x509.Certificate
		want    Verdict
		match   int
	}{
		{"EE", []Record{ee(right[0])}, right, Verified, 1},
		{"EE, another name", []Record{ee(wrongName[0])}, wrongName, Verified, 1},
		{"EE, expired", []Record{ee(expired[0])}, expired, Verified, 1},
		{"EE, self-signed", []Record{ee(selfSigned[0])}, selfSigned, Verified, 1},
		{"EE of another key", []Record{ee(wrongName[0])}, right, NoMatch, 0},
		{"EE of the CA", []Record{ee(right[1])}, right, NoMatch, 0},
		{"EE, this and the next key", []Record{ee(wrongName[0]), ee(right[0])}, right, Verified, 1},
		{"TA", []Record{ta(right[1])}, right, Verified, 1},
		{"TA, full certificate", []Record{RecordFor(right[1], DANETA, FullCertificate, SHA512)}, right, Verified, 1},
		{"TA, another name", []Record{ta(right[1])}, wrongName, NameMismatch, 1},
		{"TA, expired", []Record{ta(right[1])}, expired, ChainInvalid, 1},
		{"TA that did not sign", []Record{ta(right[1])}, forged, ChainInvalid, 1},
		{"TA not presented", []Record{ta(right[1])}, right[:1], NoMatch, 0},
		{"TA not presented, but in the record", []Record{whole}, right[:1], Verified, 1},
		{"TA in the record, of another CA", []Record{whole}, forged[:1], NoMatch, 0},
		{"TA not presented, but its key in the record", []Record{RecordFor(right[1], DANETA, PublicKey, Exact)}, right[:1], Verified, 1},
		{"TA's key in the record, expired", []Record{RecordFor(right[1], DANETA, PublicKey, Exact)}, expired[:1], ChainInvalid, 1},
		{"TA's key in the record, of another CA", []Record{RecordFor(right[1], DANETA, PublicKey, Exact)}, forged[:1], NoMatch, 0},
		{"TA that is the server", []Record{ta(right[0])}, right, NoMatch, 0},
		{"TA that is the server, self-signed", []Record{ta(selfSigned[0])}, selfSigned, NoMatch, 0},
		{"TA that is the server, self-signed, in the record", []Record{RecordFor(selfSigned[0], DANETA, FullCertificate, Exact)}, selfSigned, NoMatch, 0},
		{"TA and EE, only EE is right", []Record{ta(right[1]), ee(wrongName[0])}, wrongName, Verified, 2},
		{"nothing usable", []Record{pkix}, right, NotVerified, 0},
		{"unusable beside EE", []Record{pkix, ee(wrongName[0])}, right, NoMatch, 0},
		{"no records", nil, right, NotVerified, 0},
		{"no certificate", []Record{ee(right[0])}, nil, NoChain, 0},
	}
	for _, test := range tests {
		v := Verify(test.records, test.chain, []string{"alias.example.com", "mx.example.com"}, time.Now())
		if v.Verdict != test.want || len(v.Matching) != test.match {
			t.Errorf("%s: %s, %v, %d match", test.name, v.Verdict, v.Err, len(v.Matching))
		}
		if (v.Err == nil) != (test.want == Verified || test.want == NotVerified) {
			t.Errorf("%s: %v", test.name, v.Err)
		}
	}
}

// RFC 7671 §8.
func TestRollover(t *testing.T) {
	ca := testkit.NewCA(t)
	now := chainOf(t, ca.Valid(t, "mx.example.com").Certificate)
	next := chainOf(t, ca.Valid(t, "mx.example.com").Certificate)
	record := func(cert *x509.Certificate, u Usage, s Selector) Record { return RecordFor(cert, u, s, SHA256) }
	tests := []struct {
		name    string
		records []Record
		want    Rollover
	}{
		{"3 0 1", []Record{record(now[0], DANEEE, FullCertificate)}, Rollover{}},
		{"3 1 1", []Record{record(now[0], DANEEE, PublicKey)}, Rollover{SameKey: true}},
		{"3 1 1 and the next", []Record{record(now[0], DANEEE, PublicKey), record(next[0], DANEEE, PublicKey)}, Rollover{SameKey: true, Prepared: true}},
		{"3 1 1 and 2 1 1", []Record{record(now[0], DANEEE, PublicKey), record(now[1], DANETA, PublicKey)}, Rollover{SameKey: true, NewKey: true}},
		{"2 0 1", []Record{record(now[1], DANETA, FullCertificate)}, Rollover{SameKey: true, NewKey: true}},
		{"not verified", []Record{record(next[0], DANEEE, PublicKey)}, Rollover{}},
	}
	for _, test := range tests {
		if got := Verify(test.records, now, []string{"mx.example.com"}, time.Now()).Rollover(); got != test.want {
			t.Errorf("%s: %+v", test.name, got)
		}
	}
}
