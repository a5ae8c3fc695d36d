package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
)

// Variables of the environment for a test binary that runs as mailctl.
const (
	schemaFolder = "MAILCTL_TEST_SCHEMAS"       // where the schemas are
	schemaErrors = "MAILCTL_TEST_SCHEMA_ERRORS" // file that takes what does not match them
)

// maxJudged bounds the output that is held against its schema.
const maxJudged = 8 << 20

// A judgedOutput passes output on and keeps it, to hold it against its schemas
// in the end.
type judgedOutput struct {
	io.Writer
	kept bytes.Buffer
}

func (o *judgedOutput) Write(p []byte) (int, error) {
	if o.kept.Len() < maxJudged {
		o.kept.Write(p)
	}
	return o.Writer.Write(p)
}

// judge writes down which JSON documents of an output are not as docs/schema
// promises.
func (o *judgedOutput) judge(folder, errorsFile string) error {
	var wrong strings.Builder
	for _, document := range documents(o.kept.Bytes()) {
		var head struct{ Schema string }
		if json.Unmarshal(document, &head) != nil || !strings.HasPrefix(head.Schema, "mailctl.") {
			continue
		}
		if err := testkit.CheckJSON(filepath.Join(folder, schemaFile(head.Schema)), document); err != nil {
			fmt.Fprintf(&wrong, "mailctl %q: %v\n%.400s\n", os.Args[1:], err, document)
		}
	}
	if wrong.Len() == 0 {
		return nil
	}
	f, err := os.OpenFile(errorsFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(wrong.String())
	return joinClose(err, f)
}

func joinClose(err error, c io.Closer) error {
	if closed := c.Close(); err == nil {
		err = closed
	}
	return err
}

// documents returns an output as one JSON document, or else its lines.
func documents(output []byte) [][]byte {
	if json.Valid(output) {
		return [][]byte{output}
	}
	return bytes.Split(bytes.TrimSpace(output), []byte("\n"))
}

// schemaFile returns the name of the file that describes a schema: send-1.json
// for mailctl.send/1.
func schemaFile(id string) string {
	return strings.ReplaceAll(strings.TrimPrefix(id, "mailctl."), "/", "-") + ".json"
}

// TestSchemas looks for the description of every schema that the program names.
func TestSchemas(t *testing.T) {
	named := map[string]bool{}
	id := regexp.MustCompile(`"(mailctl\.[a-z-]+/[0-9]+)"`)
	for _, pattern := range []string{"*.go", "../ui/*.go", "../../pkg/*/*.go"} {
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
	for name := range named {
		if _, err := os.Stat(filepath.Join(schemas, name)); err != nil {
			t.Error(err)
		}
	}
	described, err := filepath.Glob(filepath.Join(schemas, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range described {
		if !named[filepath.Base(path)] {
			t.Errorf("%s describes what nothing writes", path)
		}
	}
}

// schemas is where the descriptions of JSON output are.
var schemas = filepath.Join("..", "..", "docs", "schema")
