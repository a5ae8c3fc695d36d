package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/sink"
	"github.com/mailctl/mailctl/internal/testkit"
)

// TestDoctor begins as a new user does, and takes away one hindrance after the
// other.
func TestDoctor(t *testing.T) {
	relay, err := sink.Start(t.Context(), sink.Options{Login: &sink.Login{User: "me", Password: "secret"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = relay.Close(context.Background()) })
	t.Chdir(t.TempDir())
	via := "smtp://me@" + relay.Addr() + "?tls=none&auth=plaintext"
	begin := []string{"init", "--from", "Acme <news@acme.example>", "--via", via, "--selector", "default"}
	env := testEnvironment(map[string]string{"HOME": t.TempDir()})
	var errors bytes.Buffer
	env.Stderr = &errors
	if code := Run(t.Context(), env, begin); code != exitOK {
		t.Fatal(errors.String())
	}

	examine := func(names *testkit.DNS, password string) (int, map[string]string) {
		env := testEnvironment(map[string]string{"HOME": t.TempDir(), "MAILCTL_PASSWORD": password})
		var stdout bytes.Buffer
		env.Stdout = &stdout
		code := Run(t.Context(), env, []string{"doctor", "--resolver", names.Addr, "--dns-timeout", "1s", "--format", "json"})
		checkOutput(t, stdout.String())
		var said struct {
			Diagnoses []struct{ Area, Status, Message string }
		}
		if err := json.Unmarshal(stdout.Bytes(), &said); err != nil {
			t.Fatalf("%v: %s", err, stdout.String())
		}
		status := map[string]string{}
		for _, d := range said.Diagnoses {
			status[d.Area] = d.Status
		}
		return code, status
	}

	// Nothing is published, and there is no password.
	empty := testkit.NewDNS(t, "acme.example. 300 IN SOA ns.acme.example. h.acme.example. 1 3600 600 86400 300\n")
	code, status := examine(empty, "")
	if code != exitWrong || status["sender"] != "error" || status["dkim"] != "error" || status["way out"] != "error" || status["config"] != "ok" {
		t.Errorf("exit code %d: %v", code, status)
	}

	// The zone holds somebody else's key, and the password is wrong.
	code, status = examine(testkit.NewDNS(t, readmeZone), "wrong")
	if code != exitWrong || status["dkim"] != "error" || status["way out"] != "error" {
		t.Errorf("exit code %d: %v", code, status)
	}

	// All that init told to publish is published.
	records, err := os.ReadFile("records.zone")
	if err != nil {
		t.Fatal(err)
	}
	zone := strings.SplitAfter(readmeZone, "\n")[:4]
	names := testkit.NewDNS(t, strings.Join(zone, "")+string(records))
	code, status = examine(names, "secret")
	if code != exitOK || status["dkim"] != "ok" || status["way out"] != "ok" || status["sender"] == "error" {
		t.Errorf("exit code %d: %v", code, status)
	}
}
