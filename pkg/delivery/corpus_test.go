package delivery

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A fieldReply is one reply of the field manual, a collection of what mailbox
// providers and filters answer. It is read where it is, and scored.
type fieldReply struct {
	code     int // as the text says it
	listed   int // the code it is listed under
	enhanced string
	provider string
	domain   string // one of the provider's, or a server of the filter's
	text     string
}

const fieldManual = "../../../shared/corpora/field-manual/data"

// readFieldManual returns all replies, or skips the test.
func readFieldManual(t *testing.T) []fieldReply {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(fieldManual, "codes", "*.json"))
	if err != nil || len(files) == 0 {
		t.Skip("there is no " + fieldManual)
	}
	domains := fieldDomains(t)
	var replies []fieldReply
	for _, file := range files {
		var page struct {
			Reply     int         `json:"reply"`
			Providers []fieldList `json:"providers"`
			Filters   []fieldList `json:"spamFilters"`
		}
		readJSONFile(t, file, &page)
		for _, list := range append(page.Providers, page.Filters...) {
			for _, r := range list.Responses {
				domain := domains[list.ID]
				if host, ok := fieldHosts[list.ID]; ok {
					domain = host
				}
				replies = append(replies, fieldReply{
					code: spokenCode(r.Response), listed: page.Reply, enhanced: spokenEnhanced(r.Response),
					provider: list.ID, domain: domain, text: r.Response,
				})
			}
		}
	}
	return replies
}

type fieldList struct {
	ID        string `json:"id"`
	Responses []struct {
		Response string `json:"response"`
	} `json:"responses"`
}

func fieldDomains(t *testing.T) map[string]string {
	t.Helper()
	var providers []struct {
		ID      string   `json:"id"`
		Domains []string `json:"domains"`
	}
	readJSONFile(t, filepath.Join(fieldManual, "EmailProviders.json"), &providers)
	domains := map[string]string{}
	for _, p := range providers {
		if len(p.Domains) > 0 {
			domains[p.ID] = p.Domains[0]
		}
	}
	return domains
}

func readJSONFile(t *testing.T, path string, value any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, value); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

var (
	codePattern     = regexp.MustCompile(`(?:^|[;:\s>])([245]\d\d)(?:[- ]|$)`)
	enhancedPattern = regexp.MustCompile(`(?:^|[\s#(,-])([245]\.[0-7]\.\d{1,3})(?:[\s),]|$)`)
)

// spokenCode is the basic code that a reply holds, 0 when it holds none.
func spokenCode(text string) int {
	if m := codePattern.FindStringSubmatch(text); m != nil {
		code, err := strconv.Atoi(m[1])
		if err == nil {
			return code
		}
	}
	return 0
}

// spokenEnhanced is the enhanced code that a reply holds.
func spokenEnhanced(text string) string {
	if m := enhancedPattern.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// sameProvider are the names the manual has for whom we call otherwise.
var sameProvider = map[string]string{
	"google": "gmail", "exchangeonline": "outlook", "mailru": "mail.ru", "protonmail": "proton", "webde": "gmx",
	"emailsecuritycloud": "symantec",
}

// fieldHosts are servers of those for whom the manual has no domain, by its names.
var fieldHosts = map[string]string{
	"mimecast": "us-smtp-inbound-1.mimecast.com", "proofpoint": "mx1.us.ppe-hosted.com", "barracuda": "d1.a.ess.barracudanetworks.com",
	"trendmicro": "in.hes.trendmicro.com", "exchangeonline": "acme-example.mail.protection.outlook.com",
	"emailsecuritycloud": "cluster1.us.messagelabs.com", "fireeye": "primary.us.email.fireeyecloud.com", "zerospam": "mx1.zerospam.ca", "infomaniak": "mta-gw.infomaniak.ch", "rambler": "mxs.rambler.ru", "gmx": "mx00.gmx.net",
	"webde": "mx-ha02.web.de", "free": "mx1.free.fr", "protonmail": "mail.protonmail.ch", "improvmx": "mx1.improvmx.com",
	"hostpoint": "mx1.mail.hostpoint.ch",
}

// TestFieldManual scores the field manual. Many of its replies are words that
// everybody uses ("550 5.1.1 User unknown"), so that who gave them shows only with
// the name of the server or the recipient's domain.
func TestFieldManual(t *testing.T) {
	replies := readFieldManual(t)
	var codes, enhanced, named, hosted, wrong int
	for _, r := range replies {
		quote, err := ParseQuote(r.text)
		if quote.Reply.Code == r.code {
			codes++
		} else {
			t.Logf("code %d, want %d (%v): %s", quote.Reply.Code, r.code, err, r.text)
		}
		if quote.Reply.Enhanced.String() == r.enhanced {
			enhanced++
		} else {
			t.Logf("enhanced %s, want %s: %s", quote.Reply.Enhanced, r.enhanced, r.text)
		}
		want := r.provider
		if other, ok := sameProvider[want]; ok {
			want = other
		}
		v := ClassifyFrom(quote.Reply, quote.Stage, quote.Host)
		switch v.Provider {
		case want:
			named++
		case "":
		default:
			wrong++
			t.Logf("provider %s, want %s: %s", v.Provider, want, r.text)
		}
		if ClassifyFrom(quote.Reply, quote.Stage, r.domain).Provider == want {
			hosted++
		} else {
			t.Logf("with %q not %s: %s", r.domain, want, r.text)
		}
		t.Logf("%-3d %-8s %-24s %-5s %-14s %-10s %-12s %-12s %.2f  %s", quote.Reply.Code, quote.Reply.Enhanced, v.Reason, v.Bounce, v.Action, v.Provider, r.provider, quote.Stage, v.Confidence, strings.TrimSpace(r.text))
	}
	n := len(replies)
	t.Logf("of %d: code %d, enhanced %d, provider by the words alone %d (another %d), with a domain %d", n, codes, enhanced, named, wrong, hosted)
	if codes < n || enhanced*100 < n*99 {
		t.Error("the codes are not read as they should be")
	}
	if hosted*100 < n*95 || named*100 < n*75 || wrong*100 > n {
		t.Error("the providers are not told as they should be")
	}
}
