package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// writtenFlags name files that a command writes anew.
func writtenFlags() []string { return []string{"out", "record-dns", "suppressions"} }

// checkWritten refuses a file to write that the command also reads or that cannot
// be written, before anything is done.
func checkWritten(cmd *cobra.Command, env Environment, config string) error {
	for _, flag := range writtenFlags() {
		f := cmd.Flags().Lookup(flag)
		if f == nil || f.Value.String() == "" {
			continue
		}
		path := f.Value.String()
		for _, other := range namedFiles(cmd, env, config) {
			switch {
			case other.flag == flag:
			case other.is(path):
				return delivery.Hint(fmt.Errorf("--%s %q is also %s", flag, path, other.what), "write to another file, so that this one is not lost")
			case other.holds(path):
				return delivery.Hint(fmt.Errorf("--%s %q lies in %q, which is to be read", flag, path, other.path), "write to a file that is not in it")
			}
		}
		if err := tryToWrite(path); err != nil {
			err = fileError("write --"+flag, path, err)
			if diskFull(err) {
				return unfinished(err)
			}
			return err
		}
	}
	return nil
}

// A namedFile is a file or folder that a command is told of.
type namedFile struct {
	flag string // "" for what no flag names
	path string // "" for standard input
	what string
	info fs.FileInfo // nil when there is no such file
}

// namedFiles returns what a command is told to read or write.
func namedFiles(cmd *cobra.Command, env Environment, config string) []namedFile {
	var all []namedFile
	add := func(flag, path, what string) {
		info, err := os.Stat(path)
		if err != nil {
			info = nil
		}
		all = append(all, namedFile{flag, path, what, info})
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		for _, path := range filesOf(f) {
			add(f.Name, path, "what --"+f.Name+" names")
		}
	})
	if takesFiles(cmd) {
		for _, path := range cmd.Flags().Args() {
			add("", path, "what is to be read")
		}
	}
	if config != "" {
		add("", config, "the configuration")
	}
	if stdin, ok := env.Stdin.(*os.File); ok {
		if info, err := stdin.Stat(); err == nil && info.Mode().IsRegular() {
			all = append(all, namedFile{what: "standard input", info: info})
		}
	}
	return all
}

// filesOf returns the files that a flag names: its help calls its value a FILE.
func filesOf(f *pflag.Flag) []string {
	kind, _ := pflag.UnquoteUsage(f)
	text := f.Value.String()
	switch list, several := f.Value.(pflag.SliceValue); {
	case f.Name == "via":
		path, ok := strings.CutPrefix(text, "sink:")
		if !ok {
			return nil
		}
		return []string{path}
	case text == "" || !strings.Contains(kind, "FILE"):
		return nil
	case several:
		return list.GetSlice()
	default:
		return []string{text}
	}
}

// takesFiles reports whether a command's arguments are files or folders: those of
// reply are, beside --log.
func takesFiles(cmd *cobra.Command) bool {
	if logs, err := cmd.Flags().GetStringArray("log"); err == nil && len(logs) > 0 {
		return true
	}
	flag := false // the word before is a flag, whose value is no argument
	for _, word := range strings.Fields(cmd.Use)[1:] {
		word = strings.Trim(word, "[]…")
		if !flag && slices.Contains([]string{"FILE", "FILE|DIR|MBOX", "MESSAGE", "PLAN"}, word) {
			return true
		}
		flag = strings.HasPrefix(word, "--")
	}
	return false
}

// is reports whether a path leads to the file.
func (n namedFile) is(path string) bool {
	info, err := os.Stat(path)
	if err == nil && n.info != nil {
		return info.Mode().IsRegular() && os.SameFile(info, n.info)
	}
	if err == nil || n.info != nil {
		return false
	}
	one, err := filepath.Abs(path)
	other, failed := filepath.Abs(n.path)
	return err == nil && failed == nil && one == other // neither is there yet
}

// holds reports whether it is a folder to read in which a path lies, or in one below.
func (n namedFile) holds(path string) bool {
	if n.flag != "" || n.info == nil || !n.info.IsDir() {
		return false
	}
	folder, err := realPath(n.path)
	above, failed := realPath(filepath.Dir(path))
	if err != nil || failed != nil {
		return false
	}
	rest, err := filepath.Rel(folder, above)
	return err == nil && filepath.IsLocal(rest)
}

func realPath(path string) (string, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	return filepath.Abs(path)
}

// tryToWrite returns why a file cannot be written to, and leaves everything as it
// is. Pipes and devices are not tried, since who is at the other end would notice.
func tryToWrite(path string) error {
	info, err := os.Stat(path)
	if err == nil {
		if !info.Mode().IsRegular() && !info.IsDir() {
			return nil
		}
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return f.Close()
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err // a folder above it that cannot be searched, or is none
	}
	if _, linked := os.Lstat(path); linked == nil {
		return nil // a link to what is not there yet
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(path))
}

// diskFull reports whether a file cannot be written for want of room.
func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
