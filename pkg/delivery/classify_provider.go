package delivery

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A providerFile is one file of data/providers: how a mailbox provider, a filter or
// a blocklist answers.
type providerFile struct {
	// Provider is its name; empty for rules about pages that anybody's reply may name.
	Provider string       `json:"provider"`
	Kind     providerKind `json:"kind"`
	Source   string       `json:"source"` // where most of it is documented
	// Hosts are the domains of its servers, pages and mailboxes.
	Hosts []string `json:"hosts"`
	// Marks are phrases that nobody else uses; see [phrases].
	Marks []string       `json:"marks"`
	Rules []providerRule `json:"rules"`
}

// A providerKind says who answers.
type providerKind string

// The kinds. A reply that several may have given is that of the first kind: a
// provider asks a filter, and a filter asks lists.
const (
	kindMailbox providerKind = "mailbox"
	kindFilter  providerKind = "filter"
	kindList    providerKind = "list"
)

// rank orders the kinds.
func (k providerKind) rank() int {
	return slices.Index([]providerKind{kindMailbox, kindFilter, kindList}, k)
}

// A providerTable holds all files of data/providers.
type providerTable struct {
	providers []providerFile
	rules     []providerRule
	// byCode holds the rules without phrases, by the codes they are about, of which the
	// class is zero.
	byCode map[EnhancedCode][]int
	// first is the row of the first rule for [phrases]. The others follow it, and
	// behind them the clues.
	first int
	clues []clue
	names map[string]int // providers by domain
}

// A clue is a phrase that tells a provider.
type clue struct {
	provider int
	strength int
}

// How strongly something tells who answered.
const (
	clueNothing = iota
	clueHost    // a host or a page is named
	clueMark    // nobody else says this
	clueKnown   // the caller knows
)

// readProviders reads the files and makes their phrases mean rows from first on.
func readProviders(p *phrases, first int) (providerTable, error) {
	t := providerTable{first: first, byCode: map[EnhancedCode][]int{}, names: map[string]int{}}
	var failed error
	for _, name := range dataNames("providers/*.json") {
		var file providerFile
		if err := readData(name, &file); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		if file.Kind.rank() < 0 {
			failed = errors.Join(failed, fmt.Errorf("%s: unknown kind %q", name, file.Kind))
		}
		t.providers = append(t.providers, file)
		for _, rule := range file.Rules {
			rule.provider = len(t.providers) - 1
			if rule.Source == "" {
				rule.Source = file.Source
			}
			t.rules = append(t.rules, rule)
		}
	}
	return t, errors.Join(failed, t.index(p))
}

// index makes the table's phrases findable.
func (t *providerTable) index(p *phrases) error {
	var failed error
	for i := range t.rules {
		rule := &t.rules[i]
		codes, err := parseCodeRanges(rule.Codes)
		rule.codes, failed = codes, errors.Join(failed, err)
		failed = errors.Join(failed, p.addAll(rule.Phrases, t.first+i))
		if len(rule.Phrases) == 0 {
			t.listByCode(i)
		}
	}
	for i, file := range t.providers {
		for _, host := range file.Hosts {
			t.names[host] = i
			failed = errors.Join(failed, t.addClue(p, strings.TrimSuffix(words(host), " "), clue{i, clueHost}))
		}
		for _, mark := range file.Marks {
			failed = errors.Join(failed, t.addClue(p, mark, clue{i, clueMark}))
		}
	}
	return failed
}

// listByCode makes a rule findable by the codes it is about.
func (t *providerTable) listByCode(i int) {
	for _, r := range t.rules[i].codes {
		for detail := r.first; detail <= r.last; detail++ {
			code := EnhancedCode{Subject: r.subject, Detail: detail}
			t.byCode[code] = append(t.byCode[code], i)
		}
	}
}

func (t *providerTable) addClue(p *phrases, phrase string, c clue) error {
	t.clues = append(t.clues, c)
	return p.add(phrase, t.first+len(t.rules)+len(t.clues)-1)
}

// An answer is what the table says of a reply.
type answer struct {
	provider string        // who gave it, "" when it cannot be told
	rule     *providerRule // what it means, nil when no rule speaks of it
}

// match finds who gave a reply with phrases that mean rows, and the first rule of
// theirs that it fits. A rule of someone else counts where nobody else would answer
// so, such as a list's that the reply names. It works in room.
func (t *providerTable) match(r Reply, rows []int, class Class, host string, room []int) answer {
	best := t.known(host)
	fits := room
	fit := func(i int) {
		rule := &t.rules[i]
		if !rule.fits(r, class) {
			return
		}
		fits = append(fits, i)
		if rule.Mark && t.providers[rule.provider].Provider != "" {
			best = t.better(best, clue{rule.provider, clueMark})
		}
	}
	for _, row := range rows {
		switch i := row - t.first; {
		case i >= len(t.rules):
			best = t.better(best, t.clues[i-len(t.rules)])
		case i >= 0:
			fit(i)
		}
	}
	if !r.Enhanced.IsZero() {
		for _, i := range t.byCode[EnhancedCode{Subject: r.Enhanced.Subject, Detail: r.Enhanced.Detail}] {
			fit(i)
		}
	}
	return t.answer(best, fits)
}

// answer chooses among the rules that fit.
func (t *providerTable) answer(best clue, fits []int) answer {
	var a answer
	if best.strength != clueNothing {
		a.provider = t.providers[best.provider].Provider
	}
	chosen, own := -1, false
	for _, i := range fits {
		rule := &t.rules[i]
		mine := best.strength != clueNothing && rule.provider == best.provider
		if !mine && !rule.Mark {
			continue
		}
		if chosen < 0 || mine && !own || mine == own && i < chosen {
			chosen, own = i, mine
		}
	}
	if chosen >= 0 {
		a.rule = &t.rules[chosen]
	}
	return a
}

// better returns the clue that tells more.
func (t *providerTable) better(a, b clue) clue {
	switch {
	case a.strength != b.strength:
		if a.strength > b.strength {
			return a
		}
		return b
	case t.providers[b.provider].Kind.rank() < t.providers[a.provider].Kind.rank():
		return b
	}
	return a
}

// known returns what the name of a host or domain tells.
func (t *providerTable) known(host string) clue {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for name := host; name != ""; _, name, _ = strings.Cut(name, ".") {
		if i, ok := t.names[name]; ok {
			return clue{i, clueKnown}
		}
	}
	name := Provider(host)
	i := slices.IndexFunc(t.providers, func(p providerFile) bool { return p.Provider == name })
	if name == "" || i < 0 {
		return clue{}
	}
	return clue{i, clueKnown}
}
