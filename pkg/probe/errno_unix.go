//go:build !windows

package probe

import "syscall"

// What the operating system says when there is no connection.
const (
	errnoRefused     = syscall.ECONNREFUSED
	errnoReset       = syscall.ECONNRESET
	errnoNoNetwork   = syscall.ENETUNREACH
	errnoNoHost      = syscall.EHOSTUNREACH
	errnoForbidden   = syscall.EACCES
	errnoFamily      = syscall.EAFNOSUPPORT
	errnoNoAddress   = syscall.EADDRNOTAVAIL
	errnoNotAllowed  = syscall.EPERM
	errnoTimedOut    = syscall.ETIMEDOUT
	errnoNetworkDown = syscall.ENETDOWN
)
