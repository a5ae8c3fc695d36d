package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
)

// unsigned is a message to sign.
const unsigned = "From: Acme <news@acme.example>\r\nTo: bob@x.example\r\nSubject: What is  new\r\n\tin November\r\n" +
	"Date: Sun, 22 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@acme.example>\r\n" +
	"List-Unsubscribe: <https://acme.example/u/1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\n" +
	"Hello  Bob, \r\n\r\nbye\r\n\r\n"

// keygenResult is what mailctl dkim keygen says in JSON.
type keygenResult struct{ Name, Value, Zone string }

// TestOpenDKIM makes keys with mailctl, and lets mailctl and OpenDKIM verify what
// the other one signed with them.
func TestOpenDKIM(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	var zone strings.Builder
	zone.WriteString("$ORIGIN .\n$TTL 300\n@ SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 60\n")
	records := map[string]string{}
	algorithms := map[string]string{"rsa2048": "rsa-sha256", "ed25519": "ed25519-sha256"}
	sign := []string{"dkim", "sign", "--domain", "acme.example"}
	for kind := range algorithms {
		var key keygenResult
		file := filepath.Join(folder, kind)
		execJSON(t, &key, "dkim", "keygen", "--domain", "acme.example", "--selector", kind, "--key", file, "--type", kind)
		zone.WriteString(key.Zone)
		records[key.Name] = key.Value
		sign = append(sign, "--selector", kind, "--key", file)
	}
	zoneFile := filepath.Join(folder, "zone")
	if err := os.WriteFile(zoneFile, []byte(zone.String()), 0o600); err != nil {
		t.Fatal(err)
	}

	signed, code, stderr := execMailctl(t, unsigned, sign...)
	results := testkit.VerifyByOpenDKIM(t, records, signed)
	if code != exitOK || strings.Count(signed, "DKIM-Signature:") != 2 || strings.Count(results, "dkim=pass") != 2 {
		t.Errorf("OpenDKIM says %q about (%d) %s%s", results, code, signed, stderr)
	}
	if results := testkit.VerifyByOpenDKIM(t, records, signed+"more\r\n"); strings.Contains(results, "dkim=pass") {
		t.Errorf("OpenDKIM says %q about a changed message", results)
	}

	for kind, algorithm := range algorithms {
		key := testkit.DKIMKey{
			Domain: "acme.example", Selector: kind, File: filepath.Join(folder, kind),
			Algorithm: algorithm, Canonicalization: "relaxed/simple",
		}
		signed := testkit.SignByOpenDKIM(t, key, unsigned)
		for message, want := range map[string]string{signed: "pass", signed + "more\r\n": "fail"} {
			if got := verifiedDKIM(t, zoneFile, message); got != algorithm+" "+want {
				t.Errorf("%s, want %s %s: %s", got, algorithm, want, message)
			}
		}
	}
}

// verifiedDKIM is algorithm and result of a message's only signature, as mailctl
// verify says.
func verifiedDKIM(t *testing.T, zoneFile, message string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "message.eml")
	if err := os.WriteFile(file, []byte(message), 0o600); err != nil {
		t.Fatal(err)
	}
	var report struct {
		DKIM []struct{ Algorithm, Result string }
	}
	execJSON(t, &report, "verify", file, "--zone", zoneFile)
	if len(report.DKIM) != 1 {
		t.Fatalf("%d signatures", len(report.DKIM))
	}
	return report.DKIM[0].Algorithm + " " + report.DKIM[0].Result
}
