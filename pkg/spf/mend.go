package spf

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Mended returns what the writer of each term surely meant, by its index: the term
// itself when nothing is wrong with it; one or several terms, separated by spaces;
// or nothing when the term before it has taken it in, as in "include: a.example".
// It reports whether the terms together are a valid record. When they are not, it
// cannot be told what all of them mean.
//
// Terms that a receiver reads otherwise than they were meant count as wrong:
// "ip4=192.0.2.1", which is a modifier that nobody knows (RFC 7208 §6), and lists
// such as "include:a.example,b.example", which is one domain (§7.1).
func (r Record) Mended() (terms []string, ok bool) {
	terms, ok = make([]string, len(r.Terms)), true
	for i := 0; i < len(r.Terms); i++ {
		t := r.Terms[i]
		if t.Err != nil && i+1 < len(r.Terms) {
			if terms[i] = mendSplit(t.Text, r.Terms[i+1]); terms[i] != "" {
				i++
				continue
			}
		}
		terms[i] = t.mended()
		ok = ok && terms[i] != ""
	}
	if !ok {
		return terms, false
	}
	_, err := Parse(Version + " " + strings.Join(terms, " "))
	return terms, err == nil
}

// mended is what a term was meant to be, or nothing when that cannot be told.
func (t Term) mended() string {
	switch {
	case t.Err != nil:
		return mendWord(t.Text)
	case t.Kind == KindUnknown && takesArgument(t.Name):
		return mendOne(t.Text)
	case !t.Domain.IsZero() && strings.ContainsFunc(t.Text, isSeparator):
		if list := mendWord(t.Text); list != "" {
			return list
		}
	}
	return t.Text
}

// arguable are the terms that something can stand behind, with the names that ip4
// and ip6 are given by mistake.
var arguable = [...]string{"include", "exists", "ip4", "ip6", "a", "mx", "ptr", "redirect", "exp", "ip", "ipv4", "ipv6"}

func takesArgument(name string) bool { return slices.Contains(arguable[:], strings.ToLower(name)) }

// isSeparator reports whether a character separates the entries of a list, though
// not the terms of a record.
func isSeparator(c rune) bool { return strings.ContainsRune(",;\t\r\n\u00a0", c) }

// isWhole reports whether a word is a term that receivers know.
func isWhole(word string) bool {
	t := parseTerm(word, 0)
	return t.Err == nil && t.Kind != KindUnknown
}

// cutQualifier separates the qualifier of a mechanism, for which word processors
// like to write a longer dash.
func cutQualifier(word string) (qualifier, rest string) {
	for _, dash := range []string{"–", "—", "−"} {
		if rest, ok := strings.CutPrefix(word, dash); ok {
			return string(QualifierFail), rest
		}
	}
	if word != "" && strings.IndexByte("+-~?", word[0]) >= 0 {
		return word[:1], word[1:]
	}
	return "", word
}

// mendSplit is the one term that was meant by a word and the term behind it, when
// a space came between its parts.
func mendSplit(word string, next Term) string {
	qualifier, name := cutQualifier(word)
	if name == "" {
		if joined := qualifier + next.Text; next.Kind.IsMechanism() && isWhole(joined) {
			return joined
		}
		return ""
	}
	name = strings.TrimRight(name, ":=")
	_, isNetwork := parseAddress(next.Text)
	if next.Err == nil || !takesArgument(name) || !isNetwork && strings.ContainsAny(next.Text, ":=") {
		return ""
	}
	return mendWord(qualifier + name + ":" + next.Text)
}

// mendWord is what was meant by one word, which may be a list.
func mendWord(word string) string {
	if strings.Contains(word, "%") {
		return "" // the delimiters of macros look like those of lists (§7.1)
	}
	parts := strings.FieldsFunc(word, isSeparator)
	if len(parts) == 0 {
		return ""
	}
	prefix := parts[0][:strings.IndexAny(parts[0], ":=")+1]
	qualifier, _ := cutQualifier(prefix)
	for i, part := range parts {
		mended := mendOne(part)
		_, isNetwork := parseAddress(part)
		switch {
		case i > 0 && isNetwork:
			mended = mendOne(qualifier + part)
		case i > 0 && mended == "" && prefix != "":
			mended = mendOne(prefix + part)
		}
		if mended == "" {
			return ""
		}
		parts[i] = mended
	}
	return strings.Join(parts, " ")
}

// mendOne is what was meant by one entry of a list. It never is a term that lets
// everybody pass.
func mendOne(word string) string {
	qualifier, rest := cutQualifier(word)
	if network, ok := parseAddress(rest); ok {
		return qualifier + networkTerm(network)
	}
	mended := qualifier + rest
	if !isWhole(mended) {
		mended = qualifier + renamed(rest)
	}
	if t := parseTerm(mended, 0); !isWhole(mended) || t.Kind == KindAll && t.Qualifier == QualifierPass {
		return ""
	}
	return mended
}

// renamed is a term without its qualifier, with the name that was surely meant.
func renamed(rest string) string {
	name, argument := rest, ""
	if i := strings.IndexAny(rest, ":="); i >= 0 {
		name, argument = rest[:i], rest[i+1:]
	}
	lower := strings.ToLower(name)
	if network, ok := parseAddress(argument); ok && takesArgument(lower) && !slices.Contains([]string{"exists", "redirect", "exp"}, lower) {
		return networkTerm(network) // a:192.0.2.1 is the mistake made most
	}
	bare := strings.TrimRight(strings.ToLower(rest), ".:=/")
	switch {
	case len(bare) > 1 && strings.Trim(bare, "al") == "":
		return string(KindAll)
	case name == rest:
		return bare
	case lower == "redirect" || lower == "exp":
		return lower + "=" + argument
	case takesArgument(lower):
		return lower + ":" + argument
	case len(lower) > 2:
		return delivery.Nearest(lower, []string{"include", "exists", "ip4", "ip6"}) + ":" + argument
	}
	return ""
}

// parseAddress reads an address or a network as it stands behind ip4 and ip6.
func parseAddress(text string) (netip.Prefix, bool) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), addr.Zone() == ""
	}
	network, err := netip.ParsePrefix(text)
	return network, err == nil
}
