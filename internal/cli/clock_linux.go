package cli

import "golang.org/x/sys/unix"

// clockIsKept reports whether the kernel takes the clock to be kept right by a
// time service, see adjtimex(2), and whether that is known.
func clockIsKept() (kept, known bool) {
	var status unix.Timex
	state, err := unix.Adjtimex(&status)
	return err == nil && state != unix.TIME_ERROR && status.Status&unix.STA_UNSYNC == 0, err == nil
}
