package message

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// unsubscribeAction is what an author writes where the first https address of List-Unsubscribe shall stand: {{unsubscribe}}.
const unsubscribeAction = "unsubscribe"

// oneClick is the value of List-Unsubscribe-Post (RFC 8058 §3.1).
const oneClick = "List-Unsubscribe=One-Click"

// urlUnit compiles a template that prints a URL.
func urlUnit(o origin) (*unit, error) {
	var made templateSource
	made.b.WriteString(escapedURL(o.text))
	return compileText(o, &made)
}

// escapedURL returns the template of a URL with the values in it escaped.
func escapedURL(source string) string {
	var made templateSource
	addURL(&made, cut(source))
	return made.String()
}

// checkUnsubscribe refuses what cannot stand in List-Unsubscribe (RFC 2369 §3.2,
// RFC 8058 §3.1): anything but an absolute https or mailto URL in ASCII. Over
// http there is no one-click, and everybody between sees and changes the request.
func checkUnsubscribe(address string) error {
	bad := func(problem string) error {
		return fmt.Errorf("%w %q: %s", ErrUnsubscribe, shorten(address), problem)
	}
	for _, c := range address {
		if c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == ',' {
			return delivery.Hint(bad(fmt.Sprintf("it has the character %q", c)), "encode it: a comma is %2C, a space is %20")
		}
	}
	u, err := url.Parse(address)
	if err != nil {
		return bad("it is not a URL")
	}
	switch strings.ToLower(u.Scheme) {
	case "http":
		return delivery.Hint(bad("it is not protected, and mail programs do not use it"), "give an https address: only there can people unsubscribe with one click (RFC 8058)")
	case "https":
		if u.Host == "" {
			return bad("it has no host")
		}
	case "mailto":
		if !strings.Contains(u.Opaque, "@") {
			return bad("it has no address")
		}
	default:
		return delivery.Hint(bad("it is no https or mailto URL"), "write it in full: https://example.com/unsubscribe?id={{.id}}")
	}
	return nil
}

// appendUnsubscribe adds List-Unsubscribe, and List-Unsubscribe-Post when one of
// the addresses is https. The addresses have been checked.
func appendUnsubscribe(dst []byte, addresses []string) ([]byte, error) {
	if len(addresses) == 0 {
		return dst, nil
	}
	dst, err := appendField(dst, "List-Unsubscribe", "<"+strings.Join(addresses, ">, <")+">")
	if err != nil {
		return dst, err
	}
	if !slices.ContainsFunc(addresses, isHTTPS) {
		return dst, nil
	}
	return appendField(dst, "List-Unsubscribe-Post", oneClick)
}

func isHTTPS(address string) bool {
	scheme, _, _ := strings.Cut(address, ":")
	return strings.EqualFold(scheme, "https")
}

// linkUnsubscribe puts the template of the unsubscribe link where the author
// wrote {{unsubscribe}}. It returns an error when there is no link to put there.
func linkUnsubscribe(o origin, links []origin) (string, error) {
	if !strings.Contains(o.text, unsubscribeAction) {
		return o.text, nil
	}
	var b strings.Builder
	for _, s := range cut(o.text) {
		if s.action == nil || actionInner(s.action.source) != unsubscribeAction {
			b.WriteString(s.source())
			continue
		}
		i := slices.IndexFunc(links, func(l origin) bool { return !strings.HasPrefix(strings.ToLower(l.text), "mailto:") })
		if i < 0 {
			err := fmt.Errorf("%w: there is no link to put for {{%s}}", ErrUnsubscribe, unsubscribeAction)
			return "", delivery.Hint(o.fault(o.line+s.action.line-1, err),
				"give it with --unsubscribe, or as unsubscribe in the front matter: https://example.com/u?id={{.id}}")
		}
		b.WriteString(escapedURL(links[i].text))
	}
	return b.String(), nil
}
