package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// maxDomainLine bounds a line of a list of domains.
const maxDomainLine = 64 << 10

// verifyDomain refuses what is not a domain, and guesses what was meant.
func verifyDomain(text string) error {
	invalid := fmt.Errorf("invalid domain %q", text)
	_, domain, address := strings.Cut(text, "@")
	u, err := url.Parse(text)
	_, ip := netip.ParseAddr(text)
	switch {
	case ip == nil:
		return delivery.Hint(invalid, "name the domain, and the address that sends for it with --ip")
	case err == nil && u.Host != "":
		return delivery.Hint(invalid, fmt.Sprintf("leave out everything but the name: %s", u.Hostname()))
	case address:
		return delivery.Hint(invalid, fmt.Sprintf("leave out everything but the domain: %s", domain))
	case notInDomain(text):
		return delivery.Hint(invalid, "write a domain such as example.com")
	}
	if _, err := delivery.DNSName(text); err != nil {
		return delivery.Hint(fmt.Errorf("invalid domain: %w", err), "write a domain such as example.com")
	}
	return nil
}

// notInDomain reports whether a text has what no domain of mail has, though the DNS
// could hold it.
func notInDomain(text string) bool { return strings.ContainsAny(text, " \t/:*") }

// readDomains reads a list of domains, one a line.
func readDomains(env Environment, path string) ([]checkTarget, error) {
	var targets []checkTarget
	err := readNames(env, path, "domain", func(name string, place ui.Place) error {
		targets = append(targets, checkTarget{name, place})
		return verifyDomain(name)
	})
	return targets, err
}

// readNames reads a list of names, one a line, and hands each to a function. What
// that finds wrong is said with file and line.
func readNames(env Environment, path, what string, each func(name string, place ui.Place) error) error {
	if path == "-" {
		return scanNames(env.Stdin, "standard input", "", each)
	}
	f, err := os.Open(path)
	if err != nil {
		return fileError("read --list", path, err)
	}
	some := false
	err = scanNames(f, path, path, func(name string, place ui.Place) error {
		some = true
		return each(name, place)
	})
	if err == nil && !some {
		err = delivery.Hint(fmt.Errorf("there is no %s in --list %q", what, path), fmt.Sprintf("write one %s a line", what))
	}
	return errors.Join(err, f.Close())
}

// scanNames reads a list. The name is for messages, and the file is where
// findings are shown.
func scanNames(r io.Reader, list, file string, each func(name string, place ui.Place) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxDomainLine)
	number := 0
	for lines.Scan() {
		number++
		line, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\ufeff"), "#")
		name := strings.TrimSpace(line)
		if name == "" {
			continue
		}
		if err := each(name, ui.Place{File: file, Line: number}); err != nil {
			return fmt.Errorf("%s:%d: %w", list, number, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("cannot read --list %q behind line %d: %w", list, number, err)
	}
	return nil
}
