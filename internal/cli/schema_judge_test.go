package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mailctl/mailctl/internal/testkit"
)

// schemas is where the descriptions of JSON output are, and sarifSchema is that
// of SARIF.
const (
	schemas     = "../../docs/schema"
	sarifSchema = "../../testdata/schema/sarif-schema-2.1.0.json"
)

// Variables of the environment for the tests and for those processes of them that
// run as mailctl.
const (
	schemaFolder = "MAILCTL_TEST_SCHEMAS"       // where the schemas are
	schemaNotes  = "MAILCTL_TEST_SCHEMA_NOTES"  // a folder for the notes of all processes
	schemaJudged = "MAILCTL_TEST_SCHEMA_JUDGED" // whether a process holds its own output against the schemas
)

// maxKept bounds the output that is held against its schemas.
const maxKept = 8 << 20

// A keptOutput passes output on and keeps it.
type keptOutput struct {
	io.Writer
	kept bytes.Buffer
}

func (o *keptOutput) Write(p []byte) (int, error) {
	if o.kept.Len() < maxKept {
		o.kept.Write(p)
	}
	return o.Writer.Write(p)
}

// judgeOutput says which JSON objects of an output are not as their schemas
// promise, and notes the schemas. One that names no schema is wrong.
func judgeOutput(output []byte) error {
	opened := map[string]*testkit.JSONSchema{}
	var wrong []error
	for _, document := range documents(output) {
		name, err := describedBy(document)
		if name != "" && opened[name] == nil {
			opened[name], err = testkit.OpenJSONSchema(filepath.Join(os.Getenv(schemaFolder), name))
			note("used", name)
		}
		if err == nil && name != "" {
			err = opened[name].Check(document)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%w\n%.400s", err, document))
		}
	}
	return errors.Join(wrong...)
}

// documents returns an output as one JSON document, or else its lines.
func documents(output []byte) [][]byte {
	if json.Valid(output) {
		return [][]byte{output}
	}
	return bytes.Split(output, []byte("\n"))
}

// describedBy returns the file of the schema that an object names; "" for what
// is no object.
func describedBy(document []byte) (string, error) {
	if document = bytes.TrimSpace(document); !bytes.HasPrefix(document, []byte("{")) || !json.Valid(document) {
		return "", nil
	}
	var head struct {
		Schema  string
		Foreign string `json:"$schema"`
	}
	err := json.Unmarshal(document, &head)
	switch {
	case err != nil:
		return "", err
	case strings.HasPrefix(head.Schema, "mailctl."):
		return schemaFile(head.Schema), nil
	case strings.HasSuffix(head.Foreign, "/"+filepath.Base(sarifSchema)):
		return filepath.Join("..", "..", "testdata", "schema", filepath.Base(sarifSchema)), nil
	}
	return "", errors.New("an object that names no schema")
}

// schemaFile returns the name of the file that describes a schema: send-1.json
// for mailctl.send/1.
func schemaFile(id string) string {
	return strings.ReplaceAll(strings.TrimPrefix(id, "mailctl."), "/", "-") + ".json"
}

// note adds a line to the notes of all processes.
func note(name, text string) {
	f, err := os.OpenFile(filepath.Join(os.Getenv(schemaNotes), name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	if _, err := f.WriteString(text + "\n"); err != nil {
		panic(err)
	}
	if err := f.Close(); err != nil {
		panic(err)
	}
}

// checkOutput fails the test when an output is not as its schemas promise.
func checkOutput(t testing.TB, output string) {
	t.Helper()
	if err := judgeOutput([]byte(output)); err != nil {
		t.Errorf("not as docs/schema promises: %v", err)
	}
}

// checkFiles is the script command
//
//	schema FILE…
//
// which holds files of JSON against their schemas.
func checkFiles(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: schema FILE…")
	}
	for _, name := range args {
		text := ts.ReadFile(name)
		if text == "" {
			ts.Fatalf("%s is empty", name)
		}
		ts.Check(judgeOutput([]byte(text)))
	}
}

// judgedTests are tests that fail when a process wrote JSON that is not as
// docs/schema promises, or when no test wrote what a schema describes.
type judgedTests struct{ m *testing.M }

// Run is part of [testscript.TestingM].
func (j judgedTests) Run() int {
	folder, err := os.MkdirTemp("", "mailctl-schemas-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	descriptions, err := filepath.Abs(schemas) // some tests go elsewhere
	if err != nil {
		panic(err)
	}
	for name, value := range map[string]string{schemaFolder: descriptions, schemaNotes: folder} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	code := j.m.Run()
	if err := judgeNotes(folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

// judgeNotes reads the notes of all processes. Which schemas were used is of
// interest when all tests ran.
func judgeNotes(folder string) error {
	wrong, err := readNotes(folder, "wrong")
	if err != nil {
		return err
	}
	if wrong != "" {
		return fmt.Errorf("output that is not as docs/schema promises:\n%s", wrong)
	}
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.fuzz"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return nil
		}
	}
	used, err := readNotes(folder, "used")
	if err != nil {
		return err
	}
	described, err := describedSchemas()
	if err != nil {
		return err
	}
	var idle []error
	for _, name := range described {
		if !strings.Contains("\n"+used, "\n"+name+"\n") {
			idle = append(idle, fmt.Errorf("no test writes what docs/schema/%s describes", name))
		}
	}
	return errors.Join(idle...)
}

func readNotes(folder, name string) (string, error) {
	text, err := os.ReadFile(filepath.Join(folder, name))
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	return string(text), err
}
