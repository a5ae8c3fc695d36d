package ui

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWriteSuppressions holds that an address is never cut, and that each entry is
// one line of which a terminal obeys nothing.
func TestWriteSuppressions(t *testing.T) {
	const day = "2026-11-22 08:00"
	long := strings.Repeat("a", 30) + "@" + strings.Repeat("b", 20) + ".example"
	var got strings.Builder
	err := WriteSuppressions(&got, Style{Width: 60}, [][]string{
		{"anna@x.example", "asked us by phone", "suppress add", day},
		{long, "", "suppress import", day},
		{"bob@x.example", "\x1b[31mred\nand more", "by hand", day},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "" +
		"  ADDRESS                         REASON    SOURCE    SINCE (UTC)\n" +
		"  anna@x.example                  asked u…  suppres…  2026-11…\n" +
		"  " + long + "            suppres…  2026-11…\n" +
		"  bob@x.example                   \\x1b[31…  by hand   2026-11…\n"
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
	got.Reset()
	if err := WriteSuppressions(&got, Style{Width: 120}, [][]string{{long, "asked", "by hand", day}}); err != nil {
		t.Fatal(err)
	}
	if want := "  " + long + "  asked   by hand  " + day + "\n"; !strings.HasSuffix(got.String(), want) {
		t.Errorf("got %q, want %q", got.String(), want)
	}
}
