//go:build !race

package cli

// raceDetector is whether the tests run under the race detector, which makes them
// slow and large.
const raceDetector = false
