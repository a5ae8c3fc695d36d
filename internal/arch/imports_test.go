package arch

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// TestImports holds every package of the module against the arrows and bans.
func TestImports(t *testing.T) {
	t.Parallel()
	violations, files := judgeTree(t, os.DirFS("../.."))
	for _, v := range violations {
		t.Error(v)
	}
	if files < 10 {
		t.Errorf("only %d files were looked at", files)
	}
}

// judgeTree judges all Go files of a module and counts them.
func judgeTree(t *testing.T, module fs.FS) (violations []string, files int) {
	t.Helper()
	err := fs.WalkDir(module, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || (len(d.Name()) > 1 && strings.HasPrefix(d.Name(), "."))):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		files++
		found, err := judgeFile(module, name)
		violations = append(violations, found...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return violations, files
}

// judgeFile judges one file and names what is wrong by file and line.
func judgeFile(module fs.FS, name string) (violations []string, err error) {
	source, err := fs.ReadFile(module, name)
	if err != nil {
		return nil, err
	}
	positions := token.NewFileSet()
	file, err := parser.ParseFile(positions, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	add := func(pos token.Pos, text string) {
		violations = append(violations, fmt.Sprintf("%s:%d: %s", name, positions.Position(pos).Line, text))
	}
	from, test := path.Dir(name), strings.HasSuffix(name, "_test.go")
	for _, spec := range file.Imports {
		to, _ := strconv.Unquote(spec.Path.Value)
		if reason := judgeImport(from, to, test); reason != "" {
			add(spec.Pos(), "imports "+to+": "+reason)
		}
	}
	if !test {
		for _, f := range judgeCode(from, file) {
			add(f.pos, f.what)
		}
	}
	return violations, nil
}

// TestImportsCanFail shows each rule a file that breaks it, and some that do not.
func TestImportsCanFail(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file, source string
		want         string // the beginning of the only violation, "" for none
	}{
		{"cmd/mailctl/a.go", `import _ "github.com/mailctl/mailctl/internal/cli"`, ""},
		{"cmd/mailctl/a.go", `import _ "github.com/mailctl/mailctl/pkg/send"`, "no arrow allows"},
		{"internal/cli/a.go", `import _ "github.com/mailctl/mailctl/pkg/any"`, ""},
		{"pkg/send/a.go", `import _ "github.com/mailctl/mailctl/pkg/delivery/sub"`, ""},
		{"pkg/send/sub/a.go", `import _ "github.com/mailctl/mailctl/pkg/send"`, ""},
		{"pkg/send/a.go", `import _ "github.com/mailctl/mailctl/pkg/list"`, "no arrow allows"},
		{"pkg/dkim/a.go", `import _ "github.com/mailctl/mailctl/pkg/spf"`, "no arrow allows"},
		{"pkg/check/a.go", `import _ "github.com/mailctl/mailctl/pkg/spf"`, ""},
		{"pkg/delivery/a.go", `import _ "github.com/mailctl/mailctl/pkg/send"`, "no arrow allows"},
		{"pkg/send/a.go", `import _ "github.com/mailctl/mailctl/internal/ui"`, "no arrow allows"},
		{"pkg/send/a_test.go", `import _ "github.com/mailctl/mailctl/internal/ui"`, "no arrow allows"},
		{"pkg/new/a.go", `import _ "github.com/mailctl/mailctl/pkg/delivery"`, "no arrow starts"},
		{"pkg/send/a.go", `import _ "github.com/mailctl/mailctl/internal/testkit"`, "only tests"},
		{"pkg/send/a_test.go", `import _ "github.com/mailctl/mailctl/internal/testkit"`, ""},
		{"pkg/send/a.go", `import _ "go.uber.org/goleak"`, "only tests"},
		{"internal/testkit/a.go", `import _ "github.com/google/go-cmp/cmp"`, ""},
		{"pkg/send/a.go", `import _ "github.com/spf13/viper"`, "only internal/cli"},
		{"internal/cli/a.go", `import _ "github.com/spf13/viper"`, ""},
		{"pkg/delivery/a.go", `import _ "golang.org/x/net/idna"`, ""},
		{"pkg/delivery/a.go", `import _ "net/http"`, ""},
		{"pkg/delivery/a.go", `import _ "github.com/emersion/go-smtp"`, "pkg/delivery may"},
		{"cmd/mailctl/a.go", `import "os"; func f() { os.Exit(1) }`, ""},
		{"internal/cli/a.go", `import "os"; func f() { os.Exit(1) }`, "os.Exit"},
		{"internal/cli/a.go", `import l "log"; func f() { l.Fatalf("") }`, "log.Fatalf"},
		{"internal/sink/a.go", `import "time"; func f() { time.Sleep(1) }`, "time.Sleep"},
		{"internal/sink/a_test.go", `import "time"; func f() { time.Sleep(1) }`, ""},
		{"internal/ui/a.go", `import "fmt"; func f() { fmt.Println() }`, ""},
		{"pkg/send/a.go", `import "fmt"; func f() { fmt.Println() }`, "fmt.Println"},
		{"pkg/send/a.go", `import "fmt"; func f() { fmt.Fprintln(nil) }`, ""},
		{"pkg/send/a.go", `import "os"; var w = os.Stdout`, "os.Stdout"},
		{"pkg/send/a.go", `import "os"; func f() { x := os.Stderr; _ = x }`, "os.Stderr"},
		{"pkg/send/a.go", `import "os"; func f() { os.Getenv("") }`, "os.Getenv"},
		{"pkg/send/a.go", `import "time"; func f() { t := time.Now(); _ = t }`, "time.Now"},
		{"pkg/send/a.go", `import "time"; func f() { _ = time.Since(t) }`, "time.Since"},
		{"pkg/send/a.go", `import "time"; func f() { clock = time.Now }`, ""},
		{"pkg/send/a.go", `import "time"; func f() { c.SetReadDeadline(time.Now().Add(1)) }`, ""},
		{"pkg/send/a.go", `func f(time clock) { _ = time.Now() }`, ""},
		{"internal/ui/a.go", `func init() {}`, "func init"},
		{"internal/ui/a.go", `func (x) init() {}`, ""},
		{".cache/a.go", `func init() {}`, ""},
		{"pkg/list/testdata/a.go", `func init() {}`, ""},
	} {
		tree := fstest.MapFS{tt.file: {Data: []byte("package p\n" + tt.source + "\n")}}
		got, _ := judgeTree(t, tree)
		switch {
		case tt.want == "" && len(got) == 0:
		case tt.want != "" && len(got) == 1 && strings.HasPrefix(got[0], tt.file+":2: ") && strings.Contains(got[0], tt.want):
		default:
			t.Errorf("%s: %s\ngot %q, want %q", tt.file, tt.source, got, tt.want)
		}
	}
}
