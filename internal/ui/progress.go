package ui

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
)

const (
	redrawEvery = 100 * time.Millisecond // on a terminal
	lineEvery   = 5 * time.Second        // elsewhere
)

// A Progress shows where a long task stands: one line that is redrawn on a
// terminal, and elsewhere a plain line every few seconds if it has changed.
type Progress struct {
	w     io.Writer
	style Style
	line  func(time.Time) string

	mu    sync.Mutex
	drawn bool   // a line that will be redrawn is on the screen
	last  string // plain line that was written
	done  chan struct{}
	ended sync.WaitGroup
}

// StartProgress shows what line returns until [Progress.Stop] is called.
func StartProgress(w io.Writer, style Style, line func(now time.Time) string) *Progress {
	p := &Progress{w: w, style: style, line: line, done: make(chan struct{})}
	p.ended.Go(p.run)
	return p
}

func (p *Progress) run() {
	every := lineEvery
	if p.style.Terminal {
		every = redrawEvery
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			p.mu.Lock()
			p.draw(now)
			p.mu.Unlock()
		case <-p.done:
			return
		}
	}
}

// draw shows the line. The caller holds the lock.
func (p *Progress) draw(now time.Time) {
	text := p.line(now)
	if !p.style.Terminal {
		if plain := ansi.Strip(text); plain != p.last {
			fmt.Fprintln(p.w, plain)
			p.last = plain
		}
		return
	}
	fmt.Fprint(p.w, "\r", ansi.Truncate(text, p.style.Width-1, "…"), ansi.EraseLineRight)
	p.drawn = true
}

// Say writes a line that stays, above the one that is redrawn.
func (p *Progress) Say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	fmt.Fprintln(p.w, text)
}

// Stop ends the progress and takes its line off the terminal.
func (p *Progress) Stop() {
	close(p.done)
	p.ended.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

func (p *Progress) clear() {
	if p.drawn {
		fmt.Fprint(p.w, "\r", ansi.EraseLineRight)
		p.drawn = false
	}
}
