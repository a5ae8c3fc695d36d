package send

import (
	"testing"
	"time"
)

func FuzzStatedWait(f *testing.F) {
	for _, seed := range []string{"try again in 300 seconds", "5min", "1 hour", "in -5 s", "99999999999999999999 s", "0 seconds", "s 5"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		wait := statedWait(text)
		if wait < 0 || wait > 1<<20*time.Hour {
			t.Fatalf("%q: %v", text, wait)
		}
	})
}
