package sink

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// The bounds of a personality file.
const (
	maxFile  = 256 << 10 // octets
	maxRules = 1000
)

// A SyntaxError is something in a personality file that has no meaning.
type SyntaxError struct {
	File string
	Line int // 0 when it is about the whole file
	Err  error
}

// Error returns "file:line: cause".
func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
}

// Unwrap returns the cause.
func (e *SyntaxError) Unwrap() error { return e.Err }

// Causes of a [SyntaxError].
var (
	errTooLarge  = fmt.Errorf("larger than %d octets", maxFile)
	errRules     = fmt.Errorf("more than %d rules", maxRules)
	errDocuments = errors.New("more than one YAML document")
)

// parse reads a personality file.
func parse(name string, data []byte) (*Personality, error) {
	p := &Personality{Name: name}
	if len(data) > maxFile {
		return nil, &SyntaxError{File: name, Err: errTooLarge}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) { // nothing but comments
			return p, nil
		}
		return nil, &SyntaxError{File: name, Err: err}
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		if err == nil {
			err = errDocuments
		}
		return nil, &SyntaxError{File: name, Line: second.Line, Err: err}
	}
	if err := readMapping(document.Content[0], personalityFields(p)); err != nil {
		if syntax, ok := errors.AsType[*SyntaxError](err); ok {
			syntax.File = name
		}
		return nil, err
	}
	if err := p.checkMemory(); err != nil {
		return nil, &SyntaxError{File: name, Err: err}
	}
	return p, nil
}

// at puts the line of a node into front of an error that has none.
func at(n *yaml.Node, err error) error {
	if _, located := errors.AsType[*SyntaxError](err); located || err == nil {
		return err
	}
	return &SyntaxError{Line: n.Line, Err: err}
}

// A field is a key of a mapping and what reads its value.
type field struct {
	key  string
	read func(*yaml.Node) error
}

// readMapping reads a mapping whose keys are all among the fields.
func readMapping(n *yaml.Node, fields []field) error {
	n = resolve(n)
	if n.Kind != yaml.MappingNode {
		return at(n, errors.New("expected keys and values"))
	}
	seen := make(map[string]bool)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], resolve(n.Content[i+1])
		known := slices.IndexFunc(fields, func(f field) bool { return f.key == key.Value })
		switch {
		case known < 0:
			return at(key, unknownWord("key", key.Value, keys(fields)))
		case seen[key.Value]:
			return at(key, fmt.Errorf("key %q is given twice", key.Value))
		}
		seen[key.Value] = true
		if err := fields[known].read(value); err != nil {
			return at(value, err)
		}
	}
	return nil
}

// keys returns the keys of the fields.
func keys(fields []field) []string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = f.key
	}
	return all
}

// resolve follows an alias to what it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// readString reads any scalar but null as text.
func readString(n *yaml.Node) (string, error) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return "", errors.New("expected a text")
	}
	return n.Value, nil
}

// readCount reads a whole number above 0.
func readCount(n *yaml.Node) (int, error) {
	text, err := readString(n)
	if err != nil {
		return 0, err
	}
	count, err := strconv.ParseInt(text, 10, 32)
	if err != nil || count < 1 {
		return 0, fmt.Errorf("%q is not a whole number from 1 to %d", text, math.MaxInt32)
	}
	return int(count), nil
}

// readBool reads true or false.
func readBool(n *yaml.Node) (bool, error) {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		return false, fmt.Errorf("%q is neither true nor false", n.Value)
	}
	return strconv.ParseBool(n.Value)
}
