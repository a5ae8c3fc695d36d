package cli

import (
	"bytes"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/mailctl/mailctl/pkg/message"
)

// TestReadyMessagesFit draws each ready message as wide as a telephone and as a
// window: nothing may touch its right edge.
func TestReadyMessagesFit(t *testing.T) {
	if !slices.ContainsFunc(browsers, func(name string) bool { _, err := exec.LookPath(name); return err == nil }) {
		t.Skip("there is no Chromium on this machine")
	}
	for _, ready := range message.ReadyMessages() {
		for _, width := range []int{360, 800} {
			t.Run(ready.Name+strconv.Itoa(width), func(t *testing.T) {
				t.Parallel()
				folder := t.TempDir()
				env := testEnvironment(map[string]string{"HOME": folder})
				var stderr bytes.Buffer
				env.Stderr = &stderr
				if code := Run(t.Context(), env, []string{"template", "new", ready.Name, "--dir", folder}); code != exitOK {
					t.Fatal(stderr.String())
				}
				file := filepath.Join(folder, ready.Name)
				code := Run(t.Context(), env, []string{
					"preview", "--list", file + ".csv", "--message", file + ".md",
					"--out", file + ".png", "--width", strconv.Itoa(width),
				})
				if code != exitOK {
					t.Fatal(stderr.String())
				}
				rightEdgeIsFree(t, file+".png", width)
			})
		}
	}
}

// rightEdgeIsFree reports an error when the last columns of a picture hold more
// than the colour of the page.
func rightEdgeIsFree(t *testing.T, path string, width int) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	bounds := picture.Bounds()
	if bounds.Dx() != width || bounds.Dy() < 400 {
		t.Fatalf("the picture is %v", bounds)
	}
	page := picture.At(0, 0)
	for y := range bounds.Dy() {
		for x := bounds.Dx() - 8; x < bounds.Dx(); x++ {
			if picture.At(x, y) != page {
				t.Fatalf("something stands at %d, %d", x, y)
			}
		}
	}
}
