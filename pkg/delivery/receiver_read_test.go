package delivery

import "testing"

func TestReadReceivers(t *testing.T) {
	t.Parallel()
	if _, err := readReceivers(providersJSON); err != nil {
		t.Error(err)
	}
	if _, err := readReceivers([]byte(`[{"name": "x", "rate": {"rate": "fast"}}]`)); err == nil {
		t.Error("a rate that is none was read")
	}
}
