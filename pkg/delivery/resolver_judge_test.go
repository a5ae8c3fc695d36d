package delivery

import (
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// message writes an answer: its header flags and code, and the records of its
// sections, separated by lines with "--".
func message(t testing.TB, rcode int, flags, records string) *dns.Msg {
	t.Helper()
	m := new(dns.Msg)
	m.Response, m.Rcode = true, rcode
	m.Authoritative = strings.Contains(flags, "aa")
	m.RecursionAvailable = strings.Contains(flags, "ra")
	m.AuthenticatedData = strings.Contains(flags, "ad")
	section := &m.Answer
	for line := range strings.Lines(records) {
		line = strings.TrimSpace(line)
		if line == "--" {
			section = &m.Ns
			continue
		}
		rr, err := dns.NewRR(line)
		if err != nil {
			t.Fatal(err)
		}
		if rr != nil {
			*section = append(*section, rr)
		}
	}
	return m
}

func TestJudgeMessage(t *testing.T) {
	const soa = "--\nexample. 300 SOA a.example. b.example. 1 1 1 1 900"
	tests := []struct {
		name    string
		rcode   int
		flags   string
		records string
		status  LookupStatus // empty: an alias has to be followed
		cause   LookupCause
		ttl     time.Duration
	}{
		{"found", 0, "ra ad", "a.example. 60 A 192.0.2.1\na.example. 30 A 192.0.2.2", LookupFound, "", 30 * time.Second},
		{"case", 0, "ra", "A.EXAMPLE. 60 A 192.0.2.1", LookupFound, "", time.Minute},
		{"chain in any order", 0, "ra", "c.example. 60 A 192.0.2.1\nb.example. 5 CNAME c.example.\na.example. 60 CNAME b.example.", LookupFound, "", 5 * time.Second},
		{"records of others", 0, "ra", "b.example. 60 A 192.0.2.1\na.example. 60 MX 1 a.example.\n" + soa, LookupNoRecord, "", 300 * time.Second},
		{"nodata", 0, "ra", soa, LookupNoRecord, "", 300 * time.Second},
		{"nodata without soa", 0, "ra", "", LookupNoRecord, "", 0},
		{"nodata with name servers", 0, "aa", "--\nexample. 300 NS a.example.", LookupNoRecord, "", 0},
		{"nxdomain", 3, "ra", soa, LookupNoName, "", 300 * time.Second},
		{"nxdomain behind an alias", 3, "ra", "a.example. 60 CNAME b.example.\n" + soa, LookupNoName, "", 60 * time.Second},
		{"nodata behind an alias", 0, "ra", "a.example. 60 CNAME b.example.\n" + soa, LookupNoRecord, "", 60 * time.Second},
		{"alias to nowhere yet", 0, "aa", "a.example. 60 CNAME b.other.", "", "", 60 * time.Second},
		{"alias to itself", 0, "ra", "a.example. 60 CNAME a.example.", LookupUnknown, CauseAliasLoop, 0},
		{"ttl beyond what there is", 0, "ra", "a.example. 4294967295 A 192.0.2.1", LookupFound, "", 0},
		{"records and nxdomain", 3, "ra", "a.example. 60 A 192.0.2.1", LookupUnknown, CauseMalformed, 0},
		{"soa of another zone", 3, "ra", "--\nother. 300 SOA a.example. b.example. 1 1 1 1 900", LookupUnknown, CauseLame, 0},
		{"referral", 0, "ra", "--\nexample. 300 NS a.example.", LookupUnknown, CauseLame, 0},
		{"not responsible", 0, "", "--\nexample. 300 NS a.example.", LookupUnknown, CauseLame, 0},
		{"nxdomain of nobody", 3, "", "", LookupUnknown, CauseLame, 0},
		{"servfail", 2, "ra", "", LookupUnknown, CauseServFail, 0},
		{"refused", 5, "ra", "", LookupUnknown, CauseRefused, 0},
		{"formerr", 1, "ra", "", LookupUnknown, CauseRcode, 0},
		{"a code of the future", 4000, "ra", "", LookupUnknown, CauseRcode, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := judgeMessage(message(t, tt.rcode, tt.flags, tt.records), "a.example", TypeA)
			if a.Status != tt.status || a.Cause != tt.cause || a.TTL != tt.ttl {
				t.Errorf("got %q, %q, %s (%v); want %q, %q, %s", a.Status, a.Cause, a.TTL, a.Err, tt.status, tt.cause, tt.ttl)
			}
			if a.Secure != strings.Contains(tt.flags, "ad") {
				t.Errorf("secure: %t", a.Secure)
			}
		})
	}
}

