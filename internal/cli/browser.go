package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"html"
	"image"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"time"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// pageOf returns the page that shows a message.
func pageOf(p ui.Preview) string {
	if p.View.HTML != "" {
		return p.View.HTML
	}
	return "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>" + html.EscapeString(p.View.Subject) +
		"</title></head>\n<body><pre style=\"white-space: pre-wrap\">" + html.EscapeString(p.View.Text) + "</pre></body></html>\n"
}

// openInBrowser asks the desktop to show a file.
func openInBrowser(ctx context.Context, path string) error {
	program := map[string][]string{"darwin": {"open"}, "windows": {"rundll32", "url.dll,FileProtocolHandler"}}[runtime.GOOS]
	if program == nil {
		program = []string{"xdg-open"}
	}
	if err := exec.CommandContext(ctx, program[0], append(program[1:], path)...).Run(); err != nil { //nolint:gosec // a program of the desktop, and our own file
		return delivery.Hint(fmt.Errorf("cannot open a browser with %s: %w", program[0], err), "write a file instead, with --out message.html")
	}
	return nil
}

// browsers are the programs that can make a picture of a page.
var browsers = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"}

// findBrowser returns the program that --browser names, or the first there is.
func findBrowser(name string) (string, error) {
	names := browsers
	if name != "" {
		names = []string{name}
	}
	for _, n := range names {
		if path, err := exec.LookPath(n); err == nil {
			return path, nil
		}
	}
	err := fmt.Errorf("no browser to make a picture with: there is no %s", cmp.Or(name, "Chromium or Chrome"))
	return "", delivery.Hint(err, "install Chromium, name one with --browser, or write HTML with --out message.html")
}

const (
	// screenshotTime bounds one run of the browser.
	screenshotTime = 60 * time.Second
	// maxPicture is the height of a picture at most, in pixels.
	maxPicture = 20000
	// minWindow is how narrow a window of Chromium can be; a message that is
	// narrower stands in a frame.
	minWindow = 500
)

var frameHeight = regexp.MustCompile(`data-height="(\d+)"`)

// screenshot returns a PNG of a whole page at a width. Scripts in the page do not
// run.
func screenshot(ctx context.Context, browser, page string, width int) (_ []byte, err error) {
	program, err := findBrowser(browser)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "mailctl-preview-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	frame := filepath.Join(folder, "frame.html")
	if err := os.WriteFile(frame, []byte(framed(page, width)), 0o600); err != nil {
		return nil, err
	}
	run := func(args ...string) ([]byte, error) {
		return runBrowser(ctx, program, folder, append(args, "file://"+frame))
	}
	dom, err := run("--dump-dom", fmt.Sprintf("--window-size=%d,600", max(width, minWindow)))
	if err != nil {
		return nil, err
	}
	height := 0
	if found := frameHeight.FindSubmatch(dom); found != nil {
		height, _ = strconv.Atoi(string(found[1])) // digits; too many give 0
	}
	height = min(max(height, 100), maxPicture)
	picture := filepath.Join(folder, "page.png")
	if _, err := run("--screenshot="+picture, fmt.Sprintf("--window-size=%d,%d", max(width, minWindow), height)); err != nil {
		return nil, err
	}
	content, err := os.ReadFile(picture)
	if err != nil {
		return nil, fmt.Errorf("%s made no picture: %w", program, bare(err))
	}
	return crop(content, width)
}

// framed returns a page that shows another one at a width, and tells its height.
func framed(page string, width int) string {
	return fmt.Sprintf(`<!DOCTYPE html><html><body style="margin:0"><iframe id="f" sandbox="allow-same-origin" scrolling="no" `+
		`style="border:0;display:block;width:%dpx;height:600px" srcdoc="%s"></iframe><script>
const frame = document.getElementById("f");
frame.onload = () => {
  const height = frame.contentDocument.documentElement.scrollHeight;
  frame.style.height = height + "px";
  document.body.setAttribute("data-height", height);
};
</script></body></html>`, width, html.EscapeString(page))
}

// runBrowser runs Chromium without a window.
func runBrowser(ctx context.Context, program, folder string, args []string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, screenshotTime)
	defer cancel()
	fixed := []string{"--headless", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--user-data-dir=" + folder, "--virtual-time-budget=2000"}
	if os.Geteuid() == 0 {
		fixed = append(fixed, "--no-sandbox") // Chromium has none for root
	}
	cmd := exec.CommandContext(ctx, program, append(fixed, args...)...) //nolint:gosec // the user's browser
	cmd.WaitDelay = time.Second
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		last := bytes.TrimSpace(stderr.Bytes())
		last = last[bytes.LastIndexByte(last, '\n')+1:]
		return nil, unfinished(fmt.Errorf("%s failed: %w: %q", program, err, last))
	}
	return out, nil
}

// crop cuts a PNG to a width.
func crop(content []byte, width int) ([]byte, error) {
	whole, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("read the picture: %w", err)
	}
	bounds := whole.Bounds()
	if bounds.Dx() <= width {
		return content, nil
	}
	cut := image.NewRGBA(image.Rect(0, 0, width, bounds.Dy()))
	draw.Draw(cut, cut.Bounds(), whole, bounds.Min, draw.Src)
	var out bytes.Buffer
	if err := png.Encode(&out, cut); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
