package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mailctl/mailctl/internal/sink"
)

// asMailctl makes the test binary run as mailctl, for tests that need a process
// of its own.
const asMailctl = "MAILCTL_TEST_RUN"

// atOnce keeps the race detector from waiting a second at the end of each such
// process.
const atOnce = "GORACE=atexit_sleep_ms=0"

func TestMain(m *testing.M) {
	if os.Getenv(asMailctl) != "" {
		os.Exit(runMailctl())
	}
	testscript.Main(judgedTests{m}, map[string]func(){
		"mailctl": func() { os.Exit(runMailctl()) },
	})
}

// runMailctl does what the program's main function does.
func runMailctl() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	env := OSEnvironment()
	env.Environ = func() []string {
		return slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "MAILCTL_TEST_") })
	}
	if _, terminal := env.Terminal(env.Stdout); terminal || os.Getenv(schemaJudged) == "" {
		return Run(ctx, env, os.Args[1:])
	}
	out := &keptOutput{Writer: env.Stdout}
	env.Stdout = out
	code := Run(ctx, env, os.Args[1:])
	if err := judgeOutput(out.kept.Bytes()); err != nil {
		note("wrong", fmt.Sprintf("mailctl %q: %v", os.Args[1:], err))
	}
	return code
}

// TestScripts runs the scripts that show what the command line promises. Each
// has a home of its own and the folder of the project's test data as $DATA.
func TestScripts(t *testing.T) {
	data, err := filepath.Abs("../../testdata")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join(data, "script"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("DATA", data)
			env.Vars = append(env.Vars, atOnce)
			env.Setenv(schemaJudged, "1")
			env.Setenv(schemaFolder, os.Getenv(schemaFolder))
			env.Setenv(schemaNotes, os.Getenv(schemaNotes))
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, ".state"))
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, ".config"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"server": startServer, "for-each-format": checkEachFormat, "schema": checkFiles,
		},
	})
}

// startServer is the script command
//
//	server PERSONALITY [FOLDER]
//
// which starts a local SMTP server, sets $SMTP to its address and keeps what it
// gets in FOLDER.
func startServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: server PERSONALITY [FOLDER]")
	}
	personality, err := sink.ParsePersonality(args[0], func(name string) ([]byte, error) {
		return os.ReadFile(ts.MkAbs(name))
	})
	ts.Check(err)
	opt := sink.Options{Personality: personality, Seed: 1}
	if len(args) == 2 {
		folder, err := sink.NewFolder(ts.MkAbs(args[1]))
		ts.Check(err)
		ts.Defer(func() { ts.Check(folder.Close()) })
		opt.Store = folder
	}
	server, err := sink.Start(context.Background(), opt)
	ts.Check(err)
	ts.Defer(func() {
		ended, cancel := context.WithCancel(context.Background())
		cancel() // nobody is waited for
		_ = server.Close(ended)
	})
	ts.Setenv("SMTP", server.Addr())
}
