package delivery_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
)

const overlayZone = `
$ORIGIN example.com.
$TTL 300
@       SOA   ns hostmaster 1 3600 600 86400 60
@       NS    ns
@       TXT   "new"
@       TXT   "new"
ns      A     192.0.2.53
www     CNAME host.example.org.
inner   CNAME ns
out     CNAME other.example.net.
spin    CNAME spin
*.w     TXT   "wild"
a.b.w   A     192.0.2.1
*.c     CNAME ns
child   NS    ns.child
child   DS    1 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ns.child A    192.0.2.54
old     DNAME example.net.

; only some records of another domain
$ORIGIN example.org.
@       TXT   "fragment"
s1._domainkey TXT "v=DKIM1; p="
*.any   TXT   "some"
`

const behindZone = `
example.com. TXT "old"
gone.example.com. TXT "old"
host.child.example.com. TXT "delegated"
example.org. TXT "old"
example.org. MX 10 mx.example.org.
host.example.org. A 192.0.2.80
other.example.net. A 192.0.2.81
deep.example.net. TXT "from dname"
back.example.net. CNAME ns.example.com.
`

func mustZone(t testing.TB, text string) *delivery.Zone {
	t.Helper()
	z, err := delivery.ParseZone(strings.NewReader(text), "test.zone")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestOverlay(t *testing.T) {
	server := testkit.NewDNS(t, behindZone)
	r := delivery.Overlay(mustZone(t, overlayZone), newClient(t, delivery.ClientOptions{}, server.Addr))
	const zone = "zone test.zone"
	tests := []struct {
		name   string
		qtype  uint16
		status delivery.LookupStatus
		want   []string
		server string
	}{
		{"EXAMPLE.com.", delivery.TypeTXT, delivery.LookupFound, []string{`"new"`}, zone},
		{"example.com", delivery.TypeMX, delivery.LookupNoRecord, nil, zone},
		{"gone.example.com", delivery.TypeTXT, delivery.LookupNoName, nil, zone},
		{"www.example.com", delivery.TypeA, delivery.LookupFound, []string{"192.0.2.80"}, server.Addr},
		{"inner.example.com", delivery.TypeA, delivery.LookupFound, []string{"192.0.2.53"}, zone},
		{"inner.example.com", delivery.TypeCNAME, delivery.LookupFound, []string{"ns.example.com."}, zone},
		{"out.example.com", delivery.TypeA, delivery.LookupFound, []string{"192.0.2.81"}, server.Addr},
		{"spin.example.com", delivery.TypeA, delivery.LookupUnknown, nil, zone},
		{"x.w.example.com", delivery.TypeTXT, delivery.LookupFound, []string{`"wild"`}, zone},
		{"x.y.w.example.com", delivery.TypeTXT, delivery.LookupFound, []string{`"wild"`}, zone},
		{"x.w.example.com", delivery.TypeA, delivery.LookupNoRecord, nil, zone},
		{"b.w.example.com", delivery.TypeTXT, delivery.LookupNoRecord, nil, zone}, // an empty non-terminal (RFC 4592 §2.2.2)
		{"x.b.w.example.com", delivery.TypeTXT, delivery.LookupNoName, nil, zone},
		{"x.c.example.com", delivery.TypeA, delivery.LookupFound, []string{"192.0.2.53"}, zone},
		{"host.child.example.com", delivery.TypeTXT, delivery.LookupFound, []string{`"delegated"`}, server.Addr},
		{"child.example.com", delivery.TypeTXT, delivery.LookupNoRecord, nil, server.Addr},
		{"child.example.com", delivery.TypeDS, delivery.LookupFound, []string{"1 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"}, zone},
		{"deep.old.example.com", delivery.TypeTXT, delivery.LookupFound, []string{`"from dname"`}, server.Addr},
		{"example.org", delivery.TypeTXT, delivery.LookupFound, []string{`"fragment"`}, zone},
		{"example.org", delivery.TypeMX, delivery.LookupFound, []string{"10 mx.example.org."}, server.Addr},
		{"_domainkey.example.org", delivery.TypeTXT, delivery.LookupNoRecord, nil, server.Addr},
		{"s2._domainkey.example.org", delivery.TypeTXT, delivery.LookupNoName, nil, server.Addr},
		{"x.any.example.org", delivery.TypeTXT, delivery.LookupFound, []string{`"some"`}, zone},
		{"back.example.net", delivery.TypeA, delivery.LookupFound, []string{"192.0.2.53"}, zone},
		{"back.example.net", delivery.TypeMX, delivery.LookupNoRecord, nil, zone},
		{"a..b", delivery.TypeMX, delivery.LookupUnknown, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+dns.Type(tt.qtype).String(), func(t *testing.T) {
			a := r.Lookup(t.Context(), tt.name, tt.qtype)
			var got []string
			for _, rr := range a.Records {
				got = append(got, strings.TrimPrefix(rr.String(), rr.Header().String()))
			}
			if a.Status != tt.status || !slices.Equal(got, tt.want) || a.Server != tt.server {
				t.Errorf("got %s %q from %q (%v), want %s %q from %q", a.Status, got, a.Server, a.Err, tt.status, tt.want, tt.server)
			}
		})
	}
}

func TestZoneAlone(t *testing.T) {
	z := mustZone(t, overlayZone)
	if a := z.Lookup(t.Context(), "elsewhere.example", delivery.TypeA); !errors.Is(a.Err, delivery.ErrNotRecorded) || a.Cause != delivery.CauseNotRecorded {
		t.Errorf("outside: got %s, %v", a.Status, a.Err)
	}
	if a := z.Lookup(t.Context(), "gone.example.com", delivery.TypeA); a.Status != delivery.LookupNoName || a.Zone != "example.com" || a.TTL.Seconds() != 60 {
		t.Errorf("inside: got %+v", a)
	}
	if a := mustZone(t, ". 60 SOA . . 1 1 1 1 1\n*. TXT x\n").Lookup(t.Context(), "any.thing", delivery.TypeTXT); !a.Found() {
		t.Errorf("below the root: got %+v", a)
	}
}

func TestMisplacedAliases(t *testing.T) {
	z := mustZone(t, `
a.example. CNAME x.example.
a.example. RRSIG CNAME 13 2 60 20300101000000 20200101000000 1 example. AAAA
b.example. CNAME x.example.
b.example. TXT "b"
b.example. MX 10 x.example.
c.example. CNAME x.example.
c.example. CNAME y.example.
d.example. TXT "d"
`)
	if got := z.Misplaced(); !slices.Equal(got, []string{"b.example", "c.example"}) {
		t.Errorf("got %q", got)
	}
}

func TestParseZoneRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"syntax":   "example.com. TXT \"open\n",
		"type":     "example.com. NONSENSE x\n",
		"include":  "$INCLUDE /etc/passwd\n",
		"relative": "www A 192.0.2.1\n",
		"target":   "example.com. MX 10 mail\n",
		"class":    "example.com. CH TXT x\n",
	} {
		_, err := delivery.ParseZone(strings.NewReader(text), "bad.zone")
		if !errors.Is(err, delivery.ErrBadZone) || !strings.Contains(err.Error(), "bad.zone") {
			t.Errorf("%s: got %v", name, err)
		}
		if (name == "include" || name == "relative" || name == "target") && len(delivery.Hints(err)) == 0 {
			t.Errorf("%s: no hint with %v", name, err)
		}
	}
}

