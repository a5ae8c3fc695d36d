package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/internal/sink"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// A viaKind is a way for mail to leave.
type viaKind string

const (
	viaRelay   viaKind = "relay"           // smtp: and smtps:
	viaMX      viaKind = "mx"              // straight to each recipient's mail exchangers
	viaSink    viaKind = ledger.ViaSink    // an embedded local server
	viaMaildir viaKind = ledger.ViaMaildir // files instead of mail
)

// A via is what --via says.
type via struct {
	kind        viaKind
	relay       delivery.Relay    // of viaRelay
	personality *sink.Personality // of viaSink
	folder      string            // of viaMaildir
	port        int               // of viaMX
}

// parseVia reads --via.
func parseVia(s string) (via, error) {
	scheme, rest, found := strings.Cut(s, ":")
	switch strings.ToLower(scheme) {
	case "smtp", "smtps":
		relay, err := delivery.ParseRelay(s)
		return via{kind: viaRelay, relay: relay}, err
	case "mx":
		if !found {
			break
		}
		return parseMX(rest)
	case "sink":
		name := rest
		if name == "" {
			name = "perfect"
		}
		personality, err := sink.ParsePersonality(name, readPersonality)
		return via{kind: viaSink, personality: personality}, err
	case "maildir":
		if rest == "" {
			return via{}, delivery.Hint(errors.New("--via maildir: names no folder"), "write --via maildir:outbox")
		}
		return via{kind: viaMaildir, folder: filepath.Clean(rest)}, nil
	}
	return via{}, delivery.Hint(unknownVia(scheme, found),
		"write smtp://[user@]host[:587], smtps://host[:465], mx:, sink: or maildir:DIR")
}

// unknownVia names the scheme alone: what follows may hold a password.
func unknownVia(scheme string, found bool) error {
	if !found || scheme == "" || strings.ContainsFunc(scheme, func(c rune) bool { return !isSchemeRune(c) }) {
		return errors.New("--via has no scheme that is known")
	}
	err := fmt.Errorf("unknown --via scheme %q", scheme)
	if near := delivery.Nearest(scheme, []string{"smtp", "smtps", "mx", "sink", "maildir"}); near != "" {
		return delivery.Hint(err, fmt.Sprintf("did you mean %q?", near+":"))
	}
	return err
}

// isSchemeRune reports whether a scheme may have c (RFC 3986 §3.1).
func isSchemeRune(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("+-.", c)
}

// trial reports whether nothing leaves this machine.
func (v via) trial() bool { return v.kind == viaSink || v.kind == viaMaildir }

// destination returns the queue that everyone without a rate of their own
// shares. With viaMX everyone's is their domain.
func (v via) destination() string {
	if v.kind == viaRelay {
		return v.relay.Host
	}
	return string(v.kind)
}

// String describes the way for people.
func (v via) String() string {
	switch v.kind {
	case viaSink:
		return "an embedded local server, " + v.personality.Name
	case viaMaildir:
		return "files in " + v.folder
	case viaMX:
		if v.port != 25 {
			return fmt.Sprintf("straight to each recipient's mail exchangers, on port %d", v.port)
		}
		return "straight to each recipient's mail exchangers"
	default:
		return v.relay.String()
	}
}
