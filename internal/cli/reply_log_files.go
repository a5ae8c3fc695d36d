package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/mailctl/mailctl/pkg/bounce/maillog"
)

// logProgress is how far the reading of logs is, for another goroutine to see.
type logProgress struct {
	octets                       atomic.Int64
	delivered, deferred, bounced atomic.Int64
}

func (p *logProgress) set(c maillog.Counts) {
	p.delivered.Store(int64(c.Delivered))
	p.deferred.Store(int64(c.Deferred))
	p.bounced.Store(int64(c.Bounced))
}

func (p *logProgress) counts() maillog.Counts {
	return maillog.Counts{Delivered: int(p.delivered.Load()), Deferred: int(p.deferred.Load()), Bounced: int(p.bounced.Load())}
}

// A logFile is a log that is being read.
type logFile struct {
	io.Reader
	path   string
	latest func() time.Time // no line is much later
	closes []io.Closer
}

func (f *logFile) close() error {
	errs := make([]error, 0, len(f.closes))
	for _, c := range f.closes {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// openLog opens a log, unpacks it where it has to be, and follows it when that was
// asked for. Reading ends with an error when ctx does.
func openLog(ctx context.Context, l *logRun, path string) (*logFile, error) {
	f := &logFile{path: path, latest: l.env.Now}
	ended := func() error { return context.Cause(ctx) }
	watched := &watchedReader{ended: ended, r: l.env.Stdin, octets: &l.progress.octets, before: l.flush}
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, fileError("read --log", path, err)
		}
		f.closes = append(f.closes, file)
		watched.r, watched.before = file, nil
		info, err := file.Stat()
		switch {
		case l.s.Reply.Follow:
			followed := &follower{done: ctx.Done(), ended: ended, path: path, file: file, idle: func() error { return l.idle(ctx) }}
			f.closes[0], watched.r = followed, followed
		case err == nil && info.Mode().IsRegular():
			f.latest = info.ModTime
		}
	}
	f.Reader = watched
	if l.s.Reply.Follow { // the beginning may still have to be written, and is not waited for
		return f, nil
	}
	var err error
	if f.Reader, err = unpacked(watched, "reply --log"); err == nil {
		return f, nil
	}
	return nil, errors.Join(fileError("read --log", path, err), f.close())
}

// A watchedReader counts what is read, and ends when ctx does.
type watchedReader struct {
	ended  func() error // says why nothing more is to be read, nil while it is
	r      io.Reader
	octets *atomic.Int64
	before func() error // called before what may take long; nil for nothing
	begun  bool
}

func (w *watchedReader) Read(p []byte) (int, error) {
	if err := w.ended(); err != nil {
		return 0, err
	}
	if w.before != nil {
		if err := w.before(); err != nil {
			return 0, err
		}
	}
	n, err := w.r.Read(p)
	w.octets.Add(int64(n))
	w.begun = w.begun || n > 0
	if w.begun && err != nil && !errors.Is(err, io.EOF) && w.ended() == nil {
		err = fmt.Errorf("%w: %w", errBroken, bare(err))
	}
	return n, err
}

// maxBeginning is how much of a log is looked at to find out when it begins.
const maxBeginning = 1 << 20

// order sorts the logs by when they begin, since the shell names mail.log before
// mail.log.1: whoever was deferred in one may be delivered to in the next. Logs that
// can only be read once stay where they are.
func (l *logRun) order() error {
	if len(l.paths) < 2 {
		return nil
	}
	begins := map[string]time.Time{}
	for _, path := range l.paths {
		info, err := os.Stat(path)
		if path == "-" || err == nil && !info.Mode().IsRegular() {
			return nil
		}
		if err != nil {
			return fileError("read --log", path, err)
		}
		in, err := openLog(context.Background(), &logRun{env: l.env}, path)
		if err != nil {
			return err
		}
		events := maillog.NewReader(io.LimitReader(in, maxBeginning), maillog.Options{Now: in.latest, Location: time.Local})
		e, err := events.Next()
		if begins[path] = e.Time; err != nil || e.Time.IsZero() {
			begins[path] = info.ModTime()
		}
		if err := in.close(); err != nil {
			return err
		}
	}
	slices.SortStableFunc(l.paths, func(a, b string) int {
		return cmp.Or(begins[a].Compare(begins[b]))
	})
	return nil
}
