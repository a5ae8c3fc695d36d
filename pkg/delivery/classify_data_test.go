package delivery

import (
	"slices"
	"strings"
	"testing"
)

// TestProviderFiles reads every file of data/providers: each rule must be one that
// can fire, with a source.
func TestProviderFiles(t *testing.T) {
	table, err := readProviders(newPhrases(), 0)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	hosts := map[string]string{}
	for _, p := range table.providers {
		if names[p.Provider] || !isURL(p.Source) {
			t.Errorf("provider %q with the source %q", p.Provider, p.Source)
		}
		names[p.Provider] = true
		for _, host := range p.Hosts {
			if other := hosts[host]; other != "" {
				t.Errorf("%s and %s both have the host %q", other, p.Provider, host)
			}
			hosts[host] = p.Provider
		}
	}
	for _, rule := range table.rules {
		name := table.providers[rule.provider].Provider
		switch {
		case rule.Reason.Info().Reason != rule.Reason:
			t.Errorf("%s: %q is not in the list of reasons", name, rule.Reason)
		case len(rule.Phrases) == 0 && len(rule.Codes) == 0:
			t.Errorf("%s: a rule for %q fits everything", name, rule.Reason)
		case !isURL(rule.Source):
			t.Errorf("%s: a rule for %q has the source %q", name, rule.Reason, rule.Source)
		case slices.ContainsFunc(rule.Forms, rule.cannotRead):
			t.Errorf("%s: no reply with one of %q reads like one of %q", name, rule.Phrases, rule.Forms)
		case rule.Meaning != "" && !isSentence(rule.Meaning), rule.Advice != "" && !isSentence(rule.Advice):
			t.Errorf("%s: %q or %q is no sentence", name, rule.Meaning, rule.Advice)
		}
	}
	// Whoever gives addresses to the public is known by their domains.
	for domain, name := range consumerDomains {
		if !names[name] {
			t.Errorf("%s belongs to %q, of whom there is no file", domain, name)
		}
	}
}

// cannotRead reports whether no text of a form has one of the rule's phrases.
func (rule *providerRule) cannotRead(form string) bool {
	text := words(strings.ReplaceAll(form, "*", "x"))
	return form != lowerASCII(form) || !slices.ContainsFunc(rule.Phrases, func(phrase string) bool { return strings.Contains(text, phrase+" ") })
}

func isURL(text string) bool { return strings.HasPrefix(text, "http") && strings.Contains(text, "://") }

func isSentence(text string) bool { return len(text) > 10 && strings.HasSuffix(text, ".") }

// TestProviderOf looks at who is named when several may be.
func TestProviderOf(t *testing.T) {
	tests := []struct{ reply, host, want string }{
		{"550 5.1.1 no such user", "", ""},
		{"550 5.1.1 no such user - gsmtp", "", "gmail"},
		{"550 5.1.1 no such user", "mx1.hotmail.com.", "outlook"},
		{"550 5.1.1 no such user", "MX1.Yahoodns.NET", "yahoo"},
		{"550 5.1.1 no such user", "yahoo.co.uk", "yahoo"},
		{"550 5.1.1 no such user", "acme.example", ""},
		{"550 5.7.1 blocked using zen.spamhaus.org", "", "spamhaus"},
		{"550 5.7.1 blocked using zen.spamhaus.org", "mx.gmx.net", "gmx"},
		{"550 5.7.1 listed by spamhaus, see https://community.mimecast.com/docs", "", "mimecast"},
		{"550 5.7.1 blocked (S3140) [x.prod.protection.outlook.com] see https://www.spamhaus.org/", "", "outlook"},
		{"451 4.7.650 rate limited", "", "outlook"},
	}
	for _, test := range tests {
		reply, err := ParseReply(test.reply)
		if err != nil {
			t.Fatal(err)
		}
		if got := ClassifyFrom(reply, StageRcpt, test.host).Provider; got != test.want {
			t.Errorf("%q from %q is by %q, want %q", test.reply, test.host, got, test.want)
		}
	}
}

