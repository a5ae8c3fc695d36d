package testkit

import "testing"

func TestCheckJSON(t *testing.T) {
	t.Parallel()
	const schema = "../../testdata/schema/sarif-schema-2.1.0.json"
	const tool = `{"driver":{"name":"a","informationUri":"https://a.example/"}}`
	for document, want := range map[string]bool{
		`{"version":"2.1.0","runs":[{"tool":` + tool + `,"results":[]}]}`:                         true,
		`{"version":"2.0.0","runs":[]}`:                                                           false,
		`{"version":"2.1.0","runs":[{"results":[]}]}`:                                             false,
		`{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"a","informationUri":"no URI"}}}]}`: false,
		`{"version":"2.1.0","runs":[]`:                                                            false,
	} {
		if err := CheckJSON(schema, []byte(document)); (err == nil) != want {
			t.Errorf("%s: %v", document, err)
		}
	}
	if err := CheckJSON("missing.json", []byte("{}")); err == nil {
		t.Error("a schema that is not there holds")
	}
}
