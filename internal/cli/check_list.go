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
	case strings.ContainsAny(text, " \t/:*"):
		return delivery.Hint(invalid, "write a domain such as example.com")
	}
	if _, err := delivery.DNSName(text); err != nil {
		return delivery.Hint(fmt.Errorf("invalid domain: %w", err), "write a domain such as example.com")
	}
	return nil
}

// readDomains reads a list of domains, one a line.
func readDomains(env Environment, path string) ([]checkTarget, error) {
	if path == "-" {
		return scanDomains(env.Stdin, "standard input", "")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError("read --list", path, err)
	}
	targets, err := scanDomains(f, path, path)
	if err == nil && len(targets) == 0 {
		err = delivery.Hint(fmt.Errorf("there is no domain in --list %q", path), "write one domain a line")
	}
	return targets, errors.Join(err, f.Close())
}

// scanDomains reads a list. The name is for messages, and the file is where
// findings are shown.
func scanDomains(r io.Reader, name, file string) ([]checkTarget, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxDomainLine)
	var targets []checkTarget
	number := 0
	for lines.Scan() {
		number++
		line, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\ufeff"), "#")
		domain := strings.TrimSpace(line)
		if domain == "" {
			continue
		}
		if err := verifyDomain(domain); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, number, err)
		}
		targets = append(targets, checkTarget{domain, ui.Place{File: file, Line: number}})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("cannot read --list %q behind line %d: %w", name, number, err)
	}
	return targets, nil
}
