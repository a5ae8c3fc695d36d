package ledger

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// The process that is killed is this test binary, told by the environment.
const (
	childDir  = "LEDGER_TEST_CHILD_DIR"
	childSeed = "LEDGER_TEST_CHILD_SEED"
)

const (
	crashPeople      = 400
	crashQueues      = 3
	crashConnections = 4
	crashTime        = time.Second // of killing
	crashLife        = 30 * time.Millisecond
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := sendAsChild(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestKill kills a sending process again and again, and proves that what it
// handed over and what the ledger remembers agree.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	list := make([]string, crashPeople)
	for i := range list {
		list[i] = fmt.Sprintf("%d@d%d.example", i, i%crashQueues)
	}
	l := sqliteBackend{dir}.open(t, Options{BootID: "boot"})
	check(t, begin(t, l, "welcome", entries(list...)).Close())
	check(t, l.Close())

	kills := 0
	for deadline := time.Now().Add(crashTime); time.Now().Before(deadline); kills++ {
		if killChild(t, dir) {
			break // it had already sent to everyone
		}
		if kills%3 == 0 { // else the next child is the first to see it
			l := sqliteBackend{dir}.open(t, Options{BootID: "boot"})
			compareWithLog(t, l, dir)
			check(t, l.Close())
		}
	}
	if out, err := childCommand(t, dir).CombinedOutput(); err != nil {
		t.Fatalf("the last run: %v\n%s", err, out)
	}
	l = sqliteBackend{dir}.open(t, Options{BootID: "boot"})
	compareWithLog(t, l, dir)
	_, totals, err := l.Show(t.Context(), "welcome")
	check(t, err)
	if totals.Pending+totals.Deferred != 0 || totals.Delivered+totals.Bounced+totals.Unknown != crashPeople {
		t.Errorf("left behind: %+v", totals.Counts)
	}
	if most := int64(2 * crashConnections * kills); totals.Unknown > most {
		t.Errorf("%d are unknown, more than %d", totals.Unknown, most)
	}
	t.Logf("killed %d times: %+v", kills, totals.Counts)
}

func childCommand(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	check(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^$")
	cmd.Env = append(os.Environ(), childDir+"="+dir, fmt.Sprintf("%s=%d", childSeed, rand.Uint64()))
	return cmd
}

// killChild starts a child, lets it send for a random while and kills it. It
// reports whether the child came to its end before.
func killChild(t *testing.T, dir string) bool {
	t.Helper()
	cmd := childCommand(t, dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("the child did not begin: %v, %v", err, cmd.Wait())
	}
	life := time.AfterFunc(rand.N(crashLife), func() { _ = cmd.Process.Kill() })
	defer life.Stop()
	_, _ = io.Copy(io.Discard, out) // until it ends
	return cmd.Wait() == nil
}

// A handOver is what the log says of one attempt.
type handOver struct {
	times   int              // how often it was handed over
	outcome delivery.Outcome // what was recorded; empty when the child died before it knew
}

// readLog returns the attempts that were handed over, by row and number.
func readLog(t *testing.T, dir string) map[[2]int]handOver {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "log"))
	check(t, err)
	log := map[[2]int]handOver{}
	for line := range strings.Lines(string(content)) {
		var what string
		var key [2]int
		if _, err := fmt.Sscan(line, &what, &key[0], &key[1]); err != nil {
			t.Fatalf("log line %q: %v", line, err)
		}
		h := log[key]
		if what == "sent" {
			h.times++
		} else {
			h.outcome = delivery.Outcome(what)
		}
		log[key] = h
	}
	return log
}

