package verify_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dkim"
	"github.com/mailctl/mailctl/pkg/dmarc"
	"github.com/mailctl/mailctl/pkg/verify"
)

// noon is when messages are judged.
func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// readMessage reads a message of the project's test data, with CRLF line ends.
func readMessage(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../testdata/messages", name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(data), "\n", "\r\n")
}

// readZone reads a zone of the project's test data.
func readZone(t testing.TB, name string) *delivery.Zone {
	t.Helper()
	f, err := os.Open(filepath.Join("../../testdata/dns", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zone, err := delivery.ParseZone(f, name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func judge(t testing.TB, r delivery.Resolver, message string) *verify.Report {
	t.Helper()
	report, err := verify.Verify(t.Context(), r, verify.Query{Message: []byte(message), Time: noon()})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// words are the results of signatures in one string.
func words(report *verify.Report) string {
	var results []string
	for _, s := range report.DKIM {
		results = append(results, string(s.Result))
	}
	return strings.Join(results, " ")
}

// TestPublishedMessages verifies the examples of the RFCs and what other
// implementations signed.
func TestPublishedMessages(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		message, zone, want, algorithms string
		dmarc                           dmarc.Result
	}{
		{"signed-rfc6376.eml", "verify-rfc.zone", "pass", "rsa-sha256", dmarc.ResultPass},
		{"signed-rfc8463.eml", "verify-rfc.zone", "pass pass", "ed25519-sha256 rsa-sha256", dmarc.ResultPass},
		{"signed-opendkim.eml", "verify-signed.zone", "pass", "rsa-sha256", dmarc.ResultPass},
		{"signed-dkimpy.eml", "verify-signed.zone", "pass pass", "ed25519-sha256 rsa-sha256", dmarc.ResultPass},
		{"signed-sha1.eml", "verify-signed.zone", "policy", "rsa-sha1", dmarc.ResultFail},
	} {
		report := judge(t, readZone(t, tt.zone), readMessage(t, tt.message))
		var algorithms []string
		for _, s := range report.DKIM {
			algorithms = append(algorithms, s.Algorithm)
		}
		if got := words(report); got != tt.want || strings.Join(algorithms, " ") != tt.algorithms {
			t.Errorf("%s: got %s by %s, want %s by %s", tt.message, got, algorithms, tt.want, tt.algorithms)
		}
		if got := report.DMARCResult(); got != tt.dmarc {
			t.Errorf("%s: DMARC %s, want %s", tt.message, got, tt.dmarc)
		}
	}
}

// TestChangedMessages changes signed messages where it matters and where not.
func TestChangedMessages(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		message, old, new, want, reason string
	}{
		{"signed-opendkim.eml", "Hello Bob", "Hello Eve", "fail", "body hash did not verify"},
		{"signed-opendkim.eml", "Subject: What is new", "Subject: What is old", "fail", "signature did not verify"},
		{"signed-opendkim.eml", "Subject: What is new in\r\n November", "SUBJECT:  What  is new in November", "pass", ""},
		{"signed-opendkim.eml", "To: bob", "X-New: 1\r\nTo: bob", "pass", ""},
		{"signed-dkimpy.eml", "Hello Bob,\r\n\r\nthere  is", "Hello Bob,\r\n\r\nthere is", "pass fail", "body hash did not verify"},
		{"signed-dkimpy.eml", "\r\nFrom: ", "\r\nFrom: eve@evil.example\r\nFrom: ", "fail fail", "signature did not verify"},
	} {
		message := readMessage(t, tt.message)
		changed := strings.Replace(message, tt.old, tt.new, 1)
		if changed == message {
			t.Fatalf("%s does not have %q", tt.message, tt.old)
		}
		report := judge(t, readZone(t, "verify-signed.zone"), changed)
		last := report.DKIM[len(report.DKIM)-1]
		if got := words(report); got != tt.want || !strings.Contains(last.Reason, tt.reason) {
			t.Errorf("%s with %q: got %s (%s), want %s (%s)", tt.message, tt.new, got, last.Reason, tt.want, tt.reason)
		}
	}
}

// sample is a message without fault.
const sample = "From: Acme <news@acme.example>\r\n" +
	"To: bob@x.example\r\n" +
	"Subject: News\r\n" +
	"Date: Sun, 22 Nov 2026 12:00:00 +0000\r\n" +
	"Message-ID: <1@acme.example>\r\n" +
	"List-Unsubscribe: <https://acme.example/u/1>\r\n" +
	"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" +
	"\r\nHello.\r\n"

// newSigner returns a signer for acme.example and the value of its record.
func newSigner(t testing.TB, kind dkim.Kind) (signer *dkim.Signer, record string) {
	t.Helper()
	key, err := dkim.Generate(kind)
	if err != nil {
		t.Fatal(err)
	}
	signer, err = dkim.NewSigner("acme.example", "s1", key)
	if err != nil {
		t.Fatal(err)
	}
	published, err := signer.Record()
	if err != nil {
		t.Fatal(err)
	}
	return signer, published.Value
}

func sign(t testing.TB, signer *dkim.Signer, message string) string {
	t.Helper()
	field, err := signer.Sign([]byte(message))
	if err != nil {
		t.Fatal(err)
	}
	return string(field) + message
}

// txt writes a TXT record for a zone file.
func txt(name, text string) string {
	var b strings.Builder
	b.WriteString(name + ". TXT")
	for text != "" {
		n := min(len(text), 200)
		b.WriteString(` "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text[:n]) + `"`)
		text = text[n:]
	}
	return b.String() + "\n"
}

const keyName = "s1._domainkey.acme.example"

// TestBrokenKeys names what is wrong with each kind of key.
func TestBrokenKeys(t *testing.T) {
	t.Parallel()
	signer, record := newSigner(t, dkim.Ed25519)
	message := sign(t, signer, sample)
	_, other := newSigner(t, dkim.Ed25519)
	_, p, _ := strings.Cut(record, "p=")
	const short = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKjKT4J8lYPj3ZV8hXKpDQbJAYu6qOCXHbB/7c3VLG6HiMxHXdXzSz6HVzWLzVvQfXDRH6vUUGUYbyrmnNAPgE0CAwEAAQ=="
	const rsa = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
	for _, tt := range []struct {
		name   string
		record []string
		want   verify.DKIMResult
		reason string
	}{
		{"good", []string{record}, verify.DKIMPass, ""},
		{"white space", []string{"v=DKIM1; k=ed25519; p=" + p[:10] + " \t " + p[10:]}, verify.DKIMPass, ""},
		{"beside other texts", []string{record, "some other text"}, verify.DKIMPass, ""},
		{"testing", []string{"v=DKIM1; t=y; k=ed25519; p=" + p}, verify.DKIMPass, "testing mode"},
		{"none", nil, verify.DKIMPermError, "there is no key"},
		{"another", []string{other}, verify.DKIMFail, "signature did not verify"},
		{"several", []string{record, other}, verify.DKIMPermError, "several keys"},
		{"revoked", []string{"v=DKIM1; k=ed25519; p="}, verify.DKIMPermError, "revoked"},
		{"no p", []string{"v=DKIM1; k=ed25519"}, verify.DKIMPermError, "it has no p"},
		{"version", []string{"v=DKIM2; k=ed25519; p=" + p}, verify.DKIMPermError, "v is not DKIM1"},
		{"repeated", []string{"v=DKIM1; k=ed25519; k=ed25519; p=" + p}, verify.DKIMPermError, "the tag k is there twice"},
		{"empty tag", []string{"v=DKIM1;; k=ed25519; p=" + p}, verify.DKIMPermError, "it has an empty tag"},
		{"empty tag at the end", []string{record + "; ;"}, verify.DKIMPermError, "it has an empty tag"},
		{"semicolon at the end", []string{" " + record + " ; "}, verify.DKIMPass, ""},
		{"no equals sign", []string{"v=DKIM1; x; k=ed25519; p=" + p}, verify.DKIMPermError, `"x" is not a tag`},
		{"no name", []string{"v=DKIM1; =x; k=ed25519; p=" + p}, verify.DKIMPermError, `"=x" is a tag without a name`},
		{"type", []string{"v=DKIM1; k=dsa; p=" + p}, verify.DKIMPermError, "neither rsa nor ed25519"},
		{"base64", []string{"v=DKIM1; k=ed25519; p=" + p[:20] + "*" + p[20:]}, verify.DKIMPermError, "p is not base64"},
		{"padding", []string{"v=DKIM1; k=ed25519; p=" + strings.TrimRight(p, "=")}, verify.DKIMPermError, "lacks the ="},
		{"quotes", []string{`"v=DKIM1; k=ed25519; p=` + p + `"`}, verify.DKIMPermError, "quotes"},
		{"pem", []string{"v=DKIM1; k=rsa; p=-----BEGIN PUBLIC KEY-----" + rsa + "-----END PUBLIC KEY-----"}, verify.DKIMPermError, "PEM"},
		{"malformed", []string{"v=DKIM1; k=rsa; p=aGVsbG8="}, verify.DKIMPermError, "p is not a public key"},
		{"asn1", []string{"v=DKIM1; k=ed25519; p=MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}, verify.DKIMPermError, "ASN.1"},
		{"mismatch", []string{"v=DKIM1; k=rsa; p=" + p}, verify.DKIMPermError, "another type"},
		{"short", []string{"v=DKIM1; k=rsa; p=" + short}, verify.DKIMPolicy, "only 512 bits"},
		{"other algorithm", []string{"v=DKIM1; k=rsa; p=" + rsa}, verify.DKIMPermError, "made with ed25519, the key is for rsa"},
		{"hash", []string{"v=DKIM1; h=sha1; k=ed25519; p=" + p}, verify.DKIMPermError, "h does not allow sha256"},
		{"service", []string{"v=DKIM1; s=tlsrpt; k=ed25519; p=" + p}, verify.DKIMPermError, "s does not allow email"},
	} {
		var zone strings.Builder
		for _, text := range tt.record {
			zone.WriteString(txt(keyName, text))
		}
		got := judge(t, zonetest.New(t, zone.String()), message).DKIM[0]
		if got.Result != tt.want || !strings.Contains(got.Reason, tt.reason) || (tt.reason == "") != (got.Reason == "") {
			t.Errorf("%s: got %s (%s), want %s (%s)", tt.name, got.Result, got.Reason, tt.want, tt.reason)
		}
	}
	for _, cause := range []delivery.LookupCause{delivery.CauseTimeout, delivery.CauseServFail, delivery.CauseRefused} {
		report := judge(t, zonetest.New(t, txt(keyName, record)).Fail(cause, keyName), message)
		if got := report.DKIM[0]; got.Result != verify.DKIMTempError || !strings.Contains(got.Reason, string(cause)) {
			t.Errorf("%s: got %s (%s)", cause, got.Result, got.Reason)
		}
		if got := report.Verdict(); got != verify.VerdictUnknown {
			t.Errorf("%s: verdict %s", cause, got)
		}
	}
}

// TestBrokenSignatures changes the tags of a signature that would pass.
func TestBrokenSignatures(t *testing.T) {
	t.Parallel()
	signer, record := newSigner(t, dkim.Ed25519)
	message := sign(t, signer, sample)
	for _, tt := range []struct {
		old, new string
		want     verify.DKIMResult
		reason   string
	}{
		{"v=1", "v=1", verify.DKIMPass, ""},
		{"v=1", "v=2", verify.DKIMNeutral, "version"},
		{"v=1;", "", verify.DKIMNeutral, "no tag v"},
		{"v=1;", "v=1; v=1;", verify.DKIMNeutral, "the tag v is in the signature twice"},
		{"v=1;", "v=1; nonsense;", verify.DKIMNeutral, `"nonsense"`},
		{"a=ed25519-sha256", "a=rsa-sha1", verify.DKIMPolicy, "rsa-sha1"},
		{"a=ed25519-sha256", "a=dsa-sha3", verify.DKIMNeutral, "unknown algorithm"},
		{"a=ed25519-sha256", "a=rsa-sha256", verify.DKIMPermError, "made with rsa"},
		{"c=relaxed/relaxed", "c=nowsp", verify.DKIMNeutral, "canonicalization"},
		{"v=1;", "v=1; q=http/get;", verify.DKIMNeutral, "way"},
		{"v=1;", "v=1; q=dns/txt;", verify.DKIMFail, "signature did not verify"},
		{"v=1;", "v=1; z=Subject:Bob=20b;", verify.DKIMFail, "signature did not verify"},
		{"v=1;", "v=1; i=@evil.example;", verify.DKIMPermError, "not within"},
		{"v=1;", "v=1; l=5;", verify.DKIMPolicy, "beginning of the body"},
		{"v=1;", "v=1; x=1700000000;", verify.DKIMNeutral, "expires before"},
		{"v=1;", "v=1; x=soon;", verify.DKIMNeutral, "not a time"},
		{"From", "Xrom", verify.DKIMPermError, "From is not signed"},
		{"bh=", "bh=*", verify.DKIMNeutral, "bh is not base64"},
		{"s=s1", "s=" + strings.Repeat("x", 70), verify.DKIMPermError, "not a name"},
		{"d=acme.example", "d=other.example", verify.DKIMPermError, "no key"},
	} {
		end := strings.Index(message, "\r\nFrom:")
		field := strings.ReplaceAll(message[:end], tt.old, tt.new)
		if field == message[:end] && tt.old != tt.new {
			t.Fatalf("%q is not in %s", tt.old, field)
		}
		got := judge(t, zonetest.New(t, txt(keyName, record)), field+message[end:]).DKIM[0]
		if got.Result != tt.want || !strings.Contains(got.Reason, tt.reason) {
			t.Errorf("%s: got %s (%s), want %s (%s)", tt.new, got.Result, got.Reason, tt.want, tt.reason)
		}
	}
}

// TestSPFAndDMARC judges a message by where it came from.
func TestSPFAndDMARC(t *testing.T) {
	t.Parallel()
	signer, record := newSigner(t, dkim.Ed25519)
	zone := txt(keyName, record) + txt("acme.example", "v=spf1 ip4:192.0.2.0/24 -all") +
		txt("_dmarc.acme.example", "v=DMARC1; p=reject") + txt("relay.example", "v=spf1 ip4:192.0.2.0/24 -all")
	signed := sign(t, signer, sample)
	for _, tt := range []struct {
		name, message, ip, mailFrom, helo string
		fail                              string
		want                              string // SPF, DMARC and verdict
		findings                          string
	}{
		{"all is well", signed, "192.0.2.1", "news@acme.example", "", "", "pass pass pass", ""},
		{"no client", signed, "", "", "", "", "- pass pass", ""},
		{"bounce", signed, "192.0.2.1", "<>", "acme.example", "", "pass pass pass", ""},
		{"other client", signed, "198.51.100.1", "news@acme.example", "", "", "fail pass pass", "spf-fail dmarc-only-dkim"},
		{"not aligned", sample, "192.0.2.1", "x@relay.example", "", "", "pass fail fail", "dmarc-fail dkim-none unsubscribe-not-signed"},
		{"not signed", sample, "192.0.2.1", "x@acme.example", "", "", "pass pass pass", "dkim-none dmarc-only-spf unsubscribe-not-signed"},
		{"SPF unknown", sample, "192.0.2.1", "x@acme.example", "", "acme.example", "temperror temperror unknown", "spf-temperror dmarc-temperror dkim-none unsubscribe-not-signed"},
		{"key unknown", signed, "192.0.2.1", "x@acme.example", "", keyName, "pass pass unknown", "dkim-temperror unsubscribe-not-signed"},
		{"policy unknown", signed, "192.0.2.1", "x@acme.example", "", "_dmarc.acme.example", "pass temperror unknown", "dmarc-temperror"},
		{"no policy", strings.ReplaceAll(sample, "acme", "relay"), "192.0.2.1", "x@relay.example", "", "", "pass none pass", "dkim-none dmarc-none unsubscribe-not-signed"},
		{"nothing passes", strings.ReplaceAll(sample, "acme", "relay"), "192.0.9.1", "x@relay.example", "", "", "fail none fail", "not-authenticated spf-fail dkim-none dmarc-none unsubscribe-not-signed"},
	} {
		q := verify.Query{Message: []byte(tt.message), MailFrom: tt.mailFrom, Helo: tt.helo, Time: noon()}
		if tt.ip != "" {
			q.IP = netip.MustParseAddr(tt.ip)
		}
		r := zonetest.New(t, zone)
		if tt.fail != "" {
			r.Fail(delivery.CauseServFail, tt.fail)
		}
		report, err := verify.Verify(t.Context(), r, q)
		if err != nil {
			t.Fatal(err)
		}
		spfResult := "-"
		if report.SPF != nil {
			spfResult = string(report.SPF.Status)
		}
		got := spfResult + " " + string(report.DMARCResult()) + " " + string(report.Verdict())
		if got != tt.want || ids(report.Findings) != tt.findings {
			t.Errorf("%s: got %q with %q, want %q with %q", tt.name, got, ids(report.Findings), tt.want, tt.findings)
		}
		for _, f := range report.Findings {
			if f.Severity == verify.SeverityUnknown && f.Fix != "" {
				t.Errorf("%s: %s advises %q", tt.name, f.ID, f.Fix)
			}
		}
	}
}

// A reverse-path that is aligned already is not what keeps SPF from counting.
func TestAdviceOnAlignment(t *testing.T) {
	t.Parallel()
	signer, record := newSigner(t, dkim.Ed25519)
	r := zonetest.New(t, txt(keyName, record)+txt("acme.example", "v=spf1 ip4:192.0.2.0/24 -all")+
		txt("_dmarc.acme.example", "v=DMARC1; p=reject")+txt("relay.example", "v=spf1 ip4:198.51.100.0/24 -all"))
	for mailFrom, want := range map[string]string{"x@acme.example": "mend what keeps SPF from passing", "x@relay.example": "use an address of the From domain"} {
		report, err := verify.Verify(t.Context(), r, verify.Query{
			Message: []byte(sign(t, signer, sample)), IP: netip.MustParseAddr("198.51.100.1"), MailFrom: mailFrom, Time: noon(),
		})
		if err != nil {
			t.Fatal(err)
		}
		last := report.Findings[len(report.Findings)-1]
		if last.ID != "dmarc-only-dkim" || !strings.HasPrefix(last.Fix, want) {
			t.Errorf("%s: %s advises %q", mailFrom, last.ID, last.Fix)
		}
	}
}

// What is advised about a key is what keeps this signature from passing.
func TestAdviceOnKeys(t *testing.T) {
	t.Parallel()
	signer, record := newSigner(t, dkim.Ed25519)
	_, other := newSigner(t, dkim.Ed25519)
	strict := strings.Replace(record, "v=DKIM1;", "v=DKIM1; t=s;", 1)
	for _, tt := range []struct{ zone, identity, want string }{
		{"", "", "publish the key that signs"},
		{txt(keyName, record) + txt(keyName, other), "", "leave one key at " + keyName},
		{txt(keyName, strict), "i=@sub.acme.example; ", "let the signer write i=@acme.example"},
	} {
		message := strings.Replace(sign(t, signer, sample), "v=1;", tt.identity+"v=1;", 1)
		report := judge(t, zonetest.New(t, tt.zone), message)
		if got := report.DKIM[0].Result; got != verify.DKIMPermError {
			t.Errorf("%s: %s", tt.want, got)
		}
		i := slices.IndexFunc(report.Findings, func(f verify.Finding) bool { return f.ID == "dkim-permerror" })
		if i < 0 || !strings.HasPrefix(report.Findings[i].Fix, tt.want) {
			t.Errorf("want %q: %+v", tt.want, report.Findings)
		}
	}
}

// TestUnsubscribeNotSigned tells apart fields that no signature names and a signature
// that names them and does not pass.
func TestUnsubscribeNotSigned(t *testing.T) {
	t.Parallel()
	signer, _ := newSigner(t, dkim.Ed25519)
	for message, want := range map[string]string{sample: "name both fields in h=", sign(t, signer, sample): "both are signed: "} {
		report, err := verify.Verify(t.Context(), zonetest.New(t, ""), verify.Query{Message: []byte(message), Time: noon()})
		if err != nil {
			t.Fatal(err)
		}
		if i := slices.IndexFunc(report.Findings, func(f verify.Finding) bool { return f.ID == "unsubscribe-not-signed" }); i < 0 || !strings.HasPrefix(report.Findings[i].Fix, want) {
			t.Errorf("findings %+v, want the advice %q", report.Findings, want)
		}
	}
}

func ids(findings []verify.Finding) string {
	var names []string
	for _, f := range findings {
		names = append(names, f.ID)
	}
	return strings.Join(names, " ")
}
