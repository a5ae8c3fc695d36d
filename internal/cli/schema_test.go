package cli

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
)

// sharedSchema holds parts of the others, and describes no output.
const sharedSchema = "common.json"

// describedSchemas returns the files that describe an output.
func describedSchemas() ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(schemas, "*.json"))
	var names []string
	for _, path := range paths {
		if name := filepath.Base(path); name != sharedSchema {
			names = append(names, name)
		}
	}
	return names, err
}

// TestSchemas holds the descriptions against the schemas that the program names.
func TestSchemas(t *testing.T) {
	named := map[string]bool{}
	id := regexp.MustCompile(`"(mailctl\.[a-z-]+/[0-9]+)"`)
	for _, pattern := range []string{"*.go", "../ui/*.go", "../sink/*.go", "../../pkg/*/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range id.FindAllStringSubmatch(string(source), -1) {
				named[schemaFile(match[1])] = true
			}
		}
	}
	described, err := describedSchemas()
	if err != nil {
		t.Fatal(err)
	}
	if want := slices.Sorted(maps.Keys(named)); !slices.Equal(described, want) {
		t.Errorf("described are %q\nand written %q", described, want)
	}
	index, err := os.ReadFile(filepath.Join(schemas, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range described {
		if !strings.Contains(string(index), "("+name+")") {
			t.Errorf("docs/schema/README.md does not list %s", name)
		}
	}
}

// TestSchemaFiles reads every schema: it is valid, known by the address of its
// file, and says what everything is.
func TestSchemaFiles(t *testing.T) {
	described, err := describedSchemas()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(described, sharedSchema) {
		path := filepath.Join(schemas, name)
		if _, err := testkit.OpenJSONSchema(path); err != nil {
			t.Error(err)
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var schema struct {
			Schema string `json:"$schema"`
			ID     string `json:"$id"`
			Title  string
		}
		var tree map[string]any
		if err := json.Unmarshal(text, &schema); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &tree); err != nil {
			t.Fatal(err)
		}
		if schema.Schema != "https://json-schema.org/draft/2020-12/schema" ||
			schema.ID != "https://github.com/mailctl/mailctl/blob/main/docs/schema/"+name {
			t.Errorf("%s is %s by %s", name, schema.ID, schema.Schema)
		}
		if name != sharedSchema && schemaFile(schema.Title) != name {
			t.Errorf("%s is called %q", name, schema.Title)
		}
		explained(t, name, tree, false)
	}
}

// explained looks for a description of every property, and for objects that may
// have others besides. Definitions are closed by those who use them.
func explained(t *testing.T, at string, node any, definition bool) {
	t.Helper()
	if list, ok := node.([]any); ok {
		for _, child := range list {
			explained(t, at, child, false)
		}
	}
	schema, ok := node.(map[string]any)
	if !ok {
		return
	}
	properties, ok := schema["properties"].(map[string]any)
	open := func(name string) bool { allowed, said := schema[name].(bool); return !said || allowed }
	if ok && !definition && open("additionalProperties") && open("unevaluatedProperties") {
		t.Errorf("%s may have properties that nobody describes", at)
	}
	for name, property := range properties {
		if text, ok := property.(map[string]any)["description"].(string); !ok || !strings.HasSuffix(text, ".") {
			t.Errorf("%s.%s is not described by a sentence", at, name)
		}
		explained(t, at+"."+name, property, false)
	}
	for name, child := range schema {
		definitions, ok := child.(map[string]any)
		switch {
		case name == "$defs" && ok:
			for name, child := range definitions {
				explained(t, at+"#"+name, child, true)
			}
		case name != "properties":
			explained(t, at, child, false)
		}
	}
}

// TestWrongOutput holds what is not promised against the schemas.
func TestWrongOutput(t *testing.T) {
	t.Setenv(schemaNotes, t.TempDir()) // none of it is used
	const good = `{"schema":"mailctl.version/1","version":"1.0.0","go":"go1.26","platform":"linux/amd64"}`
	for output, right := range map[string]bool{
		good:                       true,
		good + "\nsome text\n12\n": true,
		strings.Replace(good, `"go"`, `"gone"`, 1):            false,
		strings.Replace(good, `"go1.26"`, "1", 1):             false,
		strings.Replace(good, "}", `,"time":"yesterday"}`, 1): false,
		strings.Replace(good, "version/1", "nothing/1", 1):    false,
		`{"a":1}`:                       false,
		`{"schema":"mailctl.bounce/1"}`: false,
		`{"schema":"mailctl.bounce/1","reports":[{}]}`:                         false,
		`{"schema":"mailctl.cancel/1","campaign":"c","status":"paused"}`:       false,
		`{"schema":"mailctl.suppress/1","added":1,"removed":1,"unchanged":0}`:  false,
		`{"schema":"mailctl.suppress/1","removed":1,"unchanged":0}` + "\n{}\n": false,
	} {
		if err := judgeOutput([]byte(output)); (err == nil) != right {
			t.Errorf("%s: %v", output, err)
		}
	}
}
