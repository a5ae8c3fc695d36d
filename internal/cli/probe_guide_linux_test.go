package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/sink"
	"github.com/mailctl/mailctl/internal/testkit"
)

// guideZone is what the guide's domain publishes.
const guideZone = `$ORIGIN example.com.
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 60
@ MX 10 mail
mail A 127.79.0.1
`

// TestProbeGuideCommands runs every command of docs/probe.md against servers on
// the usual ports.
func TestProbeGuideCommands(t *testing.T) {
	ca := testkit.NewCA(t)
	config := testkit.ServerTLS(ca.Issue(t, testkit.Cert{Names: []string{"mail.example.com"}, NotAfter: testEnvironment(nil).Now().AddDate(0, 3, 0)}))
	login := &sink.Login{User: "me", Password: "secret"}
	for addr, opt := range map[string]sink.Options{"127.79.0.1:25": {TLS: config}, "127.79.0.1:587": {TLS: config, Login: login}} {
		opt.Listen = addr
		server, err := sink.Start(t.Context(), opt)
		if err != nil {
			t.Skipf("needs to listen at %s: %v", addr, err)
		}
		t.Cleanup(func() { _ = server.Close(context.Background()) })
	}
	farServer{name: "mail.example.com", tls: config, implicit: true}.listen(t, "127.79.0.1:465")
	folder := t.TempDir()
	project, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"ca.pem": string(ca.PEM()), "guide.zone": guideZone, "none": "", "hosts.txt": "example.com\nmail.example.com:587\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(folder)
	run := pageRun{folder: folder, more: strings.Fields("--ca-file ca.pem --zone guide.zone --replay-dns none")}
	for _, block := range readPage(t, filepath.Join(project, "docs", probeGuide)) {
		run.block(t, block)
	}
	if run.commands < 3 {
		t.Errorf("only %d commands found", run.commands)
	}
}
