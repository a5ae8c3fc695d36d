package bimi

import (
	"bytes"
	"compress/gzip"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	svgHead = `<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 64 64">`
	goodSVG = svgHead + `<title>Example, Inc.</title><rect width="64" height="64" fill="teal"/></svg>`
)

// inside puts elements into a good document.
func inside(elements string) string {
	return strings.Replace(goodSVG, "</svg>", elements+"</svg>", 1)
}

// root replaces a part of the root element of a good document.
func root(from, to string) string { return strings.Replace(goodSVG, from, to, 1) }

func zip(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestParseSVG(t *testing.T) {
	tests := []struct {
		name, text string
		want       []SVGProblemKind
	}{
		{"good", goodSVG, nil},
		{"the example of the draft, §5", `<?xml version="1.0"?>
<svg width="400px" height="400px" xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" zoomAndPan="disable" externalResourcesRequired="false">
  <title>Example, Inc.</title><desc>Logo for Example, Inc.</desc>
  <circle cx="200" cy="200" r="125" fill="white" stroke="black" stroke-width="2"/>
</svg>`, nil},
		{"references inside", inside(`<defs><linearGradient id="g"><stop offset="0"/></linearGradient></defs><rect fill="url(#g)"/><use href="#g"/>`), nil},
		{"xlink", inside(`<use xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="#g" xml:space="preserve"/>`), nil},

		{"version", root(`version="1.2"`, `version="1.1"`), []SVGProblemKind{SVGVersion}},
		{"no version", root(`version="1.2"`, ``), []SVGProblemKind{SVGVersion}},
		{"base profile", root(`tiny-ps`, `tiny`), []SVGProblemKind{SVGBaseProfile}},
		{"no namespace", `<svg version="1.2" baseProfile="tiny-ps" viewBox="0 0 1 1"><title>x</title></svg>`, []SVGProblemKind{SVGNamespace, SVGNamespace}},
		{"x and y", root(`viewBox`, `x="0" y="0" viewBox`), []SVGProblemKind{SVGPosition, SVGPosition}},
		{"zoomAndPan", root(`viewBox`, `zoomAndPan="magnify" viewBox`), []SVGProblemKind{SVGAttribute}},
		{"no title", svgHead + `</svg>`, []SVGProblemKind{SVGNoTitle}},
		{"empty title", svgHead + `<title> </title></svg>`, []SVGProblemKind{SVGNoTitle}},
		{"title elsewhere", svgHead + `<g><title>x</title></g></svg>`, []SVGProblemKind{SVGNoTitle}},
		{"two titles", inside(`<title>x</title>`), []SVGProblemKind{SVGTitles}},
		{"empty desc", inside(`<desc/>`), []SVGProblemKind{SVGDescription}},
		{"script", inside(`<script>alert(1)</script>`), []SVGProblemKind{SVGScript}},
		{"event", inside(`<rect onclick="x"/>`), []SVGProblemKind{SVGScript}},
		{"animation", inside(`<animate/><set/>`), []SVGProblemKind{SVGAnimation, SVGAnimation}},
		{"multimedia", inside(`<video/>`), []SVGProblemKind{SVGMultimedia}},
		{"image", inside(`<image href="data:image/png;base64,x"/>`), []SVGProblemKind{SVGImage, SVGExternal}},
		{"foreignObject", inside(`<foreignObject/>`), []SVGProblemKind{SVGForeign}},
		{"link", inside(`<a><rect/></a>`), []SVGProblemKind{SVGLink}},
		{"switch", inside(`<switch/>`), []SVGProblemKind{SVGSwitch}},
		{"style", inside(`<style>x</style><g style="fill:red"/>`), []SVGProblemKind{SVGStyle, SVGStyle}},
		{"filter", inside(`<filter/>`), []SVGProblemKind{SVGElement}},
		{"other namespaces", inside(`<h:p xmlns:h="http://www.w3.org/1999/xhtml"/><g xmlns:i="i" i:label="x"/>`), []SVGProblemKind{SVGNamespace, SVGNamespace}},
		{"external use", inside(`<use href="https://example.com/x.svg#a"/>`), []SVGProblemKind{SVGExternal}},
		{"external paint", inside(`<rect fill="url( 'https://example.com/x#a' )"/>`), []SVGProblemKind{SVGExternal}},
		{"external behind internal", inside(`<rect fill="url(#a) URL(x)"/>`), []SVGProblemKind{SVGExternal}},
		{"xml:base", inside(`<g xml:base="https://example.com/"/>`), []SVGProblemKind{SVGExternal}},
		{"doctype", `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">` + goodSVG, []SVGProblemKind{SVGDoctype}},
		{"style sheet", `<?xml-stylesheet href="https://example.com/x.css"?>` + goodSVG, []SVGProblemKind{SVGInstruction}},
	}
	for _, test := range tests {
		s, err := ParseSVG([]byte(test.text))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if diff := cmp.Diff(test.want, kinds(s)); diff != "" || s.Valid() != (test.want == nil) {
			t.Errorf("%s: valid %v (-want +got)\n%s", test.name, s.Valid(), diff)
		}
	}
}

func kinds(s *SVG) []SVGProblemKind {
	var kinds []SVGProblemKind
	for _, p := range s.Problems {
		kinds = append(kinds, p.Kind)
	}
	return kinds
}

func TestParseSVGAdvice(t *testing.T) {
	tests := []struct {
		name, text string
		want       SVGProblemKind
	}{
		{"wide", root("0 0 64 64", "0 0 64 32"), SVGNotSquare},
		{"wide in pixels", root(`viewBox="0 0 64 64"`, `width="96" height="95px"`), SVGNotSquare},
		{"no size", root(`viewBox="0 0 64 64"`, ``), SVGNoSize},
		{"a view box of three numbers", root("0 0 64 64", "0 0 64"), SVGNoSize},
		{"a view box of nothing", root("0 0 64 64", "0 0 0 NaN"), SVGNoSize},
		{"percent", root(`viewBox`, `width="100%" height="100%" viewBox`), SVGRelativeSize},
		{"a long title", strings.Replace(goodSVG, "Example, Inc.", strings.Repeat("é", 65), 1), SVGTitleLength},
		{"large", inside("<desc>" + strings.Repeat("x", RecommendedSVG) + "</desc>"), SVGTooLarge},
	}
	for _, test := range tests {
		s, err := ParseSVG([]byte(test.text))
		if err != nil || !s.Valid() || len(s.Problems) != 1 || !s.Has(test.want) {
			t.Errorf("%s: %v, valid %v, %+v", test.name, err, s.Valid(), s.Problems)
		}
	}
}

func TestParseSVGFacts(t *testing.T) {
	text := root(`viewBox`, `width="96" height="97" viewBox`)
	text = strings.Replace(text, "<rect", "\n<desc>A <tspan>logo</tspan></desc>\n<sparkle/><rect", 1)
	plain, err := ParseSVG([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := &SVG{
		Size: len(text), SHA256: plain.SHA256, Version: "1.2", BaseProfile: "tiny-ps", Title: "Example, Inc.", Description: "A logo",
		ViewBox: []float64{0, 0, 64, 64}, Width: "96", Height: "97",
		Problems: []SVGProblem{{Kind: SVGElement, Element: "sparkle", Line: 3}},
	}
	if diff := cmp.Diff(want, plain); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	zipped, err := ParseSVG(zip(t, text))
	want.Compressed = true
	if diff := cmp.Diff(want, zipped); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

func TestParseSVGMalformed(t *testing.T) {
	tests := map[string][]byte{
		"empty":            nil,
		"a PNG":            []byte("\x89PNG\r\n\x1a\n"),
		"HTML":             []byte("<html><body></body></html>"),
		"unclosed":         []byte(svgHead),
		"two roots":        []byte(goodSVG + goodSVG),
		"an entity":        []byte(inside("&xxe;")),
		"another encoding": []byte(`<?xml version="1.0" encoding="ISO-8859-1"?>` + goodSVG),
		"too deep":         []byte(inside(strings.Repeat("<g>", 200) + strings.Repeat("</g>", 200))),
		"too large":        []byte(inside(strings.Repeat(" ", maxSVG))),
		"a bomb":           zip(t, inside(strings.Repeat(" ", 8*maxSVG))),
		"cut off":          zip(t, goodSVG)[:40],
		"not gzip":         {0x1f, 0x8b, 9, 9},
	}
	for name, data := range tests {
		if _, err := ParseSVG(data); !errors.Is(err, ErrNotSVG) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s, err := ParseSVG([]byte(inside(strings.Repeat("<script/>", 1000))))
	if err != nil || len(s.Problems) != maxSVGProblems {
		t.Errorf("%v, %d problems", err, len(s.Problems))
	}
}

func FuzzParseSVG(f *testing.F) {
	f.Add([]byte(goodSVG))
	f.Add([]byte(inside(`<a xlink:href="x" style="url(x)"/><!-- --><![CDATA[x]]>`)))
	f.Add(zip(f, goodSVG))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseSVG(data)
		again, err2 := ParseSVG(data)
		if (err == nil) != (err2 == nil) || len(s.Problems) > maxSVGProblems || s.SHA256 != again.SHA256 {
			t.Fatalf("%v, %v, %d problems", err, err2, len(s.Problems))
		}
	})
}
