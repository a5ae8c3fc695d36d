package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit/spfsuite"
)

// TestSPFCorpus runs the test suite of RFC 7208 through the program: a process
// for each test, which asks a name server.
func TestSPFCorpus(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	free := make(chan struct{}, runtime.GOMAXPROCS(0)+2)
	for _, s := range spfsuite.Read(t) {
		server := s.Serve(t)
		for _, test := range s.Tests {
			free <- struct{}{}
			all.Go(func() {
				defer func() { <-free }()
				runSPFTest(t, server.Addr, test)
			})
		}
	}
	all.Wait()
}

// runSPFTest runs one test of the suite.
func runSPFTest(t *testing.T, resolver string, test spfsuite.Test) {
	var got struct{ Schema, Result, Explanation string }
	code, stderr := execJSON(t, &got, "spf", "--resolver", resolver, "--dns-timeout", "1s",
		"--ip="+test.Host, "--mail-from="+test.MailFrom, "--helo="+test.Helo)
	if got.Schema != "mailctl.spf/1" {
		t.Errorf("%s: schema %q\n%s", test.Name, got.Schema, stderr)
		return
	}
	test.Judge(t, got.Result, got.Explanation)
	want := map[string]int{"pass": exitOK, "temperror": exitUnfinished}
	if wanted, ok := want[got.Result]; (ok && code != wanted) || (!ok && code != exitWrong) {
		t.Errorf("%s: %s with exit code %d", test.Name, got.Result, code)
	}
}

// execJSON runs the program with --format json in a process of its own and reads
// what it prints.
func execJSON(t *testing.T, result any, args ...string) (code int, stderr string) {
	t.Helper()
	stdout, code, stderr := execMailctl(t, "", append(args, "--format", "json")...)
	if err := json.Unmarshal([]byte(stdout), result); err != nil {
		t.Errorf("%q: %v\n%s%s", args, err, stdout, stderr)
	}
	return code, stderr
}

// execMailctl runs the program in a process of its own.
func execMailctl(t *testing.T, stdin string, args ...string) (stdout string, code int, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0], args...)
	cmd.Env = []string{asMailctl + "=1", atOnce, "HOME=" + t.TempDir()}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewBufferString(stdin), &out, &errs
	err := cmd.Run()
	checkOutput(t, out.String())
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return out.String(), exit.ExitCode(), errs.String()
	}
	if err != nil {
		t.Errorf("%q: %v", args, err)
	}
	return out.String(), 0, errs.String()
}
