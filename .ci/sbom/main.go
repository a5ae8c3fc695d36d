// Sbom writes the bill of materials of a Go program, as CycloneDX 1.5 JSON,
// from what the Go linker put into it.
//
//	go run ./.ci/sbom PROGRAM BILL.json
package main

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
)

type bom struct {
	Format     string      `json:"bomFormat"`
	Spec       string      `json:"specVersion"`
	Version    int         `json:"version"`
	Metadata   metadata    `json:"metadata"`
	Components []component `json:"components"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type    string `json:"type"`
	Ref     string `json:"bom-ref"`
	Name    string `json:"name"`
	Version string `json:"version"`
	PURL    string `json:"purl"`
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: sbom PROGRAM BILL.json")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// run writes the bill of a program.
func run(program, bill string) error {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return err
	}
	b := bom{Format: "CycloneDX", Spec: "1.5", Version: 1, Metadata: metadata{module("application", info.Main)}}
	std := debug.Module{Path: "std", Version: info.GoVersion}
	for _, dependency := range append([]*debug.Module{&std}, info.Deps...) {
		if dependency.Replace != nil {
			dependency = dependency.Replace
		}
		b.Components = append(b.Components, module("library", *dependency))
	}
	content, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(bill, append(content, '\n'), 0o644) //nolint:gosec // it is published
}

// module describes a Go module by its package URL.
func module(kind string, m debug.Module) component {
	purl := "pkg:golang/" + m.Path + "@" + m.Version
	return component{Type: kind, Ref: purl, Name: m.Path, Version: m.Version, PURL: purl}
}