func TestReplayGivesWhatWasRecorded(t *testing.T) {
	server := testkit.NewDNS(t, zoneText())
	server.Authenticate()
	server.Fault("refused.example", 0, testkit.DNSRefused)
	var out bytes.Buffer
	recorder := delivery.RecordTo(&out, newClient(t, delivery.ClientOptions{}, server.Addr))
	questions := []delivery.Question{
		{"example.com", delivery.TypeMX},
		{"example.com", delivery.TypeTXT},
		{"big.example.com", delivery.TypeTXT},
		{"www.example.com", delivery.TypeA},
		{"none.example.com", delivery.TypeA},
		{"Example.com.", delivery.TypeAAAA},
		{"refused.example", delivery.TypeTXT},
		{"_25._tcp.mx1.example.com", delivery.TypeTLSA},
		{"foo:bar/baz qux.example.com", delivery.TypeA},
		{"example.com", 65280},
	}
	var recorded []delivery.Answer
	for _, q := range questions {
		recorded = append(recorded, recorder.Lookup(t.Context(), q.Name, q.Type))
	}
	recorder.Lookup(t.Context(), "example.com", delivery.TypeMX)
	recorder.Lookup(t.Context(), "a..b", delivery.TypeMX)
	if err := recorder.Err(); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "\n"); n != len(questions) {
		t.Errorf("%d lines, want %d:\n%s", n, len(questions), out.String())
	}
	replay, err := delivery.Replay(&out)
	if err != nil {
		t.Fatal(err)
	}
	for i, q := range questions {
		got, want := replay.Lookup(t.Context(), q.Name, q.Type), recorded[i]
		if got.Status != want.Status || got.Cause != want.Cause || got.TTL != want.TTL || got.Secure != want.Secure || got.Server != want.Server ||
			got.Zone != want.Zone || !slices.Equal(got.Lines(), want.Lines()) || !slices.Equal(got.Texts(), want.Texts()) || !slices.Equal(got.Chain, want.Chain) {
			t.Errorf("%v: got %+v, want %+v", q, got, want)
		}
		if want.Err != nil && got.Err.Error() != want.Err.Error() {
			t.Errorf("%v: got %v, want %v", q, got.Err, want.Err)
		}
	}
	if a := replay.Lookup(t.Context(), "new.example", delivery.TypeA); a.Cause != delivery.CauseNotRecorded {
		t.Errorf("not recorded: got %s, %s", a.Status, a.Cause)
	}
	if a := replay.Lookup(t.Context(), "a..b", delivery.TypeA); a.Cause != delivery.CauseInvalidName {
		t.Errorf("invalid: got %s, %s", a.Status, a.Cause)
	}
}

