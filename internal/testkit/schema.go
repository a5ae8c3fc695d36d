package testkit

import (
	"bytes"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// CheckJSON says where a JSON document is not as a schema in a file wants it.
// Formats such as uri and date-time are held against their standards.
func CheckJSON(schemaPath string, document []byte) error {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(schemaPath)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// ValidateJSON fails the test when a JSON document is not as a schema in a file
// wants it.
func ValidateJSON(t testing.TB, schemaPath string, document []byte) {
	t.Helper()
	if err := CheckJSON(schemaPath, document); err != nil {
		t.Errorf("%s: %v", schemaPath, err)
	}
}
