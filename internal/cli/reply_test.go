package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// TestReasonsPage holds docs/reasons.md against the reasons; -update writes it.
func TestReasonsPage(t *testing.T) {
	const path = "../../docs/reasons.md"
	var page bytes.Buffer
	if err := ui.WriteReasonsPage(&page, delivery.Reasons()); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, page.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(page.String(), string(got)); diff != "" {
		t.Errorf("docs/reasons.md is out of date; go test ./internal/cli -run ReasonsPage -update writes it (-want +got):\n%s", diff)
	}
}

// TestReplyAnswersAtOnce asks as another program does: a line, and the answer to it
// before the next one.
func TestReplyAnswersAtOnce(t *testing.T) {
	t.Parallel()
	questions, ask := io.Pipe()
	answers, answer := io.Pipe()
	env := logEnvironment(t, answer)
	env.Stdin = questions
	done := make(chan int, 1)
	go func() {
		code := Run(t.Context(), env, []string{"reply", "--format", "jsonl"})
		_ = answer.Close()
		done <- code
	}()
	lines := bufio.NewReader(answers)
	for _, code := range []string{"550", "451"} {
		if _, err := fmt.Fprintf(ask, "%s no\n", code); err != nil {
			t.Fatal(err)
		}
		if line, err := lines.ReadString('\n'); err != nil || !strings.Contains(line, `"code":`+code) {
			t.Fatalf("%q, %v", line, err)
		}
	}
	_ = ask.Close()
	if code := <-done; code != exitOK {
		t.Errorf("exit code %d", code)
	}
}
