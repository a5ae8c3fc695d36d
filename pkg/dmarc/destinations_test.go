package dmarc

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/taglist"
)

// RFC 9990 §4.
func TestDestinations(t *testing.T) {
	const host = "red.example.net"
	const name = "blue.example.com._report._dmarc.red.example.net"
	long := strings.Repeat(strings.Repeat("a", 49)+".", 4) + "example"
	tests := []struct {
		name, uri, zone string
		fail            string
		relation        Relation
		want            Authorization
		override        int
		foreign         bool
	}{
		{"nothing there", "mailto:r@" + host, "", "", External, NotAuthorized, 0, false},
		{"v=DMARC1", "mailto:r@" + host, name + ` TXT "v=DMARC1"`, "", External, Authorized, 0, false},
		{"v=DMARC1;", "mailto:r@" + host, name + ` TXT "v=DMARC1;"`, "", External, Authorized, 0, false},
		{"v = DMARC1 ;", "mailto:r@" + host, name + ` TXT "v = DMARC1 ; "`, "", External, Authorized, 0, false},
		{"wrong case", "mailto:r@" + host, name + ` TXT "v=dmarc1"`, "", External, NotAuthorized, 0, false},
		{"something else", "mailto:r@" + host, name + ` TXT "v=spf1 -all"`, "", External, NotAuthorized, 0, false},
		{"several records, one of them good", "mailto:r@" + host, name + " TXT \"x\"\n" + name + " TXT \"v=DMARC1\"\n" + name + ` TXT "v=DMARC1;"`, "", External, Authorized, 0, false},
		{"a wildcard", "mailto:r@" + host, `*._report._dmarc.red.example.net TXT "v=DMARC1"`, "", External, Authorized, 0, false},
		{"an alias", "mailto:r@" + host, name + " CNAME ok.example.org\n" + `ok.example.org TXT "v=DMARC1;"`, "", External, Authorized, 0, false},
		{"a wildcard alias", "mailto:r@" + host, "*._report._dmarc.red.example.net CNAME ok.example.org\n" + `ok.example.org TXT "v=DMARC1;"`, "", External, Authorized, 0, false},
		{"an alias that leads nowhere", "mailto:r@" + host, name + " CNAME ok.example.org", "", External, NotAuthorized, 0, false},
		{"a failed look-up", "mailto:r@" + host, "", name, External, AuthorizationUnknown, 0, false},
		{"the wrong base domain", "mailto:r@" + host, `example.com._report._dmarc.red.example.net TXT "v=DMARC1"`, "", External, NotAuthorized, 0, false},
		{"an override", "mailto:r@" + host, name + ` TXT "v=DMARC1; rua=mailto:x@red.example.net"`, "", External, Authorized, 1, false},
		{"an override elsewhere", "mailto:r@" + host, name + ` TXT "v=DMARC1; rua=mailto:x@example.net"`, "", External, Authorized, 1, true},
		{"https", "https://" + host + "/r", name + ` TXT "v=DMARC1"`, "", External, Authorized, 0, false},
		{"the same domain", "mailto:r@blue.example.com", "", "", SameOrganization, NotNeeded, 0, false},
		{"the organizational domain", "mailto:r@example.com", "", "", SameOrganization, NotNeeded, 0, false},
		{"a sister domain", "mailto:r@green.example.com", "", "", SameOrganization, NotNeeded, 0, false},
		{"a sister with psd=n", "mailto:r@own.example.com", `_dmarc.own.example.com TXT "v=DMARC1; p=none; psd=n"`, "", External, NotAuthorized, 0, false},
		{"a sister whose walk fails", "mailto:r@green.example.com", "", "_dmarc.green.example.com", RelationUnknown, NotAuthorized, 0, false},
		{"no host", "mailto:r", "", "", "", NotAsked, 0, false},
		{"no URI", "r@" + host, "", "", "", NotAsked, 0, false},
		{"a name that is too long (step 4)", "mailto:r@" + long + ".xx.example.org", "", "", External, NameTooLong, 0, false},
	}
	for _, test := range tests {
		zone := fmt.Sprintf("_dmarc.blue.example.com TXT \"v=DMARC1; p=none; rua=\" \"%s\"\n_dmarc.example.com TXT \"v=DMARC1; p=none\"\n", test.uri)
		r := zonetest.New(t, zone+test.zone).Fail(delivery.CauseTimeout, test.fail)
		got := Destinations(t.Context(), r, discover(t, r, "blue.example.com"))
		if len(got) != 1 {
			t.Errorf("%s: %d destinations", test.name, len(got))
			continue
		}
		d := got[0]
		if d.Tag != "rua" || d.Relation != test.relation || d.Authorization != test.want || len(d.Override) != test.override || d.Foreign != test.foreign {
			t.Errorf("%s: %q, %q, %d overrides, foreign %v", test.name, d.Relation, d.Authorization, len(d.Override), d.Foreign)
		}
	}
}

func TestDestinationsOutside(t *testing.T) {
	// A host outside of the organization needs no tree walk, and each is asked once.
	r := zonetest.New(t, `_dmarc.example.com TXT "v=DMARC1; p=none; rua=mailto:a@x.example.net,mailto:b@x.example.net; ruf=mailto:c@x.example.net"`)
	d := discover(t, r, "example.com")
	r.Questions()
	if got := Destinations(t.Context(), r, d); len(got) != 3 || got[2].Tag != "ruf" {
		t.Errorf("%+v", got)
	}
	if asked := r.Names(); len(asked) != 1 || asked[0] != "example.com._report._dmarc.x.example.net" {
		t.Errorf("asked %v", asked)
	}

	// The reports of a PSD about the domains below it go to its own mailbox.
	r = zonetest.New(t, `_dmarc.bank.example TXT "v=DMARC1; p=none; psd=y; rua=mailto:a@bank.example,mailto:a@giant.bank.example"`)
	got := Destinations(t.Context(), r, discover(t, r, "giant.bank.example"))
	if got[0].Authorization != NotNeeded || got[1].Authorization != NotAuthorized || got[1].Relation != External {
		t.Errorf("%+v", got)
	}

	// Many hosts are not all asked.
	var uris []string
	for i := range 40 {
		uris = append(uris, fmt.Sprintf("mailto:a@x%d.example.net", i))
	}
	record := &Record{}
	record.Aggregate = (&Record{}).readURIs(taglist.Parse("rua=" + strings.Join(uris, ","))[0])
	got = Destinations(t.Context(), r, &Discovery{Record: record, RecordDomain: "example.com", Walk: &Walk{OrganizationalDomain: "example.com"}})
	if got[19].Authorization != NotAuthorized || got[20].Authorization != NotAsked {
		t.Errorf("20th %s, 21st %s", got[19].Authorization, got[20].Authorization)
	}
	if Destinations(t.Context(), r, &Discovery{}) != nil {
		t.Error("destinations without a record")
	}
}
