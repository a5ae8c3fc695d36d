//go:build !linux

package testkit

import "net"

// acknowledge does nothing where acknowledgements cannot be asked for.
func acknowledge(*net.TCPConn) error { return nil }
