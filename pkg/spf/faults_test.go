package spf_test

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/spf"
)

// faultsOf names what is wrong with a policy, from what a tree tells.
func faultsOf(root *spf.Tree) []string {
	var faults []string
	add := func(name string, is bool) {
		if is && !slices.Contains(faults, name) {
			faults = append(faults, name)
		}
	}
	add("missing", errors.Is(root.Err, spf.ErrNoRecord))
	add("several", errors.Is(root.Err, spf.ErrSeveralRecords))
	add("syntax", errors.Is(root.Err, spf.ErrSyntax))
	add("similar", root.Similar != nil)
	add("retired-type", root.Retired != nil)
	add("too-many-lookups", root.Cost.ExceedsLookups())
	add("too-many-void", root.Cost.ExceedsVoid())
	add("large", root.Size.Combined > spf.MaxCombined)
	v4, _ := root.Senders()
	open := root.Default == spf.Pass || v4.BitLen() > 32
	add("open", open)
	add("neutral-default", root.Err == nil && root.Default == spf.Neutral && !open)
	root.All(func(_ []string, tree *spf.Tree) {
		add("loop", errors.Is(tree.Err, spf.ErrLoop))
		for _, b := range tree.Branches {
			add("broken-include", b.Below != nil && b.Below.Err != nil && !errors.Is(b.Below.Err, spf.ErrLoop))
			add("bad-target", errors.Is(b.Err, spf.ErrNoDomain))
			add("too-many-mx", errors.Is(b.Err, spf.ErrTooManyMX))
			add("ptr", b.Term.Kind == spf.KindPTR || b.Term.Domain.Uses("p"))
			add("unknown-modifier", b.Term.Kind == spf.KindUnknown)
			add("not-reached", !b.Reached && (b.Term.Kind.IsMechanism() || b.Term.Kind == spf.KindRedirect))
			add("redundant", b.Redundant && tree == root)
		}
	})
	if faults == nil {
		faults = []string{"none"}
	}
	return faults
}

// TestFaults finds the faults of a zone in which they are named, and no others.
func TestFaults(t *testing.T) {
	path := filepath.FromSlash("../../testdata/dns/spf-faults.zone")
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := delivery.ParseZone(file, path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	count := 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		record, comment, found := strings.Cut(lines.Text(), " ; ")
		if !found || record == "" {
			continue
		}
		count++
		name := strings.Fields(record)[0]
		got, want := faultsOf(spf.Walk(t.Context(), z, name+".spf.example")), strings.Fields(comment)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if count < 40 {
		t.Errorf("only %d domains", count)
	}
}
