package ledger

import (
	"errors"
	"testing"
)

func TestBeginWarming(t *testing.T) {
	dir := t.TempDir()
	var ledgers [2]*Ledger
	for i := range ledgers {
		l, err := Open(t.Context(), dir, Options{BootID: "boot"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		ledgers[i] = l
	}
	end, err := ledgers[0].BeginWarming(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledgers[1].BeginWarming(t.Context()); !errors.Is(err, ErrWarming) {
		t.Errorf("got %v beside another one, want %v", err, ErrWarming)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	end, err = ledgers[1].BeginWarming(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}
