// Package arch holds the walls of the house against the code: which package may
// import which, and what no package may do. It has tests only.
package arch
