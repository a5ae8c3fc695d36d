package ui

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/mailctl/mailctl/pkg/check"
)

// checkJUnit prints the XML that test reports are made of: a suite for each
// domain and a case for each finding.
type checkJUnit struct {
	w       io.Writer
	encoder *xml.Encoder
	failOn  check.Severity
	name    string
	begun   bool
}

func newCheckJUnit(w io.Writer, opt CheckOptions) *checkJUnit {
	encoder := xml.NewEncoder(w)
	encoder.Indent("  ", "  ")
	return &checkJUnit{w: w, encoder: encoder, failOn: opt.FailOn, name: opt.command()}
}

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	ClassName string        `xml:"classname,attr"`
	File      string        `xml:"file,attr,omitempty"`
	Line      int           `xml:"line,attr,omitempty"`
	Failure   *junitOutcome `xml:"failure"`
	Skipped   *junitOutcome `xml:"skipped"`
	Output    string        `xml:"system-out,omitempty"`
}

type junitOutcome struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

func (p *checkJUnit) begin() error {
	if p.begun {
		return nil
	}
	p.begun = true
	_, err := fmt.Fprintf(p.w, "%s<testsuites name=%q>\n", xml.Header, p.name)
	return err
}

func (p *checkJUnit) Print(d CheckedDomain) error {
	if err := p.begin(); err != nil {
		return err
	}
	suite := junitSuite{Name: d.Domain.Domain, Tests: len(d.Findings)}
	for i, f := range d.Findings {
		place := d.place(i)
		c := junitCase{
			Name: f.ID, ClassName: d.Domain.Domain + "." + string(f.Standard), File: place.File, Line: place.Line,
		}
		if f.Subject != d.Domain.Domain {
			c.Name += " (" + f.Subject + ")"
		}
		detail := junitDetail(f)
		switch {
		case f.Severity == check.SeverityUnknown:
			suite.Skipped++
			c.Skipped = &junitOutcome{Message: f.Message, Text: detail}
		case f.Severity.AtLeast(p.failOn):
			suite.Failures++
			c.Failure = &junitOutcome{Message: f.Message, Type: string(f.Severity), Text: detail}
		default:
			c.Output = joinLines(string(f.Severity)+": "+f.Message, detail)
		}
		suite.Cases = append(suite.Cases, c)
	}
	return p.encoder.Encode(suite)
}

func (p *checkJUnit) End() error {
	if err := p.begin(); err != nil {
		return err
	}
	_, err := io.WriteString(p.w, "\n</testsuites>\n")
	return err
}

// junitDetail is what a finding says besides its message.
func junitDetail(f check.Finding) string {
	var record, fix string
	if f.Record != "" {
		record = "found: " + f.Record
	}
	if f.Fix != "" {
		fix = "fix:\n" + f.Fix
	}
	return joinLines(record, fix, f.Ref)
}

// joinLines joins the texts that are not empty, each on lines of its own.
func joinLines(texts ...string) string {
	var lines []string
	for _, t := range texts {
		if t != "" {
			lines = append(lines, strings.TrimRight(t, "\n"))
		}
	}
	return strings.Join(lines, "\n")
}
