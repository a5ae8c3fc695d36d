package tlsscan

import (
	"crypto/tls"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
)

// TestSuites holds the registry to its own form and to what crypto/tls knows.
func TestSuites(t *testing.T) {
	table := suites()
	if lines := strings.Count(suitesFile, "\n"); len(table.offer) != lines || len(table.byID) != lines {
		t.Errorf("%d suites and %d identifiers in %d lines", len(table.offer), len(table.byID), lines)
	}
	names := map[string]bool{}
	for id, c := range table.byID {
		if names[c.Name] || !strings.HasPrefix(c.Name, "TLS_") || strings.Contains(c.Name, "SCSV") {
			t.Errorf("%04X is %q", id, c.Name)
		}
		names[c.Name] = true
	}
	for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		if got := cipherOf(suite.ID).Name; got != suite.Name {
			t.Errorf("%04X is %q, and %q to crypto/tls", suite.ID, got, suite.Name)
		}
		for _, v := range Versions()[1:] {
			if want := slices.Contains(suite.SupportedVersions, uint16(v)); want && !slices.Contains(suitesOf(v), suite.ID) {
				t.Errorf("%s is not offered in %s", suite.Name, v)
			}
		}
	}
	for _, insecure := range tls.InsecureCipherSuites() {
		if cipherOf(insecure.ID).Strength == Strong {
			t.Errorf("%s is insecure to crypto/tls", insecure.Name)
		}
	}
}

// TestChunks puts what servers speak into the first list of few suites.
func TestChunks(t *testing.T) {
	first := chunks(suitesOf(TLSv12))[0]
	for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		if slices.Contains(suite.SupportedVersions, tls.VersionTLS12) && !slices.Contains(first, suite.ID) {
			t.Errorf("%s comes late", suite.Name)
		}
	}
	if best := cipherOf(first[0]); best.Name != "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384" {
		t.Errorf("%s comes first", best.Name)
	}
}

// TestOpenSSLNames holds OpenSSL's names and numbers to what openssl says.
func TestOpenSSLNames(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), testkit.Program(t, "openssl"), "ciphers", "-V", "ALL:COMPLEMENTOFALL:@SECLEVEL=0").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) < 100 {
		t.Fatalf("openssl knows %d suites", len(lines))
	}
	for _, line := range lines {
		fields := strings.Fields(line) // 0x13,0x02 - TLS_AES_256_GCM_SHA384 TLSv1.3 ...
		id, err := strconv.ParseUint(strings.ReplaceAll(fields[0], ",0x", "")[2:], 16, 16)
		if err != nil {
			t.Fatal(err)
		}
		if got := cipherOf(uint16(id)).OpenSSL; got != fields[2] {
			t.Errorf("%04X is %q, and %q to openssl", id, got, fields[2])
		}
		for _, v := range Versions() {
			if v.String() == fields[3] && !slices.Contains(suitesOf(v), uint16(id)) {
				t.Errorf("%s is not offered in %s", fields[2], v)
			}
		}
	}
}
