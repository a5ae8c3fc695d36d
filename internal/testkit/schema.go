package testkit

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A JSONSchema says what JSON documents are like.
type JSONSchema struct{ compiled *jsonschema.Schema }

// OpenJSONSchema reads a schema from a file, and holds it against the schema of
// schemas. What it refers to by a relative address lies in the same folder.
func OpenJSONSchema(schemaPath string) (*JSONSchema, error) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	compiler.UseLoader(schemaFolder(filepath.Dir(schemaPath)))
	compiled, err := compiler.Compile(schemaPath)
	if err != nil {
		return nil, err
	}
	return &JSONSchema{compiled}, nil
}

// Check says where a document is not as the schema wants it. Formats such as uri
// and date-time are held against their standards.
func (s *JSONSchema) Check(document []byte) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return err
	}
	return s.compiled.Validate(value)
}

// schemaFolder holds schemas, whatever address they are published under.
type schemaFolder string

// Load is part of [jsonschema.URLLoader].
func (f schemaFolder) Load(url string) (any, error) {
	text, err := os.ReadFile(filepath.Join(string(f), path.Base(url)))
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(text))
}

// CheckJSON says where a JSON document is not as a schema in a file wants it.
func CheckJSON(schemaPath string, document []byte) error {
	schema, err := OpenJSONSchema(schemaPath)
	if err != nil {
		return err
	}
	return schema.Check(document)
}

// ValidateJSON fails the test when a JSON document is not as a schema in a file
// wants it.
func ValidateJSON(t testing.TB, schemaPath string, document []byte) {
	t.Helper()
	if err := CheckJSON(schemaPath, document); err != nil {
		t.Errorf("%s: %v", schemaPath, err)
	}
}
