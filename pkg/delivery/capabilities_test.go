package delivery

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseCapabilities(t *testing.T) {
	tests := []struct {
		name, in string
		want     Capabilities
	}{
		{"nothing", "", Capabilities{Keywords: map[string]string{}}},
		{
			"name", "mx.example greets you",
			Capabilities{Name: "mx.example", Keywords: map[string]string{}},
		},
		{
			"all", "mx.example|PIPELINING|8BITMIME|SMTPUTF8|DSN|CHUNKING|STARTTLS|ENHANCEDSTATUSCODES|SIZE 1000|AUTH PLAIN login|LIMITS MAILMAX=5 rcptmax=10 RCPTDOMAINMAX=2 X=1",
			Capabilities{
				Name: "mx.example", Pipelining: true, EightBitMIME: true, SMTPUTF8: true, DSN: true, Chunking: true, StartTLS: true,
				EnhancedCodes: true, Size: 1000, Auth: []string{"PLAIN", "LOGIN"}, Limits: ServerLimits{5, 10, 2},
				Keywords: map[string]string{
					"PIPELINING": "", "8BITMIME": "", "SMTPUTF8": "", "DSN": "", "CHUNKING": "", "STARTTLS": "", "ENHANCEDSTATUSCODES": "",
					"SIZE": "1000", "AUTH": "PLAIN login", "LIMITS": "MAILMAX=5 rcptmax=10 RCPTDOMAINMAX=2 X=1",
				},
			},
		},
		{
			"case", "mx|Pipelining|starttls",
			Capabilities{Name: "mx", Pipelining: true, StartTLS: true, Keywords: map[string]string{"PIPELINING": "", "STARTTLS": ""}},
		},
		{
			"AUTH twice", "mx|AUTH PLAIN LOGIN|AUTH=LOGIN CRAM-MD5",
			Capabilities{Name: "mx", Auth: []string{"PLAIN", "LOGIN", "CRAM-MD5"}, Keywords: map[string]string{"AUTH": "PLAIN LOGIN"}},
		},
		{"SIZE without", "mx|SIZE", Capabilities{Name: "mx", Keywords: map[string]string{"SIZE": ""}}},
		{"SIZE 0", "mx|SIZE 0", Capabilities{Name: "mx", Keywords: map[string]string{"SIZE": "0"}}},
		{"SIZE of words", "mx|SIZE big", Capabilities{Name: "mx", Keywords: map[string]string{"SIZE": "big"}}},
		{"SIZE below zero", "mx|SIZE -1", Capabilities{Name: "mx", Keywords: map[string]string{"SIZE": "-1"}}},
		{"LIMITS of words", "mx|LIMITS MAILMAX=x RCPTMAX", Capabilities{Name: "mx", Keywords: map[string]string{"LIMITS": "MAILMAX=x RCPTMAX"}}},
		{"empty lines", "mx|| |HELP", Capabilities{Name: "mx", Keywords: map[string]string{"HELP": ""}}},
	}
	for _, test := range tests {
		test.want.Extended = true
		var lines []string
		if test.in != "" {
			lines = strings.Split(test.in, "|")
		}
		if diff := cmp.Diff(test.want, parseCapabilities(lines)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func FuzzCapabilities(f *testing.F) {
	for _, seed := range []string{"mx\nSIZE 1000\nAUTH PLAIN", "mx\nAUTH=PLAIN", "mx\nLIMITS MAILMAX=1", "", "\n\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		c := parseCapabilities(strings.Split(in, "\n"))
		// What was understood, said again, is understood the same.
		again := []string{c.Name}
		for keyword, params := range c.Keywords {
			if keyword != strings.ToUpper(keyword) || keyword == "" {
				t.Fatalf("keyword %q", keyword)
			}
			if keyword != "AUTH" && keyword != "LIMITS" && keyword != "SIZE" {
				again = append(again, keyword+" "+params)
			}
		}
		again = append(again, "AUTH "+strings.Join(c.Auth, " "))
		d := parseCapabilities(again)
		if c.Size < 0 || !slices.Equal(c.Auth, d.Auth) || c.Pipelining != d.Pipelining || c.StartTLS != d.StartTLS {
			t.Fatalf("%q is %+v, and then %+v", in, c, d)
		}
	})
}
