package cli

import (
	"fmt"
	"sync"
	"time"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// A console writes lines to standard error while a command works, around the
// line of progress when there is one.
type console struct {
	env   Environment
	style ui.Style

	mu       sync.Mutex
	progress *ui.Progress
}

func newConsole(env Environment, s settings) *console {
	return &console{env: env, style: styleOf(env, env.Stderr, s.NoColor)}
}

// say writes a line.
func (c *console) say(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.progress != nil {
		c.progress.Say(text)
		return
	}
	fmt.Fprintln(c.env.Stderr, text)
}

// warn writes a line that deserves attention.
func (c *console) warn(text string) { c.say(c.style.Fold(c.style.Warn("warning:") + " " + text)) }

// watch shows progress until the function it returns is called.
func (c *console) watch(counts *ui.SendCounts) (stop func()) { return c.watchLine(counts.Line) }

// watchLine shows a line of progress until the function it returns is called.
func (c *console) watchLine(line func(time.Time) string) (stop func()) {
	progress := ui.StartProgress(c.env.Stderr, c.style, line)
	c.mu.Lock()
	c.progress = progress
	c.mu.Unlock()
	return func() {
		c.mu.Lock()
		c.progress = nil
		c.mu.Unlock()
		progress.Stop()
	}
}

// trace shows one line of a conversation.
func (c *console) trace(e delivery.TraceEvent) { c.say(c.style.Faint(traceLine(e))) }

// traceLine returns one line of a conversation with a mark for who said it.
func traceLine(e delivery.TraceEvent) string {
	mark := map[delivery.TraceSide]string{delivery.TraceClient: ">", delivery.TraceServer: "<"}[e.Side]
	if mark == "" {
		mark = "*"
	}
	return mark + " " + e.Text
}