func TestExtendedErrors(t *testing.T) {
	tests := []struct {
		code  uint16
		text  string
		cause LookupCause
		want  string
	}{
		{dns.ExtendedErrorCodeDNSBogus, "", CauseBogus, "SERVFAIL (DNSSEC Bogus)"},
		{dns.ExtendedErrorCodeSignatureExpired, "by a day", CauseBogus, `SERVFAIL (Signature Expired "by a day")`},
		{dns.ExtendedErrorCodeNoReachableAuthority, "\x1b[2J", CauseServFail, `SERVFAIL (No Reachable Authority "\x1b[2J")`},
		{60000, strings.Repeat("x", 300), CauseServFail, `SERVFAIL (extended error 60000 "` + strings.Repeat("x", 120) + `")`},
	}
	for _, tt := range tests {
		m := message(t, dns.RcodeServerFailure, "ra", "")
		m.SetEdns0(1232, true)
		m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_EDE{InfoCode: tt.code, ExtraText: tt.text}}
		if a := judgeMessage(m, "a.example", TypeA); a.Cause != tt.cause || a.Err.Error() != tt.want {
			t.Errorf("%d: got %s, %q; want %s, %q", tt.code, a.Cause, a.Err, tt.cause, tt.want)
		}
	}
}

func TestLongChainEnds(t *testing.T) {
	var b strings.Builder
	for i := range 100 {
		b.WriteString(strings.Repeat("a", i%60+1) + strings.Repeat(".a", i/60) + ".example. 60 CNAME " + strings.Repeat("a", (i+1)%60+1) + strings.Repeat(".a", (i+1)/60) + ".example.\n")
	}
	if a := judgeMessage(message(t, 0, "ra", b.String()), "a.example", TypeA); a.Status != "" || len(a.Chain) != maxAliases+1 {
		t.Errorf("got %q with %d aliases", a.Status, len(a.Chain))
	}
}

func TestDNSName(t *testing.T) {
	tests := []struct{ name, want string }{
		{"Example.COM.", "example.com"},
		{".", "."},
		{"_DMARC.bücher.example", "_dmarc.xn--bcher-kva.example"},
		{"a\\b (c).example", "a\\b (c).example"},
		{strings.Repeat("abcdefghi.", 25) + "abc", strings.Repeat("abcdefghi.", 25) + "abc"},
	}
	for _, tt := range tests {
		got, err := DNSName(tt.name)
		if err != nil || got != tt.want {
			t.Errorf("%q: got %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
}

// FuzzDNSName checks that a name survives the way to miekg/dns, over the wire
// and back.
func FuzzDNSName(f *testing.F) {
	for _, seed := range []string{"example.com", "a\\b.c", "\x00.\x7f", "bücher.example", "x y.example", `"quoted".example`, "*.a", "\\046.a", "a\\.b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		ascii, err := DNSName(name)
		if err != nil {
			return
		}
		if again, err := DNSName(ascii); err != nil || again != ascii {
			t.Fatalf("%q became %q, and then %q, %v", name, ascii, again, err)
		}
		packed, err := newQuery(ascii, TypeA, queryPlain).Pack()
		if err != nil {
			t.Fatalf("%q: %v", ascii, err)
		}
		m := new(dns.Msg)
		if err := m.Unpack(packed); err != nil || plainName(m.Question[0].Name) != ascii {
			t.Fatalf("%q came back as %q, %v", ascii, m.Question[0].Name, err)
		}
	})
}

// FuzzReadAnswer reads datagrams of anybody: one that is accepted belongs to the
// question, and what it says holds together.
func FuzzReadAnswer(f *testing.F) {
	query := newQuery("a.example", TypeTXT, queryPlain)
	query.Id = 1
	for _, records := range []string{
		"a.example. 60 TXT \"x\" \"y\"", "a.example. 60 CNAME b.example.\n--\nexample. 60 SOA a. b. 1 1 1 1 1", "", "a.example. 1 CNAME a.example.",
	} {
		m := message(f, 0, "ra", records)
		m.Id, m.Question = 1, query.Question
		m.SetEdns0(1232, true)
		packed, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed)
	}
	f.Fuzz(func(t *testing.T, packed []byte) {
		m, err := readAnswer(query, packed)
		if err != nil {
			return
		}
		if m.Id != query.Id || !m.Response {
			t.Fatalf("accepted %v", m)
		}
		a := judgeMessage(m, "a.example", TypeTXT)
		if a.Found() != (a.Records != nil) || a.Unknown() != (a.Err != nil) || a.Unknown() != (a.Cause != "") || a.TTL < 0 {
			t.Fatalf("%+v of %v", a, m)
		}
		for _, text := range a.Texts() {
			if len(text) > dns.MaxMsgSize {
				t.Fatalf("a text of %d octets", len(text))
			}
		}
	})
}
