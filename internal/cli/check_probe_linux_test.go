package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/check"
)

// liveZone is a domain whose mail server, at the address given, should be
// mx.DOMAIN and has one TLSA record.
func liveZone(addr, record string) string {
	return "@ SOA ns.test. hostmaster.test. 1 3600 600 86400 60\n@ NS ns.test.\n@ MX 10 mx\nmx A " + addr +
		"\n_25._tcp.mx TLSA " + record + "\n_mta-sts TXT \"v=STSv1; id=1\"\nmta-sts A 127.78.0.1\n"
}

// TestCheckProbe checks domains under DNSSEC with an MTA-STS policy and live mail
// servers, in a process that trusts the test's authority as the system's.
func TestCheckProbe(t *testing.T) {
	ca := testkit.NewCA(t)
	good, old := ca.Valid(t, "mx.good.test"), ca.Expired(t, "mx.stale.test")
	farServer{name: "mx.good.test", tls: testkit.ServerTLS(good)}.listen(t, "127.78.0.2:25")
	farServer{name: "localhost", tls: testkit.ServerTLS(old)}.listen(t, "127.78.0.3:25")
	servePolicy(t, "127.78.0.1:443", ca)
	zones := []testkit.Zone{{Origin: "good.test.", Text: liveZone("127.78.0.2", tlsaRecord(3, 1, 1, good.Leaf))}, {Origin: "stale.test.", Text: liveZone("127.78.0.3", tlsaRecord(3, 1, 1, good.Leaf))}}
	var root strings.Builder
	root.WriteString("@ SOA ns.test. hostmaster.test. 1 3600 600 86400 60\n@ NS ns.test.\nns.test. A 127.0.0.1\n")
	for i := range zones {
		var ds string
		origin := zones[i].Origin
		zones[i], ds = zones[i].Signed(t)
		root.WriteString(origin + " NS ns.test.\n" + ds + "\n")
	}
	top, anchor := testkit.Zone{Origin: ".", Text: root.String()}.Signed(t)
	resolver := testkit.Unbound(t, testkit.NSD(t, append(zones, top)...), anchor)
	folder := t.TempDir()
	for name, content := range map[string]string{
		"ca.pem": string(ca.PEM()),
		// Unbound itself says what there is below 127.in-addr.arpa.
		"reverse.zone": "$ORIGIN 0.78.127.in-addr.arpa.\n@ 60 SOA ns.test. hostmaster.test. 1 3600 600 86400 60\n2 60 PTR mx.good.test.\n3 60 PTR mx.stale.test.\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(code int, domain string) []string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), os.Args[0], "check", domain, "--probe", "--only", "mx,dane,mtasts",
			"--resolver", resolver, "--zone", "reverse.zone", "--format", "json")
		cmd.Dir = folder
		cmd.Env = []string{asMailctl + "=1", atOnce, "HOME=" + folder, "SSL_CERT_FILE=" + filepath.Join(folder, "ca.pem"), "SSL_CERT_DIR=" + folder}
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		_ = cmd.Run() // its code is looked at below
		if got := cmd.ProcessState.ExitCode(); got != code {
			t.Errorf("%s: exit code %d\n%s%s", domain, got, stdout.Bytes(), stderr.Bytes())
		}
		checkOutput(t, stdout.String())
		var report check.Report
		if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, f := range report.Domains[0].Findings {
			ids = append(ids, f.ID+" "+string(f.Severity))
		}
		if report.Domains[0].Records[liveRecords] == nil {
			t.Errorf("%s: no live records", domain)
		}
		return ids
	}
	// Addresses of loopback are not for mail servers: an error in both.
	ids := run(exitWrong, "good.test")
	want := []string{
		"mx-private-address error", "dane-rollover warning", "dane-single-record notice", "cert-expires-soon warning",
		"dane-live-verified ok", "mtasts-live-verified ok", "mtasts-ok ok",
	}
	compareIDs(t, want, ids)
	ids = run(exitWrong, "stale.test")
	want = []string{
		"mx-private-address error", "smtp-ptr-name notice", "cert-expired warning", "dane-live-mismatch error",
		"dane-single-record notice", "mtasts-live-certificate error",
	}
	compareIDs(t, want, ids)
}

// compareIDs compares findings about mail servers and their certificates.
func compareIDs(t *testing.T, want, got []string) {
	t.Helper()
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// servePolicy serves the policy of every domain that asks: its mail server is
// mx.DOMAIN.
func servePolicy(t *testing.T, addr string, ca *testkit.CA) {
	t.Helper()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		t.Skipf("needs to listen at %s: %v", addr, err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprintf(w, "version: STSv1\r\nmode: enforce\r\nmx: mx.%s\r\nmax_age: 604800\r\n", r.Host[len("mta-sts."):])
	}))
	server.Listener = listener
	server.TLS = testkit.ServerTLS(ca.Valid(t, "mta-sts.good.test", "mta-sts.stale.test"))
	server.StartTLS()
	t.Cleanup(server.Close)
}
