package ui

import (
	"fmt"
	"io"

	"github.com/mailctl/mailctl/pkg/spf"
)

// A SPFPolicy is what a domain publishes, whichever client comes.
type SPFPolicy struct {
	Tree *spf.Tree
	Flat []spf.Published // when it was asked for
}

// WriteSPFPolicyJSON writes a policy (schema mailctl.spf-tree/1).
func WriteSPFPolicyJSON(w io.Writer, p SPFPolicy) error {
	return WriteJSON(w, struct {
		Schema string `json:"schema"`
		treeView
		Incomplete bool       `json:"incomplete"` // something could not be looked up
		Flattened  []flatView `json:"flattened,omitempty"`
	}{"mailctl.spf-tree/1", viewTree(p.Tree), p.Tree.Incomplete, viewFlat(p.Flat)})
}

type flatView struct {
	Name   string `json:"name"`
	Record string `json:"record"`
	Zone   string `json:"zone"`
}

func viewFlat(flat []spf.Published) []flatView {
	var views []flatView
	for _, p := range flat {
		views = append(views, flatView{p.Name, p.Text, p.ZoneLine()})
	}
	return views
}

type treeView struct {
	Domain      string       `json:"domain"`
	Record      string       `json:"record"`
	Size        int          `json:"size"` // octets of the record
	Lookups     int          `json:"lookups"`
	VoidLookups int          `json:"void_lookups"`
	Default     spf.Status   `json:"default,omitempty"`
	Problem     string       `json:"problem,omitempty"`
	Terms       []branchView `json:"terms"`
}

type branchView struct {
	Term      string    `json:"term"`
	Target    string    `json:"target,omitempty"`
	Lookups   int       `json:"lookups"`
	Networks  []string  `json:"networks,omitempty"`
	Reached   bool      `json:"reached"`
	Redundant bool      `json:"redundant,omitempty"`
	Problem   string    `json:"problem,omitempty"`
	Below     *treeView `json:"below,omitempty"`
}

func viewTree(t *spf.Tree) treeView {
	v := treeView{
		Domain: t.Domain, Record: t.Record.Text, Size: t.Size.Record,
		Lookups: t.Cost.Lookups, VoidLookups: max(t.Cost.Void4, t.Cost.Void6), Default: t.Default, Terms: []branchView{},
	}
	if t.Err != nil {
		v.Problem = t.Err.Error()
	}
	for i := range t.Branches {
		v.Terms = append(v.Terms, viewBranch(&t.Branches[i]))
	}
	return v
}

func viewBranch(b *spf.Branch) branchView {
	v := branchView{Term: b.Term.Text, Target: b.Target, Lookups: b.Cost.Lookups, Reached: b.Reached, Redundant: b.Redundant}
	if b.Err != nil {
		v.Problem = b.Err.Error()
	}
	if b.Below != nil {
		below := viewTree(b.Below)
		v.Below = &below
		return v
	}
	networks, _ := b.Networks()
	for _, p := range networks {
		v.Networks = append(v.Networks, p.String())
	}
	return v
}

// WriteSPFPolicy draws the tree, or writes the flattened record for a zone file.
func WriteSPFPolicy(w io.Writer, style Style, p SPFPolicy) error {
	if p.Flat == nil {
		return writeSPFTree(w, style, p.Tree)
	}
	for _, record := range p.Flat {
		if _, err := fmt.Fprintln(w, record.ZoneLine()); err != nil {
			return err
		}
	}
	return nil
}

// writeSPFTree draws the tree, and says what is the matter with it as a whole.
func writeSPFTree(w io.Writer, style Style, t *spf.Tree) error {
	if err := writeTree(w, style, t.String()); err != nil {
		return err
	}
	p := &checkText{w: w, style: style}
	if t.Incomplete {
		p.line("")
		p.wrapped("", "something could not be looked up: the tree is not complete")
	}
	if t.Cost.ExceedsLookups() {
		p.line("")
		p.wrapped("", fmt.Sprintf("receivers stop after %d look-ups with permerror: whoever comes behind has no SPF", spf.MaxLookups))
	}
	if t.Cost.ExceedsVoid() {
		p.line("")
		p.wrapped("", fmt.Sprintf("up to %d look-ups bring nothing, and receivers stop after %d with permerror", max(t.Cost.Void4, t.Cost.Void6), spf.MaxVoidLookups))
	}
	return p.err
}
