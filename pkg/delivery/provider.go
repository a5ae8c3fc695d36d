package delivery

import "strings"

// consumerDomains are the domains under which mailbox providers give addresses
// to the public, by provider. A name that ends in a dot stands for every
// country's domain: "yahoo." for yahoo.com, yahoo.fr and yahoo.co.uk.
var consumerDomains = map[string]string{
	"gmail.com": "gmail", "googlemail.com": "gmail",
	"outlook.": "outlook", "hotmail.": "outlook", "live.": "outlook", "msn.com": "outlook", "passport.com": "outlook",
	"yahoo.": "yahoo", "ymail.com": "yahoo", "rocketmail.com": "yahoo", "aol.com": "yahoo", "aim.com": "yahoo",
	"icloud.com": "apple", "me.com": "apple", "mac.com": "apple",
	"gmx.": "gmx", "web.de": "gmx", "mail.com": "gmx",
	"comcast.net": "comcast",
	"orange.fr":   "orange", "wanadoo.fr": "orange",
	"laposte.net": "laposte", "t-online.de": "t-online", "libero.it": "libero",
	"mail.ru": "mail.ru", "bk.ru": "mail.ru", "inbox.ru": "mail.ru", "list.ru": "mail.ru",
	"yandex.": "yandex", "ya.ru": "yandex",
	"qq.com": "qq", "foxmail.com": "qq", "163.com": "163", "126.com": "163", "yeah.net": "163",
	"proton.me": "proton", "protonmail.com": "proton", "pm.me": "proton",
	"zoho.": "zoho", "fastmail.": "fastmail",
}

// Provider returns the mailbox provider that gives addresses under a domain to
// the public, such as "gmail"; "" for any other domain. It looks at the name
// alone: a company's own domain may be hosted by a provider without showing.
func Provider(domain string) string {
	if p, ok := consumerDomains[domain]; ok {
		return p
	}
	name, rest, ok := strings.Cut(domain, ".")
	// A country's domain has one label, or two that are short, such as co.uk.
	if !ok || (strings.Contains(rest, ".") && len(rest) > len("com.au")) {
		return ""
	}
	return consumerDomains[name+"."]
}
