package cli

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/sink"
	"github.com/mailctl/mailctl/internal/testkit"
)

// A mxWorld is a small world of receivers on loopback, at one port, with name
// servers that lead to them.
type mxWorld struct {
	t        *testing.T
	base     string // of the addresses, "127.7.8."
	port     int
	ca       *testkit.CA
	resolver string
	folder   string

	mu       sync.Mutex
	accepted map[string]int             // by recipient
	turns    map[string][]turn          // of connections, by name of the receiver
	times    map[string][]time.Time     // of acceptance, by name of the receiver
	from     map[string]map[string]bool // addresses that a recipient was written to from
	refusals map[string]int             // by name of the receiver
}

func newMXWorld(t *testing.T) *mxWorld {
	t.Helper()
	w := &mxWorld{
		t: t, base: fmt.Sprintf("127.%d.%d.", 1+rand.IntN(254), rand.IntN(256)), ca: testkit.NewCA(t), folder: t.TempDir(),
		accepted: map[string]int{}, turns: map[string][]turn{}, from: map[string]map[string]bool{},
		times: map[string][]time.Time{}, refusals: map[string]int{},
	}
	listener, err := net.Listen("tcp", w.base+"1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.port = listener.Addr().(*net.TCPAddr).Port
	_ = listener.Close()
	w.write("ca.pem", string(w.ca.PEM()))
	w.write("message.txt", "---\nsubject: Hello\n---\nHello\n")
	return w
}

func (w *mxWorld) write(name, text string) string {
	w.t.Helper()
	path := filepath.Join(w.folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// receiver starts a server of a receiver at an address; a short one is below the
// world's base.
func (w *mxWorld) receiver(name, addr, rules string, cert *tls.Certificate) {
	w.t.Helper()
	if !strings.Contains(addr, ":") {
		addr = w.base + addr
	}
	opt := sink.Options{Listen: net.JoinHostPort(addr, strconv.Itoa(w.port)), OnEvent: func(e sink.Event) { w.note(name, e) }}
	if cert != nil {
		opt.TLS = testkit.ServerTLS(*cert)
	}
	if rules != "" {
		personality, err := sink.ParsePersonality(w.write(name+".yaml", rules), os.ReadFile)
		if err != nil {
			w.t.Fatal(err)
		}
		opt.Personality = personality
	}
	server, err := sink.Start(w.t.Context(), opt)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = server.Close(context.Background()) })
}

func (w *mxWorld) note(name string, e sink.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e.Kind {
	case sink.EventConnect:
		w.turns[name] = append(w.turns[name], turn{time.Now(), 1})
	case sink.EventClose:
		// The server tells of it a moment after the client has seen its end.
		w.turns[name] = append(w.turns[name], turn{time.Now().Add(-20 * time.Millisecond), -1})
	case sink.EventAccept:
		for _, to := range e.To {
			w.accepted[to]++
		}
		w.times[name] = append(w.times[name], time.Now())
		w.noteSource(e)
	case sink.EventRefuse:
		w.refusals[name]++
		w.noteSource(e)
	case sink.EventDrop, sink.EventAbort, sink.EventError:
	}
}

// noteSource notes from where a recipient was written to.
func (w *mxWorld) noteSource(e sink.Event) {
	host, _, _ := net.SplitHostPort(e.Remote)
	for _, to := range e.To {
		if w.from[to] == nil {
			w.from[to] = map[string]bool{}
		}
		w.from[to][host] = true
	}
}

// A turn is the beginning or the end of a connection.
type turn struct {
	at   time.Time
	step int
}

// most returns how many connections a receiver had at once.
func (w *mxWorld) most(name string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	turns := slices.Clone(w.turns[name])
	slices.SortStableFunc(turns, func(a, b turn) int { return cmp.Or(a.at.Compare(b.at), a.step-b.step) })
	now, most := 0, 0
	for _, one := range turns {
		now += one.step
		most = max(most, now)
	}
	return most
}

// policy serves an MTA-STS policy on port 443 of an address.
func (w *mxWorld) policy(domain, addr, text string) {
	w.t.Helper()
	listener, err := net.Listen("tcp", w.base+addr+":443")
	if errors.Is(err, os.ErrPermission) {
		w.t.Skip("port 443 needs root")
	}
	if err != nil {
		w.t.Fatal(err)
	}
	server := &http.Server{
		ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "text/plain")
			_, _ = rw.Write([]byte(text))
		}),
	}
	var serving sync.WaitGroup
	config := testkit.ServerTLS(w.ca.Valid(w.t, "mta-sts."+domain))
	serving.Go(func() { _ = server.Serve(tls.NewListener(listener, config)) })
	w.t.Cleanup(func() {
		_ = server.Close()
		serving.Wait()
	})
}

