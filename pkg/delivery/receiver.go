package delivery

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// providersJSON says by which mail exchangers a provider is known, and how much
// it takes. The row without a name is about everyone else.
//
//go:embed data/providers.json
var providersJSON []byte

// A Receiver is a provider or a filter that takes mail for many domains.
type Receiver struct {
	Name  string // such as "gmail"; empty for those that are not known
	Title string
	Shape Shape
	// Sources say where the figures of Shape come from, and when they were read.
	Sources []string

	suffixes []string // of the names of its mail exchangers, each with a dot in front
	regions  bool     // the first label of a name says which part of it is meant
}

// ProviderOf returns the name of the provider that mail exchangers belong to, ""
// when they belong to none or not all to the same one. A mixed set is that of a
// domain in transition, or of one with a filter in front.
func ProviderOf(hosts []string) string {
	name := ""
	for i, host := range hosts {
		at := providerOfHost(host)
		if at == "" || (i > 0 && at != name) {
			return ""
		}
		name = at
	}
	return name
}

func providerOfHost(host string) string {
	for _, r := range receivers() {
		for _, suffix := range r.suffixes {
			if !strings.HasSuffix("."+host, suffix) {
				continue
			}
			if !r.regions {
				return r.Name
			}
			region, _, _ := strings.Cut(host, "-")
			if strings.Contains(region, ".") {
				return r.Name
			}
			return r.Name + "-" + region
		}
	}
	return ""
}

// ReceiverFor returns what is known of the receiver behind the destination of a
// [Route]: the provider of that name with what holds for everyone, or what holds
// for everyone alone.
func ReceiverFor(destination string) Receiver {
	all := receivers()
	anyone := all[slices.IndexFunc(all, func(r Receiver) bool { return r.Name == "" })]
	for _, r := range all {
		region := r.regions && strings.HasPrefix(destination, r.Name+"-")
		if r.Name == "" || (r.Name != destination && !region) {
			continue
		}
		r.Name = destination
		r.Shape = r.Shape.orElse(anyone.Shape)
		return r
	}
	return anyone
}

// orElse fills in what is not known. Reactions of s come before those of all.
func (s Shape) orElse(all Shape) Shape {
	if s.Connections == 0 {
		s.Connections = all.Connections
	}
	if s.Messages == 0 {
		s.Messages = all.Messages
	}
	if s.Rate.IsZero() {
		s.Rate = all.Rate
	}
	s.Reactions = slices.Concat(s.Reactions, all.Reactions)
	return s
}

// receivers reads the data file once. It is part of the program, and a test reads
// it too.
var receivers = sync.OnceValue(func() []Receiver {
	all, _ := readReceivers(providersJSON)
	return all
})

// receiverRow is one row of data/providers.json.
type receiverRow struct {
	Name        string        `json:"name"`
	Title       string        `json:"title"`
	Suffixes    []string      `json:"suffixes"`
	Regions     bool          `json:"regions"`
	Connections figure        `json:"connections"`
	Messages    figure        `json:"messages"`
	Rate        figure        `json:"rate"`
	Reactions   []reactionRow `json:"reactions"`
}

// A figure is a number or a rate with where it comes from.
type figure struct {
	N      int    `json:"n"`
	Rate   string `json:"rate"`
	Source string `json:"source"`
	Date   string `json:"date"`
}

// reactionRow is a [Reaction] as the data file holds it.
type reactionRow struct {
	Name    string   `json:"name"`
	Reasons []Reason `json:"reasons"`
	Codes   []int    `json:"codes"`
	Marks   []string `json:"marks"`
	Lasting bool     `json:"lasting"`
	Times   int      `json:"times"`
	Within  string   `json:"within"`
	Do      Move     `json:"do"`
	Rate    string   `json:"rate"`
	For     string   `json:"for"`
	Source  string   `json:"source"`
	Date    string   `json:"date"`
}

func readReceivers(data []byte) ([]Receiver, error) {
	var rows []receiverRow
	err := json.Unmarshal(data, &rows)
	all := make([]Receiver, len(rows))
	for i, row := range rows {
		var failed error
		all[i], failed = row.receiver()
		err = errors.Join(err, failed)
	}
	return all, err
}

func (row receiverRow) receiver() (Receiver, error) {
	r := Receiver{Name: row.Name, Title: row.Title, suffixes: row.Suffixes, regions: row.Regions}
	r.Shape.Connections, r.Shape.Messages = row.Connections.N, row.Messages.N
	var errs []error
	if row.Rate.Rate != "" {
		rate, err := ParseRate(row.Rate.Rate)
		r.Shape.Rate, errs = rate, append(errs, err)
	}
	for what, f := range map[string]figure{"connections": row.Connections, "messages": row.Messages, "rate": row.Rate} {
		if f.Source != "" {
			r.Sources = append(r.Sources, fmt.Sprintf("%s: %s, %s", what, f.Source, f.Date))
		}
	}
	slices.Sort(r.Sources)
	for _, x := range row.Reactions {
		reaction, err := x.reaction()
		r.Shape.Reactions = append(r.Shape.Reactions, reaction)
		errs = append(errs, err)
	}
	return r, errors.Join(errs...)
}

func (row reactionRow) reaction() (Reaction, error) {
	r := Reaction{
		Name: row.Name, Reasons: row.Reasons, Codes: row.Codes, Marks: row.Marks, Lasting: row.Lasting,
		Times: row.Times, Do: row.Do, Source: row.Source, Date: row.Date,
	}
	var errs []error
	for _, d := range []struct {
		text string
		into *time.Duration
	}{{row.Within, &r.Within}, {row.For, &r.For}} {
		if d.text != "" {
			var err error
			*d.into, err = time.ParseDuration(d.text)
			errs = append(errs, err)
		}
	}
	if row.Rate != "" {
		rate, err := ParseRate(row.Rate)
		r.Rate, errs = rate, append(errs, err)
	}
	return r, errors.Join(errs...)
}