// compareWithLog proves that every attempt that was handed over is remembered
// once, as what it became or as unknown.
func compareWithLog(t *testing.T, l ledgerUnderTest, dir string) {
	t.Helper()
	log := readLog(t, dir)
	remembered := map[[2]int]delivery.Outcome{}
	for _, r := range exported(t, l, "welcome") {
		if r.Attempts == 0 {
			continue
		}
		attempts, err := l.Attempts(t.Context(), "welcome", r.Address)
		check(t, err)
		if len(attempts) != r.Attempts || attempts[len(attempts)-1].Outcome != r.Outcome {
			t.Errorf("row %d is %s after %d attempts, and has %d", r.Row, r.Outcome, r.Attempts, len(attempts))
		}
		for _, a := range attempts {
			key := [2]int{r.Row, a.Number}
			remembered[key] = a.Outcome
			if a.Outcome != delivery.OutcomeUnknown && log[key].times == 0 {
				t.Errorf("row %d: attempt %d was never handed over and is %s", r.Row, a.Number, a.Outcome)
			}
		}
	}
	for key, h := range log {
		got, known := remembered[key]
		switch {
		case h.times != 1:
			t.Errorf("row %d: attempt %d was handed over %d times", key[0], key[1], h.times)
		case !known:
			t.Errorf("row %d: attempt %d was handed over and is forgotten", key[0], key[1])
		case h.outcome != "" && h.outcome != got:
			t.Errorf("row %d: attempt %d was recorded as %s and is %s", key[0], key[1], h.outcome, got)
		}
	}
}

// A child sends to everyone in the ledger of a folder over some connections,
// and writes down each message it hands over.
type child struct {
	campaign *Campaign
	log      *os.File
	rng      *rand.Rand

	mu   sync.Mutex
	left map[string][]send.Recipient
}

func sendAsChild(dir string) error {
	var seed uint64
	if _, err := fmt.Sscan(os.Getenv(childSeed), &seed); err != nil {
		return err
	}
	ctx := context.Background()
	l, err := Open(ctx, dir, Options{BootID: "boot"})
	if err != nil {
		return err
	}
	campaign, err := l.Begin(ctx, spec("welcome"))
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	c := &child{campaign: campaign, log: log, rng: rand.New(rand.NewPCG(seed, 0)), left: map[string][]send.Recipient{}}
	fmt.Println("begun")
	var connections sync.WaitGroup
	var errs [crashConnections]error
	for i := range errs {
		connections.Go(func() { errs[i] = c.connection(fmt.Sprintf("d%d", i%crashQueues)) })
	}
	connections.Wait()
	return errors.Join(errors.Join(errs[:]...), log.Close(), campaign.Close(), l.Close())
}

// take returns the next recipient of a queue; nil when nobody is left.
func (c *child) take(queue string) (*send.Recipient, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.left[queue]) == 0 {
		batch, err := c.campaign.Claim(context.Background(), queue, 25, time.Time{})
		if err != nil || len(batch) == 0 {
			return nil, err
		}
		c.left[queue] = batch
	}
	r := c.left[queue][0]
	c.left[queue] = c.left[queue][1:]
	return &r, nil
}

// connection hands messages over the way a pipelining connection does: the
// intent of the next message comes before the outcome of this one.
func (c *child) connection(queue string) error {
	ctx := context.Background()
	var open *send.Recipient // has an intent
	for {
		next, err := c.take(queue)
		if err != nil || next == nil && open == nil {
			return err
		}
		var changes []send.Change
		if next != nil {
			changes = append(changes, intent(*next))
		}
		if open != nil {
			a := c.handOver(*open)
			if err := c.note("sent", *open); err != nil {
				return err
			}
			changes = append(changes, ended(*open, a, a.Time))
		}
		if err := c.campaign.Record(ctx, changes); err != nil {
			return err
		}
		if open != nil {
			if err := c.note(string(changes[len(changes)-1].Attempt.Outcome), *open); err != nil {
				return err
			}
		}
		open = next
	}
}

// handOver decides what becomes of a message.
func (c *child) handOver(send.Recipient) delivery.Attempt {
	c.mu.Lock()
	n := c.rng.IntN(10)
	c.mu.Unlock()
	switch {
	case n == 0:
		return bouncedAt(time.Now())
	case n <= 2:
		return deferredAt(time.Now())
	}
	return deliveredAt(time.Now())
}

// note writes a line that survives the death of the process.
func (c *child) note(what string, r send.Recipient) error {
	_, err := fmt.Fprintf(c.log, "%s %d %d\n", what, r.Row, r.Attempts+1)
	return err
}
