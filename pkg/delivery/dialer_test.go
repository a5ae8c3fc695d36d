package delivery_test

import (
	"context"
	"errors"
	"net"
)

// A dialerTo dials one address, whatever it is asked for.
type dialerTo string

func (d dialerTo) DialContext(ctx context.Context, network, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, network, string(d))
}

// A dialFunc refuses to dial and tells so.
type dialFunc func()

func (d dialFunc) DialContext(context.Context, string, string) (net.Conn, error) {
	d()
	return nil, errors.New("not dialed")
}

// A connDialer hands out connections that are there already.
type connDialer struct{ conn net.Conn }

func (d connDialer) DialContext(context.Context, string, string) (net.Conn, error) {
	return d.conn, nil
}
