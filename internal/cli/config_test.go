package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOptionsShareTypes: flags that share a key read its value alike.
func TestOptionsShareTypes(t *testing.T) {
	options, _ := listOptions(newRoot(testEnvironment(nil)))
	types := map[string]string{}
	for _, o := range options {
		kind := o.flag.Value.Type()
		if types[o.key] == "" {
			types[o.key] = kind
		}
		if types[o.key] != kind {
			t.Errorf("%s is a %s for one command and a %s for another", dotted(o.key), types[o.key], kind)
		}
	}
}

// TestVariablesAreDistinct: no two keys have the same variable.
func TestVariablesAreDistinct(t *testing.T) {
	options, _ := listOptions(newRoot(testEnvironment(nil)))
	keys := map[string]string{"MAILCTL_CONFIG": "", "MAILCTL_PASSWORD": "", asMailctl: ""}
	for _, o := range options {
		name := variable(o.key)
		if other, taken := keys[name]; taken && other != o.key {
			t.Errorf("%s stands for %q and %q", name, dotted(other), dotted(o.key))
		}
		keys[name] = o.key
	}
}

// TestListInEnvironment: a variable has one item on each line, and the flag
// replaces all of them.
func TestListInEnvironment(t *testing.T) {
	t.Chdir(t.TempDir())
	variables := map[string]string{"HOME": t.TempDir(), "MAILCTL_SEND_HEADER": "X-A: 1, 2\nX-B: 3\n"}
	for _, test := range []struct {
		args []string
		want []string
	}{
		{nil, []string{"X-A: 1, 2", "X-B: 3"}},
		{[]string{"--header", "X-C: 4"}, []string{"X-C: 4"}},
	} {
		send, _, err := newRoot(testEnvironment(variables)).Find([]string{"send"})
		if err != nil {
			t.Fatal(err)
		}
		if err := send.ParseFlags(test.args); err != nil {
			t.Fatal(err)
		}
		s, err := loadSettings(send, testEnvironment(variables))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, s.Send.Header); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.args, diff)
		}
	}
}

// TestEmptyIsNotSet holds for the environment, of names that are wrong too.
func TestEmptyIsNotSet(t *testing.T) {
	t.Chdir(t.TempDir())
	env := testEnvironment(map[string]string{"HOME": t.TempDir(), "MAILCTL_SEND_DRY_RUN": "", "MAILCTL_SEND_CONNECTIONS": ""})
	env.Environ = func() []string {
		return []string{"HOME=/", "MAILCTL_SEND_DRY_RUN=", "MAILCTL_SEND_FORM=", "MAILCTL_PASSWORD=x", "MAILCTL_CONFIG="}
	}
	if code := Run(t.Context(), env, []string{"version"}); code != exitOK {
		t.Errorf("exit code %d", code)
	}
}

func TestSplitLines(t *testing.T) {
	for text, want := range map[string][]string{
		"":                         nil,
		" \n":                      nil,
		"X-A: 1, 2":                {"X-A: 1, 2"},
		"X-A: 1\r\n\n  X-B: 2\r\n": {"X-A: 1", "X-B: 2"},
	} {
		if diff := cmp.Diff(want, splitLines(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// FuzzConfig reads any file without a panic, and only into texts, lists and
// sections of them.
func FuzzConfig(f *testing.F) {
	for _, text := range []string{
		"", "send:\n  from: a@acme.example\n", "send: {header: [a, b], connections: 0x10}", "hello", "send: [", "send: &a [*a]",
		"a: &a {b: 1}\nsend:\n  <<: *a\n", "send: ~", "1: 2", "? [a]\n: b", "send: !!binary aGVsbG8=", "a: 1\na: 2",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := map[string]any{}
		if err := (asWritten{}).Decode([]byte(text), file); err == nil {
			onlyTexts(t, file)
		}
	})
}

func onlyTexts(t *testing.T, value any) {
	switch value := value.(type) {
	case nil, string:
	case []any:
		for _, item := range value {
			onlyTexts(t, item)
		}
	case map[string]any:
		for _, item := range value {
			onlyTexts(t, item)
		}
	default:
		t.Errorf("%T %v", value, value)
	}
}
