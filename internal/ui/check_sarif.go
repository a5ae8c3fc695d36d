package ui

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"path/filepath"

	"github.com/mailctl/mailctl/pkg/check"
)

// Where the form of SARIF and this program are described.
const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	projectURL  = "https://github.com/mailctl/mailctl"
	rulesURL    = projectURL + "/blob/main/docs/rules.md"
)

// checkSARIF prints the Static Analysis Results Interchange Format 2.1.0, result
// by result.
//
// What is as it should be is among the run's properties and not among the
// results: GitHub shows every result as an alert, whatever its kind. Only that is
// kept until the end.
type checkSARIF struct {
	w       io.Writer
	version string
	begun   bool
	comma   string   // before the next result
	passed  [][]byte // in JSON
	rules   []check.Rule
	indexes map[string]int // of the rules
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version,omitempty"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID                   string             `json:"id"`
	ShortDescription     sarifText          `json:"shortDescription"`
	FullDescription      sarifText          `json:"fullDescription"`
	Help                 sarifText          `json:"help"`
	HelpURI              string             `json:"helpUri"`
	DefaultConfiguration sarifConfiguration `json:"defaultConfiguration"`
	Properties           sarifTags          `json:"properties"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifConfiguration struct {
	Level string `json:"level"`
}

type sarifTags struct {
	Tags []string `json:"tags"`
}

type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    *int              `json:"ruleIndex,omitempty"`
	Kind         string            `json:"kind"`
	Level        string            `json:"level"`
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	Properties   check.Finding     `json:"properties"`
}

type sarifLocation struct {
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

type sarifLogical struct {
	Name          string `json:"name"`
	QualifiedName string `json:"fullyQualifiedName"`
	Kind          string `json:"kind"`
}

func newCheckSARIF(w io.Writer, opt CheckOptions) *checkSARIF {
	p := &checkSARIF{w: w, version: opt.Version, rules: opt.rules(), indexes: map[string]int{}}
	for i, rule := range p.rules {
		p.indexes[rule.ID] = i
	}
	return p
}

// begin writes all that stands before the results.
func (p *checkSARIF) begin() error {
	if p.begun {
		return nil
	}
	p.begun = true
	tool, err := sarifJSON(sarifTool{sarifDriver{Name: "mailctl", Version: p.version, InformationURI: projectURL, Rules: sarifRules(p.rules)}})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.w, `{"$schema":%q,"version":"2.1.0","runs":[{"tool":%s,"results":[`, sarifSchema, tool)
	return err
}

func (p *checkSARIF) Print(d CheckedDomain) error {
	if err := p.begin(); err != nil {
		return err
	}
	for i, f := range d.Findings {
		if f.Severity == check.SeverityOK {
			passed, err := sarifJSON(f)
			if err != nil {
				return err
			}
			p.passed = append(p.passed, passed)
			continue
		}
		result, err := sarifJSON(p.result(d, i))
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(p.w, "%s\n%s", p.comma, result); err != nil {
			return err
		}
		p.comma = ","
	}
	return nil
}

// End writes all that stands behind the results.
func (p *checkSARIF) End() error {
	if err := p.begin(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.w, "\n],\"properties\":{\"passed\":[%s]}}]}\n", bytes.Join(p.passed, []byte(",")))
	return err
}

// sarifJSON is a value in one line.
func sarifJSON(value any) ([]byte, error) {
	var b bytes.Buffer
	err := WriteJSON(&b, value)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func (p *checkSARIF) result(d CheckedDomain, finding int) sarifResult {
	f := d.Findings[finding]
	kind, level := sarifLevel(f.Severity)
	text := f.Subject + ": " + f.Message
	if f.Fix != "" {
		text += "\n\n" + f.Fix
	}
	r := sarifResult{
		RuleID: f.ID, Kind: kind, Level: level, Message: sarifText{text},
		Locations: []sarifLocation{{
			Physical: sarifPlace(d.place(finding)),
			Logical:  []sarifLogical{{Name: f.Subject, QualifiedName: d.Domain.Domain + "/" + f.Subject, Kind: "resource"}},
		}},
		Fingerprints: map[string]string{"mailctl/v1": d.Domain.Domain + "/" + f.Subject + "/" + f.ID},
		Properties:   f,
	}
	if index, ok := p.indexes[f.ID]; ok {
		r.RuleIndex = &index
	}
	return r
}

// sarifLevel returns kind and level. A kind other than fail has no level (SARIF
// 2.1.0 §3.27.10).
func sarifLevel(s check.Severity) (kind, level string) {
	switch s {
	case check.SeverityError:
		return "fail", "error"
	case check.SeverityWarning:
		return "fail", "warning"
	case check.SeverityNotice:
		return "fail", "note"
	case check.SeverityOK:
		return "pass", "none"
	case check.SeverityUnknown:
	}
	return "open", "none"
}

func sarifPlace(place Place) *sarifPhysical {
	if place.File == "" {
		return nil
	}
	physical := &sarifPhysical{Artifact: sarifArtifact{URI: fileURI(place.File)}}
	if place.Line > 0 {
		physical.Region = &sarifRegion{place.Line}
	}
	return physical
}

// fileURI returns a path as the relative or absolute URI that it is.
func fileURI(path string) string {
	slashed := filepath.ToSlash(filepath.Clean(path))
	if filepath.IsAbs(path) {
		return (&url.URL{Scheme: "file", Path: slashed}).String()
	}
	return (&url.URL{Path: slashed}).String()
}

func sarifRules(all []check.Rule) []sarifRule {
	rules := []sarifRule{}
	for _, rule := range all {
		_, level := sarifLevel(rule.Severity)
		help := joinSentences(rule.Title, rule.Why)
		if rule.Ref != "" {
			help += " (" + rule.Ref + ")"
		}
		rules = append(rules, sarifRule{
			ID: rule.ID, ShortDescription: sarifText{rule.Title}, FullDescription: sarifText{joinSentences(rule.Title, rule.Why)},
			Help: sarifText{help}, HelpURI: rulesURL + "#" + rule.ID, DefaultConfiguration: sarifConfiguration{level},
			Properties: sarifTags{[]string{string(rule.Standard)}},
		})
	}
	return rules
}
