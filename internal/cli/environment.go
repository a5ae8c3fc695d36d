package cli

import (
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// An Environment is everything the program takes from its process, so that a
// test can hand in something else.
type Environment struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// Lookup returns a variable of the environment and whether it is set.
	Lookup func(name string) (string, bool)
	// Environ returns all variables as name=value. When it is nil, nobody looks
	// for names that are wrong.
	Environ func() []string
	// Terminal returns the width in columns when the stream is a terminal.
	Terminal func(stream any) (columns int, ok bool)
	Now      func() time.Time
}

// OSEnvironment returns the environment of the process.
func OSEnvironment() Environment {
	return Environment{
		Stdin:    os.Stdin,
		Stdout:   os.Stdout,
		Stderr:   os.Stderr,
		Lookup:   os.LookupEnv,
		Environ:  os.Environ,
		Terminal: terminalWidth,
		Now:      time.Now,
	}
}

// terminalWidth asks the operating system; COLUMNS is not consulted, since
// shells do not export it.
func terminalWidth(stream any) (int, bool) {
	f, ok := stream.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil || columns <= 0 {
		return 80, true
	}
	return columns, true
}

// get returns a variable of the environment, "" when it is not set.
func (e Environment) get(name string) string {
	value, _ := e.Lookup(name)
	return value
}
