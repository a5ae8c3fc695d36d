package delivery

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// domainProfile turns a domain into A-labels as RFC 5891 §5 asks of a look-up. It
// is idna.Lookup but for labels such as "r3---sn", which the DNS holds and mail
// reaches; hyphens at the ends of a label are refused by labelProblem.
var domainProfile = idna.New(
	idna.MapForLookup(),
	idna.Transitional(false),
	idna.StrictDomainName(true),
	idna.BidiRule(),
	idna.CheckHyphens(false),
	idna.CheckJoiners(true),
)

// checkDomain returns the domain of the address text in its normal form.
func checkDomain(text, domain string) (string, error) {
	if domain[0] == '[' {
		literal, ok := parseLiteral(domain)
		if !ok {
			return "", Hint(badAddress(text, "the address literal is not valid"),
				"write an IP address as user@[192.0.2.1] or user@[IPv6:2001:db8::1]")
		}
		return literal, nil
	}
	if strings.IndexByte(domain, '_') >= 0 {
		return "", Hint(badAddress(text, "the domain has an underscore"), "a mail domain holds only letters, digits, hyphens and dots")
	}
	ascii, problem := domainToASCII(domain)
	if len(ascii) > maxDomain {
		return "", tooLong(text, "the domain", len(ascii), maxDomain)
	}
	if problem != "" {
		return "", badAddress(text, problem)
	}
	if strings.IndexByte(ascii, '.') < 0 && ascii != "localhost" {
		// RFC 5321 §2.3.5: only fully-qualified names.
		return "", Hint(badAddress(text, "the domain has no dot"), fmt.Sprintf("write the whole domain, such as %s.com", ascii))
	}
	return ascii, nil
}

// domainToASCII turns a domain name in any script into lower-case A-labels
// without a trailing dot, or says what is wrong with it.
func domainToASCII(domain string) (ascii, problem string) {
	if !utf8.ValidString(domain) {
		return "", "the domain is not valid UTF-8"
	}
	if isASCII(domain) {
		ascii = strings.ToLower(domain)
	}
	if ascii == "" || strings.Contains(ascii, "xn--") {
		var err error
		if ascii, err = domainProfile.ToASCII(domain); err != nil {
			return ascii, "the domain is not a valid internationalized name"
		}
	}
	ascii = strings.TrimSuffix(ascii, ".")
	if ascii == "" {
		return "", "the domain is empty"
	}
	label := ""
	for label = range strings.SplitSeq(ascii, ".") {
		if problem := labelProblem(label); problem != "" {
			return ascii, problem
		}
	}
	if isNumber(label) {
		// RFC 3696 §2: a top-level domain is never all digits.
		return ascii, "the domain ends in a number"
	}
	return ascii, ""
}

// isPlainDomain reports whether domain is already in its normal form and in
// need of no look at other scripts.
func isPlainDomain(domain string) bool {
	if len(domain) > maxDomain {
		return false
	}
	start, dots := 0, 0
	for i := range len(domain) {
		c := domain[i]
		if c == '.' {
			if labelProblem(domain[start:i]) != "" || strings.HasPrefix(domain[start:i], "xn--") {
				return false
			}
			start = i + 1
			dots++
		} else if 'A' <= c && c <= 'Z' {
			return false
		}
	}
	last := domain[start:]
	return dots > 0 && labelProblem(last) == "" && !strings.HasPrefix(last, "xn--") && !isNumber(last)
}

// labelProblem says what is wrong with one ASCII label (RFC 1123 §2.1), or "".
func labelProblem(label string) string {
	switch {
	case label == "":
		return "the domain has an empty label"
	case len(label) > maxLabel:
		return fmt.Sprintf("the domain has a label of %d octets, at most %d are allowed", len(label), maxLabel)
	case label[0] == '-' || label[len(label)-1] == '-':
		return "a part of the domain begins or ends with a hyphen"
	}
	for i := range len(label) {
		if c := label[i]; !isLetterDigit(c) && c != '-' {
			return fmt.Sprintf("the domain has the character %q", c)
		}
	}
	return ""
}

func isNumber(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}
