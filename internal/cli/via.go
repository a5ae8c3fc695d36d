package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mailctl/mailctl/internal/sink"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// A viaKind is a way for mail to leave.
type viaKind string

const (
	viaRelay   viaKind = "relay"   // smtp: and smtps:
	viaSink    viaKind = "sink"    // an embedded local server
	viaMaildir viaKind = "maildir" // files instead of mail
)

// A via is what --via says.
type via struct {
	kind        viaKind
	relay       delivery.Relay    // of viaRelay
	personality *sink.Personality // of viaSink
	folder      string            // of viaMaildir
}

// parseVia reads --via.
func parseVia(s string) (via, error) {
	scheme, rest, _ := strings.Cut(s, ":")
	switch scheme {
	case "smtp", "smtps":
		relay, err := delivery.ParseRelay(s)
		return via{kind: viaRelay, relay: relay}, err
	case "sink":
		name := rest
		if name == "" {
			name = "perfect"
		}
		personality, err := sink.ParsePersonality(name, os.ReadFile)
		return via{kind: viaSink, personality: personality}, err
	case "maildir":
		if rest == "" {
			return via{}, delivery.Hint(errors.New("--via maildir: names no folder"), "write --via maildir:outbox")
		}
		return via{kind: viaMaildir, folder: filepath.Clean(rest)}, nil
	}
	return via{}, delivery.Hint(fmt.Errorf("unknown --via %q", s),
		"write smtp://[user@]host[:587], smtps://host[:465], sink: or maildir:DIR")
}

// trial reports whether nothing leaves this machine.
func (v via) trial() bool { return v.kind != viaRelay }

// destination returns the queue that everyone without a rate of their own
// shares.
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
	default:
		return v.relay.String()
	}
}