func TestReplayRefuses(t *testing.T) {
	for _, text := range []string{
		"nonsense",
		`{"name":"a..b","type":"A","status":"no-such-name"}`,
		`{"name":"a.example","type":"NONSENSE","status":"no-such-name"}`,
		`{"name":"a.example","type":"A","status":"maybe"}`,
		`{"name":"a.example","type":"A","status":"found"}`,
		`{"name":"a.example","type":"A","status":"found","records":["a.example. TXT x"]}`,
		`{"name":"a.example","type":"A","status":"found","records":["a.example. A x"]}`,
		`{"name":"a.example","type":"A","status":"no-such-name","records":["a.example. A 192.0.2.1"]}`,
	} {
		_, err := delivery.Replay(strings.NewReader("\n" + text + "\n"))
		if !errors.Is(err, delivery.ErrBadRecording) || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

type fullDisk struct{}

var errFull = errors.New("no space left")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestRecorderTellsThatItCannotWrite(t *testing.T) {
	recorder := delivery.RecordTo(fullDisk{}, mustZone(t, overlayZone))
	if a := recorder.Lookup(t.Context(), "example.com", delivery.TypeTXT); !a.Found() {
		t.Errorf("the answer was lost: %+v", a)
	}
	if !errors.Is(recorder.Err(), errFull) {
		t.Errorf("got %v", recorder.Err())
	}
}

// FuzzZone checks that whatever a zone file holds can be asked for, and that an
// answer that was recorded is the same when it is replayed.
func FuzzZone(f *testing.F) {
	f.Add(overlayZone, "www.example.com")
	f.Add(zoneText(), "loop.example.com")
	f.Add("$GENERATE 1-9 a$.example. A 192.0.2.$\n", "a1.example")
	f.Add("*.example. TXT \"\\200\\\\\\\"\"\n", "b\\.c.example")
	f.Add("example. DNAME a.example.\n", "b.example")
	f.Add("www.example. CNAME ", "www.example") // without a target
	f.Fuzz(func(t *testing.T, text, name string) {
		if strings.Contains(text, "$GENERATE") && len(text) > 200 {
			t.Skip("slow")
		}
		z, err := delivery.ParseZone(strings.NewReader(text), "fuzz.zone")
		if err != nil {
			return
		}
		for _, qtype := range []uint16{delivery.TypeTXT, delivery.TypeA, delivery.TypeCNAME, delivery.TypeMX} {
			var out bytes.Buffer
			recorder := delivery.RecordTo(&out, z)
			a := recorder.Lookup(t.Context(), name, qtype)
			if a.Status == "" || a.Unknown() == (a.Err == nil) || a.Found() == (a.Records == nil) {
				t.Fatalf("%q: %+v", name, a)
			}
			if a.Cause == delivery.CauseInvalidName {
				continue
			}
			replay, err := delivery.Replay(&out)
			if err != nil {
				t.Fatalf("%q: %v in\n%s", name, err, out.String())
			}
			if again := replay.Lookup(t.Context(), name, qtype); again.Status != a.Status || !slices.Equal(again.Texts(), a.Texts()) || !slices.Equal(again.MX(), a.MX()) {
				t.Fatalf("%q: %+v became %+v", name, a, again)
			}
		}
	})
}
