package check

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A policyKey is a key of a mapping and what reads its value.
type policyKey struct {
	name string
	read func(*yaml.Node) error
}

// readKeys reads a mapping of which every key is known and there once.
func readKeys(n *yaml.Node, keys []policyKey) error {
	n = resolved(n)
	if n.Kind != yaml.MappingNode {
		return atLine(n, errors.New("expected keys and values"))
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i].Value
		if seen[name] {
			return atLine(n.Content[i], fmt.Errorf("the key %q is there twice", name))
		}
		seen[name] = true
		known := false
		for _, key := range keys {
			if key.name != name {
				continue
			}
			known = true
			if err := key.read(n.Content[i+1]); err != nil {
				return err
			}
		}
		if !known {
			return atLine(n.Content[i], unknownWord("key", name, keyNames(keys)))
		}
	}
	return nil
}

func keyNames(keys []policyKey) []string {
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = key.name
	}
	return names
}

// readList reads each element of a list.
func readList(n *yaml.Node, read func(*yaml.Node) error) error {
	n = resolved(n)
	if n.Kind != yaml.SequenceNode {
		return delivery.Hint(atLine(n, errors.New("expected a list")), "write [one, two], or each on a line of its own behind a dash")
	}
	for _, item := range n.Content {
		if err := read(item); err != nil {
			return err
		}
	}
	return nil
}

// readNames reads a list of names.
func readNames(n *yaml.Node, into *Asked[[]string]) error {
	names := []string{}
	err := readList(n, func(n *yaml.Node) error {
		name, err := readDomainName(n)
		names = append(names, name)
		return err
	})
	*into = Asked[[]string]{names, n.Line}
	return err
}

func readDomainName(n *yaml.Node) (string, error) {
	text, err := readText(n)
	if err != nil {
		return "", err
	}
	name, err := delivery.DNSName(text)
	if err != nil {
		return "", atLine(n, err)
	}
	return name, nil
}

func readText(n *yaml.Node) (string, error) {
	n = resolved(n)
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return "", atLine(n, errors.New("expected a value"))
	}
	return n.Value, nil
}

// resolved returns what an alias stands for.
func resolved(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func atLine(n *yaml.Node, err error) error { return fmt.Errorf("line %d: %w", n.Line, err) }

// unknownWord names the nearest of the words there are.
func unknownWord(what, word string, words []string) error {
	const longest = 80 // a word that is longer is no slip of the hand
	if len(word) > longest {
		return fmt.Errorf("unknown %s %q…", what, word[:longest])
	}
	err := fmt.Errorf("unknown %s %q", what, word)
	if near := delivery.Nearest(word, words); near != "" {
		return delivery.Hint(err, fmt.Sprintf("did you mean %q?", near))
	}
	if len(words) > 20 {
		return err
	}
	return delivery.Hint(err, "it is one of: "+strings.Join(words, ", "))
}
