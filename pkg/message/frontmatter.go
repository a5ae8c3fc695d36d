package message

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// maxFrontMatter bounds the front matter, in octets.
const maxFrontMatter = 64 << 10

// A frontMatter is what the head of a message file says. Its texts are templates.
type frontMatter struct {
	subject     setting
	preheader   setting
	from        setting
	replyTo     setting
	toName      setting
	lang        setting
	feedbackID  setting
	unsubscribe []setting
	headers     []namedSetting
	attachments []setting
}

// A setting is one text of the front matter, and its line in the file.
type setting struct {
	text string
	line int
}

type namedSetting struct {
	name string
	setting
}

// frontMatterKeys are the keys an author may use.
var frontMatterKeys = []string{
	"subject", "preheader", "from", "reply_to", "to_name", "lang", "feedback_id", "unsubscribe", "headers", "attachments",
}

// splitFrontMatter cuts a file behind its front matter: the lines between a first
// line "---" and the next. line is that of the body's first line.
func splitFrontMatter(name, file string) (matter, body string, line int, err error) {
	first, rest, _ := strings.Cut(file, "\n")
	if strings.TrimRight(first, " \t") != "---" {
		return "", file, 1, nil
	}
	line = 2
	at := 0
	for text := range strings.Lines(rest) {
		line++
		if mark := strings.TrimRight(text, " \t\n"); mark == "---" || mark == "..." {
			return rest[:at], rest[at+len(text):], line, nil
		}
		if at += len(text); at > maxFrontMatter {
			err = fmt.Errorf("%w: it has more than %d KiB", ErrFrontMatter, maxFrontMatter>>10)
			return "", "", 0, &TemplateError{Name: name, Line: 1, Err: err}
		}
	}
	err = fmt.Errorf("%w: it is never closed", ErrFrontMatter)
	err = delivery.Hint(err, `close it with a line "---"; if the message begins with a rule, put an empty line before it`)
	return "", "", 0, &TemplateError{Name: name, Line: 1, Err: err}
}

// parseFrontMatter reads the YAML of a file's head. Template actions in it need
// no quotes of their own.
func parseFrontMatter(name, matter string) (*frontMatter, error) {
	p := &matterParser{name: name, tokens: newTokens(matter)}
	var root yaml.Node
	if err := yaml.Unmarshal([]byte("\n"+p.tokens.hide(cut(matter))), &root); err != nil {
		err = fmt.Errorf("%w: %s", ErrFrontMatter, p.tokens.restore(strings.TrimPrefix(err.Error(), "yaml: ")))
		return nil, delivery.Hint(p.fault(0, err), `put quotes around a value with a colon or another sign of YAML: subject: "News: {{.name}}"`)
	}
	f := &frontMatter{}
	if root.Kind == 0 || len(root.Content) == 0 || isNull(root.Content[0]) {
		return f, nil
	}
	return f, p.mapping(root.Content[0], func(key string, at, value *yaml.Node) error {
		return p.key(f, key, at, value)
	})
}

type matterParser struct {
	name   string
	tokens *tokens
}

// fault returns an error at a line of the file; 0 is the whole front matter. The
// parser is given an empty line for the "---", so that its lines are the file's.
func (p *matterParser) fault(line int, err error) error {
	return &TemplateError{Name: p.name, Line: max(line, 1), Part: "front matter", Err: err}
}

func (p *matterParser) bad(n *yaml.Node, format string, arguments ...any) error {
	return p.fault(n.Line, fmt.Errorf("%w: "+format, append([]any{ErrFrontMatter}, arguments...)...))
}

// mapping calls each for every key of a mapping, and refuses keys given twice.
func (p *matterParser) mapping(n *yaml.Node, each func(key string, at, value *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return p.bad(n, "want keys with values, such as subject: Hello")
	}
	var seen []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, err := p.text(n.Content[i])
		if err != nil {
			return err
		}
		if slices.Contains(seen, key.text) {
			return p.bad(n.Content[i], "the key %q is there twice", key.text)
		}
		seen = append(seen, key.text)
		if err := each(key.text, n.Content[i], n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (p *matterParser) key(f *frontMatter, key string, at, value *yaml.Node) (err error) {
	switch key {
	case "subject":
		f.subject, err = p.text(value)
	case "preheader":
		f.preheader, err = p.text(value)
	case "from":
		f.from, err = p.text(value)
	case "reply_to":
		f.replyTo, err = p.text(value)
	case "to_name":
		f.toName, err = p.text(value)
	case "lang":
		f.lang, err = p.text(value)
	case "feedback_id":
		f.feedbackID, err = p.text(value)
	case "unsubscribe":
		f.unsubscribe, err = p.texts(value)
	case "attachments":
		f.attachments, err = p.texts(value)
	case "headers":
		f.headers, err = p.headers(value)
	default:
		err = p.bad(at, "unknown key %q", key)
		if near := nearest(key, frontMatterKeys); near != "" {
			return delivery.Hint(err, "did you mean "+near+"?")
		}
		err = delivery.Hint(err, "the keys are: "+strings.Join(frontMatterKeys, ", "))
	}
	return err
}

// headers reads a mapping of header names to a value or a list of values.
func (p *matterParser) headers(n *yaml.Node) (headers []namedSetting, err error) {
	err = p.mapping(n, func(key string, _, value *yaml.Node) error {
		values, err := p.texts(value)
		for _, v := range values {
			headers = append(headers, namedSetting{key, v})
		}
		return err
	})
	return headers, err
}

// texts reads one text or a list of them.
func (p *matterParser) texts(n *yaml.Node) ([]setting, error) {
	if n.Kind != yaml.SequenceNode {
		s, err := p.text(n)
		if err != nil || s.text == "" {
			return nil, err
		}
		return []setting{s}, nil
	}
	var all []setting
	for _, item := range n.Content {
		s, err := p.text(item)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// text reads a scalar, with its actions back in place. White space around it is
// dropped, as block scalars end with a line end.
func (p *matterParser) text(n *yaml.Node) (setting, error) {
	if n.Kind != yaml.ScalarNode {
		return setting{}, p.bad(n, "want a text here")
	}
	if isNull(n) {
		return setting{line: n.Line}, nil
	}
	return setting{text: strings.TrimSpace(p.tokens.restore(n.Value)), line: n.Line}, nil
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }
