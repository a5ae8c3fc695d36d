package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// maxDomainLine bounds a line of a list of domains.
const maxDomainLine = 64 << 10

// readDomains reads a list of domains, one a line. What is no domain is checked
// all the same, and found to be none.
func readDomains(env Environment, path string) ([]checkTarget, error) {
	if path == "-" {
		return scanDomains(env.Stdin, "")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError("read --list", path, err)
	}
	targets, err := scanDomains(f, path)
	if err == nil && len(targets) == 0 {
		err = delivery.Hint(fmt.Errorf("there is no domain in --list %q", path), "write one domain a line")
	}
	return targets, errors.Join(err, f.Close())
}

func scanDomains(r io.Reader, name string) ([]checkTarget, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxDomainLine)
	var targets []checkTarget
	number := 0
	for lines.Scan() {
		number++
		line, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\ufeff"), "#")
		if domain := strings.TrimSpace(line); domain != "" {
			targets = append(targets, checkTarget{domain, ui.Place{File: name, Line: number}})
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("cannot read --list %q behind line %d: %w", name, number, err)
	}
	return targets, nil
}
