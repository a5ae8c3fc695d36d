package check_test

import (
	"strings"
	"testing"
)

// Where there are several records and one is allowed, a valid one is kept.
func TestKeptRecords(t *testing.T) {
	for _, test := range []struct{ edits, id, want string }{
		{
			dmarc1("v=DMARC1; p=rejct; rua=foo") + "_dmarc.example.com. TXT \"v=DMARC1; p=none\"\n", "dmarc-several-records",
			`_dmarc.example.com. IN TXT "v=DMARC1; p=none"`,
		},
		{
			dmarc1("v=DMARC1; p=rejct; rua=foo") + "_dmarc.example.com. TXT \"v=DMARC1; p=reject; rua=foo\"\n", "dmarc-several-records",
			"write one record in place of these, such as v=DMARC1; p=none; rua=mailto:dmarc-reports@example.com",
		},
		{dmarc1("p=rejct; v=DMARC1"), "dmarc-not-a-record", `_dmarc.example.com. IN TXT "v=DMARC1; p=reject"`},
		{dmarc1("p=reject; v=DMARC1; rua=foo"), "dmarc-not-a-record", `_dmarc.example.com. IN TXT "v=DMARC1; p=none; rua=mailto:dmarc-reports@example.com"`},
		{
			"- _mta-sts.example.com TXT\n_mta-sts.example.com. TXT \"v=STSv1; id=2-3\"\n_mta-sts.example.com. TXT \"v=STSv1; id=4\"\n", "mtasts-several-records",
			`_mta-sts.example.com. IN TXT "v=STSv1; id=4;"`,
		},
		{
			"- _smtp._tls.example.com TXT\n_smtp._tls.example.com. TXT \"v=TLSRPTv1; rua=x\"\n_smtp._tls.example.com. TXT \"v=TLSRPTv1; rua=mailto:x@example.com\"\n", "tlsrpt-several-records",
			`_smtp._tls.example.com. IN TXT "v=TLSRPTv1; rua=mailto:x@example.com"`,
		},
		{
			"default._bimi.example.com. TXT \"v=BIMI1; l=http://example.com/a.svg\"\ndefault._bimi.example.com. TXT \"v=BIMI1; l=https://example.com/a.svg\"\n", "bimi-several-records",
			`default._bimi.example.com. IN TXT "v=BIMI1; l=https://example.com/a.svg"`,
		},
		{key1("v=DKIM1; p=%%%") + "s1._domainkey.example.com. TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n", "dkim-several-records", "v=DKIM1; k=ed25519"},
		{key1("v=DKIM1; p=%%%") + "s1._domainkey.example.com. TXT \"v=DKIM1; p=!\"\n", "dkim-several-records", "`mailctl dkim keygen"},
	} {
		if fix := finding(newWorld(t, fault{edits: test.edits}).check(), test.id).Fix; !strings.HasPrefix(fix, test.want) && (test.id[:4] != "dkim" || !strings.Contains(fix, test.want)) {
			t.Errorf("%s: %q, want %q", test.id, fix, test.want)
		}
	}
}