// names starts the name servers; zones may use BASE and PORT. The signed ones are
// trusted.
func (w *mxWorld) names(zones map[string]string, signed ...string) {
	w.t.Helper()
	const head = "@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 192.0.2.53\n"
	var all []testkit.Zone
	var anchors []string
	fill := strings.NewReplacer("BASE", w.base, "PORT", strconv.Itoa(w.port))
	for origin, text := range zones {
		zone := testkit.Zone{Origin: origin, Text: head + fill.Replace(text)}
		for _, name := range signed {
			if name != origin {
				continue
			}
			var anchor string
			zone, anchor = zone.Signed(w.t)
			anchors = append(anchors, anchor)
		}
		all = append(all, zone)
	}
	w.resolver = testkit.Unbound(w.t, testkit.NSD(w.t, all...), anchors...)
}

// list writes a list with n recipients of each domain.
func (w *mxWorld) list(n int, domains ...string) string {
	var rows strings.Builder
	rows.WriteString("email\n")
	for i := range n {
		for _, domain := range domains {
			fmt.Fprintf(&rows, "u%d@%s\n", i, domain)
		}
	}
	return w.write("list.csv", rows.String())
}

// send sends the list, and returns the exit code and what was printed.
func (w *mxWorld) send(args ...string) (code int, stdout, stderr string) {
	w.t.Helper()
	return w.sendUntil(w.t.Context(), args...)
}

// sendUntil is send with an end.
func (w *mxWorld) sendUntil(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	w.t.Helper()
	var out, errs bytes.Buffer
	env := testEnvironment(map[string]string{"HOME": w.folder})
	env.Stdout, env.Stderr = &out, &errs
	code = Run(ctx, env, append([]string{
		"send", "--list", filepath.Join(w.folder, "list.csv"), "--message", filepath.Join(w.folder, "message.txt"),
		"--from", "news@acme.example", "--via", fmt.Sprintf("mx:?port=%d", w.port), "--resolver", w.resolver,
		"--ca-file", filepath.Join(w.folder, "ca.pem"), "--state", filepath.Join(w.folder, "state"), "--campaign", "test", "--yes",
	}, args...))
	checkOutput(w.t, out.String())
	return code, out.String(), errs.String()
}

// A told is what became of a recipient.
type told struct {
	Email, Outcome, Reason, Enhanced, Text, Host string
	Attempts                                     int
}

// run runs a command on the world's state, and returns what it printed.
func (w *mxWorld) run(args ...string) string {
	w.t.Helper()
	var out, errs bytes.Buffer
	env := testEnvironment(map[string]string{"HOME": w.folder})
	env.Stdout, env.Stderr = &out, &errs
	if code := Run(w.t.Context(), env, append(args, "--state", filepath.Join(w.folder, "state"))); code != 0 {
		w.t.Fatalf("exit code %d\n%s", code, errs.String())
	}
	checkOutput(w.t, out.String())
	return out.String()
}

// export returns what became of everyone.
func (w *mxWorld) export() []told {
	w.t.Helper()
	var all []told
	for line := range strings.Lines(w.run("campaign", "export", "test", "--format", "jsonl")) {
		var one told
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			w.t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

// tlsa is the TLSA record data for a certificate: DANE-EE of its key, hashed.
func tlsa(cert tls.Certificate) string {
	sum := sha256.Sum256(cert.Leaf.RawSubjectPublicKeyInfo)
	return "3 1 1 " + hex.EncodeToString(sum[:])
}
