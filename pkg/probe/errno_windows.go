package probe

import "syscall"

// What the operating system says when there is no connection: the numbers of
// Windows Sockets, which the package syscall has other names for.
const (
	errnoRefused     = syscall.Errno(10061)
	errnoReset       = syscall.Errno(10054)
	errnoNoNetwork   = syscall.Errno(10051)
	errnoNoHost      = syscall.Errno(10065)
	errnoForbidden   = syscall.Errno(10013)
	errnoFamily      = syscall.Errno(10047)
	errnoNoAddress   = syscall.Errno(10049)
	errnoNotAllowed  = syscall.Errno(10013)
	errnoTimedOut    = syscall.Errno(10060)
	errnoNetworkDown = syscall.Errno(10050)
)
