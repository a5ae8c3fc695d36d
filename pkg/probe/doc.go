// Package probe says what a mail server speaks: host → session → facts → findings.
//
// A [Prober] finds the servers that a [Request] is about, opens one session with
// each of their addresses, which it ends with QUIT, and judges what it saw. What
// domains publish about their certificates comes from whoever implements
// [Policies], so that this package knows of servers only.
package probe
