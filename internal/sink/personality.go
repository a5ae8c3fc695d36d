package sink

import (
	"embed"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// ErrUnknownPersonality means that a name is neither that of a personality nor
// that of a file.
var ErrUnknownPersonality = errors.New("unknown personality")

//go:embed personalities/*.yaml
var embedded embed.FS

// A Personality decides how a [Server] answers. The zero value accepts everything.
type Personality struct {
	Name  string // "realistic", or the name of the file
	About string // one sentence for people; may be empty

	host          string // name in the greeting; empty means the default
	maxSize       int    // 0 means the default
	maxRecipients int    // 0 means the default
	receiver      *receiver
	rules         []*rule
}

// Names returns the names of the personalities that come with the program, in
// alphabetical order.
func Names() []string {
	files, err := embedded.ReadDir("personalities")
	if err != nil {
		return nil // the folder is part of the program
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(f.Name(), ".yaml")
	}
	return names
}

// ParsePersonality returns the personality of that name. A name with a path
// separator or one that ends in .yaml or .yml is a file, which read reads; read
// may be nil when files are not wanted. The package document describes the
// format.
//
// Errors are [ErrUnknownPersonality], what read returns, and [*SyntaxError].
// Those a person can do something about carry hints ([delivery.Hints]).
func ParsePersonality(name string, read func(string) ([]byte, error)) (*Personality, error) {
	data, err := embedded.ReadFile(path.Join("personalities", name+".yaml"))
	if err == nil && !isFile(name) {
		return parse(name, data)
	}
	if !isFile(name) || read == nil {
		return nil, unknownPersonality(name)
	}
	data, err = read(name)
	if err != nil {
		return nil, fmt.Errorf("personality: %w", err)
	}
	return parse(name, data)
}

// isFile reports whether a name means a file.
func isFile(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".yaml" || ext == ".yml" || strings.ContainsAny(name, `/\`)
}

// unknownPersonality says which names there are.
func unknownPersonality(name string) error {
	hint := "use one of: " + strings.Join(Names(), ", ") + ", or a YAML file of rules such as ./rules.yaml"
	if near := nearest(name, Names()); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return delivery.Hint(fmt.Errorf("%w %q", ErrUnknownPersonality, name), hint)
}
