package sink

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/delivery"
)

func TestNames(t *testing.T) {
	for _, name := range []string{"perfect", "realistic", "greylist", "slow", "flaky", "gmail", "outlook", "yahoo"} {
		if !slices.Contains(Names(), name) {
			t.Errorf("%q is not among %q", name, Names())
		}
	}
	for _, name := range Names() {
		p, err := ParsePersonality(name, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p.Name != name || p.About == "" {
			t.Errorf("%s: name %q, about %q", name, p.Name, p.About)
		}
	}
}

func TestParsePersonalityNames(t *testing.T) {
	files := map[string]string{"./mine": "about: mine", "x.yaml": "about: x"}
	read := func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	for _, tc := range []struct {
		name string
		read func(string) ([]byte, error)
		want error
		hint string
	}{
		{"./mine", read, nil, ""},
		{"x.yaml", read, nil, ""},
		{"missing.yaml", read, fs.ErrNotExist, ""},
		{"x.yaml", nil, ErrUnknownPersonality, "perfect, realistic, slow, yahoo, or a YAML file"},
		{"relistic", read, ErrUnknownPersonality, `did you mean "realistic"?`},
		{"hotmail-2003", read, ErrUnknownPersonality, "perfect, realistic, slow, yahoo, or a YAML file"},
		{"", read, ErrUnknownPersonality, "use one of"},
		{"../personalities/perfect", nil, ErrUnknownPersonality, "use one of"},
	} {
		_, err := ParsePersonality(tc.name, tc.read)
		if !errors.Is(err, tc.want) {
			t.Errorf("%q: %v, want %v", tc.name, err, tc.want)
		}
		if hints := strings.Join(delivery.Hints(err), "\n"); !strings.Contains(hints, tc.hint) {
			t.Errorf("%q: hints %q, want %q", tc.name, hints, tc.hint)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, tc := range []struct{ text, want, hint string }{
		{"rules: [\n", "rules.yaml: yaml: line 1: did not find expected node content", ""},
		{"abuot: x", `rules.yaml:1: unknown key "abuot"`, `did you mean "about"?`},
		{"rules:\n  - at: rcpt\n    delya: 2s", `rules.yaml:3: unknown key "delya"`, `did you mean "delay"?`},
		{"rules:\n  - quux: 2", `rules.yaml:2: unknown key "quux"`, "use one of: name, at, to"},
		{"about: a\nabout: b", `rules.yaml:2: key "about" is given twice`, ""},
		{"about: [a]", `rules.yaml:1: expected a text`, ""},
		{"- a", `rules.yaml:1: expected keys and values`, ""},
		{"about: a\n---\nabout: b", `rules.yaml:2: more than one YAML document`, ""},
		{"rules: {}", `rules.yaml:1: expected a list of rules`, ""},
		{"rules: [x]", `rules.yaml:1: expected keys and values`, ""},
		{"host: a b", `rules.yaml:1: "a b" is not a host name`, ""},
		{"max_size: 0", `rules.yaml:1: "0" is not a whole number from 1 to 2147483647`, ""},
		{"rules:\n- at: rctp", `rules.yaml:2: unknown stage "rctp"`, `did you mean "rcpt"?`},
		{"rules:\n- reply: 550 no", `rules.yaml:2: rule "rule-1": no stage`, "connect, ehlo, mail, rcpt, data, message"},
		{"rules:\n- at: rcpt", `rules.yaml:2: rule "rule-1": it does nothing`, `add "reply:"`},
		{"rules:\n- {at: rcpt, delay: 1s, name: a}\n- {at: rcpt, delay: 1s, name: a}", `rules.yaml:3: two rules are called "a"`, ""},
		{"rules:\n- {at: rcpt, delay: 1s, name: ''}", `rules.yaml:2: "" is not a name of 1 to 64 printable characters`, ""},
		{"rules:\n- {at: rcpt, share: 0, close: true}", `rules.yaml:2: "0" is not a share above 0 and up to 1, such as 0.02 or 2%`, ""},
		{"rules:\n- {at: rcpt, share: 101%, close: true}", `rules.yaml:2: "101%" is not a share above 0 and up to 1, such as 0.02 or 2%`, ""},
		{"rules:\n- {at: rcpt, share: NaN, close: true}", `rules.yaml:2: "NaN" is not a share above 0 and up to 1, such as 0.02 or 2%`, ""},
		{"rules:\n- {at: rcpt, delay: 2}", `rules.yaml:2: "2" is not a time such as 200ms, 5s or 10m`, ""},
		{"rules:\n- {at: rcpt, delay: 1h}", `rules.yaml:2: "1h" is more than 10m0s`, ""},
		{"rules:\n- {at: rcpt, delay: 2s..1s}", `rules.yaml:2: delay "2s..1s" ends before it begins`, ""},
		{"rules:\n- {at: rcpt, first: -1, close: true}", `rules.yaml:2: "-1" is not a whole number from 1 to 2147483647`, ""},
		{"rules:\n- {at: rcpt, close: yes please}", `rules.yaml:2: "yes please" is neither true nor false`, ""},
		{"rules:\n- {at: rcpt, to: [], close: true}", `rules.yaml:2: expected at least one pattern`, ""},
		{"rules:\n- {at: rcpt, to: '/(/', close: true}", `rules.yaml:2: pattern "/(/": error parsing regexp: missing closing ): ` + "`(?i)(`", ""},
		{"rules:\n- {at: rcpt, reply: no}", `rules.yaml:2: reply "no" begins without a code such as 550`, ""},
		{"rules:\n- {at: rcpt, reply: '550 4.1.1 no'}", `rules.yaml:2: reply "550 4.1.1 no" has codes of different classes`, ""},
		{"rules:\n- {at: rcpt, reply: '550 5.1.1 <{{rctp}}>'}", `rules.yaml:2: unknown placeholder "rctp"`, `did you mean "rcpt"?`},
		{"rules:\n- {at: rcpt, reply: '354 go'}", `rules.yaml:2: rule "rule-1": a 3yz reply refuses nothing`, ""},
		{"rules:\n- {at: rcpt, reply: '250 go'}", `rules.yaml:2: rule "rule-1": the only positive reply a rule can give is a 250 at message`, ""},
		{"rules:\n- {at: message, reply: '251 go'}", `rules.yaml:2: rule "rule-1": the only positive reply a rule can give is a 250 at message`, ""},
		{"rules:\n- {at: message, reply: '250 go', close: true}", `rules.yaml:2: rule "rule-1": a connection that ends after keeping a message gives no reply: say "accept" and "close"`, ""},
		{"rules:\n- {at: rcpt, reply: '550 no', accept: true}", `rules.yaml:2: rule "rule-1": it accepts and refuses at once`, ""},
		{"rules:\n- {at: rcpt, close: true, accept: true}", `rules.yaml:2: rule "rule-1": "accept" with "close" has a meaning only at message`, ""},
		{"rules:\n- {at: mail, to: a@b, close: true}", `rules.yaml:2: rule "rule-1": "to", "first" and "wait" need a recipient, which is not known at mail`, ""},
		{"rules:\n- {at: ehlo, after: 2, close: true}", `rules.yaml:2: rule "rule-1": "from" and "after" need a message, which has not begun at ehlo`, ""},
		{"rules:\n- {at: rcpt, first: 2, wait: 2s, close: true}", `rules.yaml:2: rule "rule-1": "first" and "wait" exclude each other`, ""},
		{"rules:\n- {at: mail, connections: 2, close: true}", `rules.yaml:2: rule "rule-1": "connections" has a meaning only at connect`, ""},
		{"rules:\n- {at: rcpt, unsigned: true, close: true}", `rules.yaml:2: rule "rule-1": "unsigned" has a meaning only at message`, ""},
		{"rules:\n- {at: mail, hold: 2m, close: true}", `rules.yaml:2: rule "rule-1": "hold" has a meaning only with "over"`, ""},
		{"rules:\n- {at: mail, over: week, close: true}", `rules.yaml:2: unknown limit "week"`, "use one of: hour, day"},
		{"rules:\n- {at: mail, over: day, close: true}", `rules.yaml: rule "rule-1": "below" and "over" need what is remembered of clients: no receiver`, `add "receiver: {}"`},
		{"receiver: {growth: 1}", `rules.yaml:1: "1" is not a factor above 1 and up to 100`, ""},
		{"receiver: {gain: 2}", `rules.yaml:1: "2" is not a share above 0 and up to 1, such as 0.02 or 2%`, ""},
		{"receiver: {mood: 2}", `rules.yaml:1: unknown key "mood"`, "use one of: reputation, volume"},
		{"rules:\n- {at: rcpt, reply: '550 " + strings.Repeat("x", 400) + "'}", "", ""},
		{"rules:\n- {at: rcpt, reply: \"550 a" + strings.Repeat(`\nb`, 10) + "\"}", "", ""},
		{"rules:" + strings.Repeat("\n- {at: rcpt, close: true}", maxRules+1), "rules.yaml:2: more than 1000 rules", ""},
		{"# " + strings.Repeat("x", maxFile), "rules.yaml: larger than 262144 octets", ""},
	} {
		_, err := parse("rules.yaml", []byte(tc.text))
		if _, ok := errors.AsType[*SyntaxError](err); !ok {
			t.Errorf("%.80q: %v", tc.text, err)
			continue
		}
		if tc.want != "" && err.Error() != tc.want {
			t.Errorf("%.80q:\n got %s\nwant %s", tc.text, err, tc.want)
		}
		if hints := strings.Join(delivery.Hints(err), "\n"); !strings.Contains(hints, tc.hint) {
			t.Errorf("%.80q: hints %q, want %q", tc.text, hints, tc.hint)
		}
	}
}

func TestParseEmpty(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "rules: []", "about: x"} {
		if p, err := parse("rules.yaml", []byte(text)); err != nil || len(p.rules) != 0 {
			t.Errorf("%q: %+v, %v", text, p, err)
		}
	}
}

func TestParseAliases(t *testing.T) {
	p := rules(t, "rules:\n- &a {at: rcpt, to: &d dead.example, reply: &r '550 no', name: x}\n- {at: message, to: *d, reply: *r}\n")
	if got := len(p.rules); got != 2 {
		t.Fatalf("%d rules", got)
	}
	if got := p.rules[1].reply.String(); got != "550 no" {
		t.Errorf("reply %q", got)
	}
}

// FuzzParse reads personalities, prints what was understood, and reads that again.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("personalities/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("rules: [{at: message, to: [a@b, '/x/', ''], from: '', share: 50%, after: 2, first: 3, delay: 1s..2s, accept: true, close: true}]"))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parse("f", data)
		if err != nil {
			return
		}
		again, err := parse("f", []byte(format(p)))
		if err != nil {
			t.Fatalf("%v\n%s", err, format(p))
		}
		if diff := cmp.Diff(format(p), format(again)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestPageHasEveryKey holds the guide to what the parser knows.
func TestPageHasEveryKey(t *testing.T) {
	page, err := os.ReadFile("../../docs/sink.md")
	if err != nil {
		t.Fatal(err)
	}
	known := slices.Concat(keys(personalityFields(&Personality{})), keys(ruleFields(&rule{})), keys(receiverFields(&receiver{})), stages(), Names())
	for _, key := range known {
		if !bytes.Contains(page, []byte("`"+key+"`")) {
			t.Errorf("docs/sink.md says nothing about %q", key)
		}
	}
}
