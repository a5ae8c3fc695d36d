package delivery

import (
	"context"
	"net"
	"sync"
	"time"
)

// A watcher interrupts the connection when the context of the present call is
// done. A session is mostly used with one context, so watching it goes on from
// call to call and costs nothing in each.
//
// Every call sets its deadline after watch and looks at the context after that;
// so whether the context ends before or after, the call is not left waiting.
type watcher struct {
	conn net.Conn
	done <-chan struct{} // of the context that is watched
	stop func() bool

	mu   sync.Mutex
	turn int // counts the contexts, so that a late one interrupts nothing
}

// watch watches ctx and nothing else.
func (w *watcher) watch(ctx context.Context) {
	done := ctx.Done()
	if done == w.done {
		return
	}
	w.release()
	if done == nil {
		return
	}
	turn := w.turn
	w.done = done
	w.stop = context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.turn == turn {
			_ = w.conn.SetDeadline(time.Unix(1, 0)) // a closed connection needs no interruption
		}
	})
}

// release stops watching. When it returns, the connection is not touched again.
func (w *watcher) release() {
	if w.stop == nil {
		return
	}
	w.stop()
	w.mu.Lock()
	w.turn++
	w.mu.Unlock()
	w.stop, w.done = nil, nil
}
