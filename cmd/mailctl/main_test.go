//go:build unix

package main

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asMailctl makes the test binary run as mailctl.
const asMailctl = "RUN_AS_MAILCTL"

func TestMain(m *testing.M) {
	if os.Getenv(asMailctl) != "" {
		main()
	}
	os.Exit(m.Run())
}

// TestSecondSignal ends a mailing at once that waits for an answer, also when the
// signal was ignored at the start, as by "&" in a script.
func TestSecondSignal(t *testing.T) {
	for _, trap := range []string{"true", "trap '' INT"} {
		t.Run(trap, func(t *testing.T) {
			addr, taken := silentServer(t)
			folder := t.TempDir()
			if err := os.WriteFile(folder+"/l.csv", []byte("email\nanna@x.example\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", trap+`; exec "$0" "$@"`, os.Args[0],
				"send", "--list", "l.csv", "--subject", "s", "--text", "t", "--from", "a@acme.example", "--yes",
				"--skip-preflight", "--via", "smtp://"+addr+"?tls=none")
			cmd.Dir = folder
			cmd.Env = append(os.Environ(), asMailctl+"=1", "HOME="+folder, "XDG_STATE_HOME="+folder)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			<-taken
			began, ended := time.Now(), make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			tick := time.NewTicker(50 * time.Millisecond)
			defer tick.Stop()
			for waiting := true; waiting; {
				select {
				case <-tick.C:
					_ = cmd.Process.Signal(os.Interrupt) // it may have ended
				case <-ended:
					waiting = false
				}
			}
			if took := time.Since(began); took > 4*time.Second {
				t.Errorf("took %v to end", took)
			}
			status := cmd.ProcessState.Sys().(syscall.WaitStatus)
			if code := status.ExitStatus(); code != 130 && status.Signal() != syscall.SIGINT {
				t.Errorf("ended with %v", cmd.ProcessState)
			}
		})
	}
}

// TestHangupIsIgnored looks that nohup keeps a mailing going.
func TestHangupIsIgnored(t *testing.T) {
	if !slices.Contains(endings(), os.Signal(syscall.SIGHUP)) {
		t.Skip("hangups are ignored here")
	}
	signal.Ignore(syscall.SIGHUP)
	defer signal.Reset(syscall.SIGHUP)
	if slices.Contains(endings(), os.Signal(syscall.SIGHUP)) {
		t.Error("a hangup ends the run")
	}
}

// silentServer takes messages and never says what became of them. The channel is
// closed once one was taken.
func silentServer(t *testing.T) (addr string, taken <-chan struct{}) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	dot := make(chan struct{})
	var once sync.Once
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(conn, func() { once.Do(func() { close(dot) }) })
		}
	}()
	return listener.Addr().String(), dot
}

func serve(conn net.Conn, taken func()) {
	defer func() { _ = conn.Close() }()
	_, _ = conn.Write([]byte("220 silent.example\r\n"))
	answers := map[string]string{"DATA": "354 go on\r\n", ".": ""}
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		verb, _, _ := strings.Cut(lines.Text(), " ")
		answer, known := answers[verb]
		if !known {
			answer = "250 ok\r\n"
		}
		switch verb {
		case "DATA":
			answers = map[string]string{".": ""}
		case ".":
			taken()
		}
		if len(answers) == 1 && verb != "DATA" {
			continue // within the message
		}
		_, _ = conn.Write([]byte(answer))
	}
}