func TestReadsLike(t *testing.T) {
	tests := []struct {
		text, form string
		want       bool
	}{
		{"No such user!", "no such user!", true},
		{" no such user! ", "no such user!", true},
		{"No such user", "no such user!", false},
		{"No such user!!", "no such user!", false},
		{"Sorry, no such user!", "no such user!", false},
		{"No such user! 17-ab", "no such user! 1*-*", true},
		{"No such user! 17-", "no such user! 1*-*", true},
		{"No such user! 17", "no such user! 1*-*", false},
		{"Gone (a@a.example)", "gone (*@*)", true},
		{"Gone (@)", "gone (*@*)", true},
		{"Gone (a)", "gone (*@*)", false},
		{"Gone (a@a.example) for good", "gone (*@*)", false},
		{"a ", "*a", true},
		{"ab", "*a", false},
		{"aba", "a*a", true},
		{"a", "a*a", false},
		{"", "*", true},
		{"", "", true},
		{"a", "", false},
		{"", "a", false},
	}
	for _, test := range tests {
		if got := readsLike(test.text, []string{"another form", test.form}); got != test.want {
			t.Errorf("%q reads like %q: %t, want %t", test.text, test.form, got, test.want)
		}
	}
	if readsLike("a", nil) {
		t.Error("a text reads like one of no forms")
	}
}

func TestPhrases(t *testing.T) {
	p := newPhrases()
	for i, phrase := range []string{"user unknown", "quota*", "tss#", "5 # 1", "user + blocked", "# days", "受信拒否", "bl0#", "eop nam#*", "1and1*"} {
		if err := p.add(phrase, i); err != nil {
			t.Fatal(err)
		}
	}
	p.pack()
	tests := []struct {
		in   string
		want []int
	}{
		{"User unknown", []int{0}},
		{"user unknowns", nil},
		{"superuser unknown", nil},
		{"over quotas", []int{1}},
		{"[TSS04]", []int{2}},
		{"tss", nil},
		{"5.10.1", []int{3}},
		{"the user is blocked", []int{4}},
		{"blocked: this user", []int{4}},
		{"blocked blocked", nil},
		{"after 12 days", []int{5}},
		{"これは受信拒否です", []int{6}},
		{"[BL01]", []int{7}},
		{"[BL21]", nil},
		{"EOP-NAM12FT003", []int{8}},
		{"EOP-NAM", nil},
		{"www.1and1com.example", []int{9}},
		{"", nil},
		{"5", nil},
	}
	for _, test := range tests {
		page := newPage()
		page.read(test.in, p.vocabulary)
		if got := page.rows(page.all, p); !slices.Equal(got, test.want) {
			t.Errorf("%q has %v, want %v", test.in, got, test.want)
		}
	}
	for _, phrase := range []string{"", "User", "doesn't", "a", "a.b", " x y", "x y "} {
		if err := newPhrases().add(phrase, 0); err == nil {
			t.Errorf("the phrase %q was taken", phrase)
		}
	}
}

func TestSpokenWords(t *testing.T) {
	for in, want := range map[string]string{
		"no spam":                                  "no spam ",
		"<spam@a.example>: no such user":           "no such user ",
		"spam@a.example:blocked":                   "blocked ",
		"see http://a.example/spam for more":       "see for more ",
		"see (https://a.example/?q=spam): blocked": "see blocked ",
		"visit www.a.example/spam now":             "visit now ",
		"mx.spam.example said 4/5 no":              "mx spam example said 4 5 no ",
		"me @ home":                                "me home ",
	} {
		v, known := newVocabulary(), map[wordID]string{}
		for word := range strings.FieldsSeq(words(in)) {
			known[v.add(word)] = word
		}
		page := newPage()
		page.read(in, v)
		spoken := ""
		for _, word := range page.spoken {
			spoken += known[page.ids[word.begin]] + " "
		}
		if spoken != want {
			t.Errorf("%q says %q, want %q", in, spoken, want)
		}
	}
}
