package bimi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Bounds of an indicator.
const (
	// RecommendedSVG is how large an indicator should be at most, uncompressed, in
	// octets (SVG Tiny PS draft §2.4).
	RecommendedSVG = 32 << 10
	maxSVG         = 1 << 20 // more is not read
	maxSVGDepth    = 100     // elements inside of each other
	maxSVGProblems = 100
)

// ErrNotSVG means that octets are not a well-formed SVG document.
var ErrNotSVG = errors.New("not an SVG document")

// An SVG is what an indicator says about itself.
type SVG struct {
	Size       int      // in octets, uncompressed
	Compressed bool     // it came as SVGZ
	SHA256     [32]byte // of the uncompressed octets

	Version     string
	BaseProfile string
	Title       string
	Description string
	ViewBox     []float64 // four numbers; nil when missing or not valid
	Width       string    // as written; empty when missing
	Height      string

	Problems []SVGProblem // in the order of the document
}

// An SVGProblemKind is what keeps a document from being SVG Tiny PS.
type SVGProblemKind string

// The kinds of problem. Those of the last group are advice: the profile asks for
// them with SHOULD, or large receivers do.
const (
	SVGVersion      SVGProblemKind = "version"       // version must be 1.2 (§2.1)
	SVGBaseProfile  SVGProblemKind = "base-profile"  // baseProfile must be tiny-ps (§2.1)
	SVGNamespace    SVGProblemKind = "namespace"     // an element or an attribute that is not SVG's
	SVGNoTitle      SVGProblemKind = "no-title"      // no title, or an empty one (§2.1)
	SVGTitles       SVGProblemKind = "several-title" // more than one title (§2.1)
	SVGDescription  SVGProblemKind = "empty-desc"    // an empty desc (§2.1)
	SVGScript       SVGProblemKind = "script"        // script elements and event attributes (§2.3)
	SVGAnimation    SVGProblemKind = "animation"     // (§2.3)
	SVGMultimedia   SVGProblemKind = "multimedia"    // (§2.3)
	SVGImage        SVGProblemKind = "image"         // raster images (§2.3)
	SVGForeign      SVGProblemKind = "foreign-object"
	SVGLink         SVGProblemKind = "link"      // the element a (§2.3)
	SVGSwitch       SVGProblemKind = "switch"    // conditional processing (§2.3)
	SVGStyle        SVGProblemKind = "style"     // style sheets and style attributes
	SVGElement      SVGProblemKind = "element"   // any other element that SVG Tiny PS does not have
	SVGExternal     SVGProblemKind = "external"  // a reference to something outside of the document (RFC 6170 §5.2)
	SVGPosition     SVGProblemKind = "position"  // x or y on the root (§6.2)
	SVGAttribute    SVGProblemKind = "attribute" // an attribute that must have another value (§2.3)
	SVGDoctype      SVGProblemKind = "doctype"   // a document type declaration, which could define entities
	SVGInstruction  SVGProblemKind = "instruction"
	SVGTooLarge     SVGProblemKind = "too-large"     // over RecommendedSVG (§2.4)
	SVGTitleLength  SVGProblemKind = "title-length"  // a title of more than 64 characters (§2.1)
	SVGNotSquare    SVGProblemKind = "not-square"    // receivers show a square or a circle
	SVGNoSize       SVGProblemKind = "no-size"       // neither viewBox nor width and height
	SVGRelativeSize SVGProblemKind = "relative-size" // width or height in percent, which Gmail and iCloud refuse
)

// advice are the kinds that a document may have and still be SVG Tiny PS.
var advice = [...]SVGProblemKind{SVGTooLarge, SVGTitleLength, SVGNotSquare, SVGNoSize, SVGRelativeSize}

// An SVGProblem is one thing about a document.
type SVGProblem struct {
	Kind      SVGProblemKind
	Element   string
	Attribute string // empty when it is about the element
	Value     string
	Line      int // from 1
}

// Valid reports whether the document is SVG Tiny PS, as far as can be told
// without drawing it.
func (s *SVG) Valid() bool {
	return !slices.ContainsFunc(s.Problems, func(p SVGProblem) bool { return !slices.Contains(advice[:], p.Kind) })
}

// Has reports whether the document has a problem of that kind.
func (s *SVG) Has(kind SVGProblemKind) bool {
	return slices.ContainsFunc(s.Problems, func(p SVGProblem) bool { return p.Kind == kind })
}

// ParseSVG reads an indicator, SVG or SVGZ. It always returns what it could read;
// the error is [ErrNotSVG]. Everything else that is wrong is a problem.
func ParseSVG(data []byte) (*SVG, error) {
	plain, compressed, err := inflate(data)
	s := &SVG{Size: len(plain), Compressed: compressed, SHA256: sha256.Sum256(plain)}
	if err != nil {
		return s, fmt.Errorf("%w: %w", ErrNotSVG, err)
	}
	if err := lint(s, plain); err != nil {
		return s, fmt.Errorf("%w: %w", ErrNotSVG, err)
	}
	if s.Size > RecommendedSVG {
		s.note(SVGProblem{Kind: SVGTooLarge, Value: strconv.Itoa(s.Size), Line: 1})
	}
	return s, nil
}

// inflate undoes the compression of SVGZ.
func inflate(data []byte) (plain []byte, compressed bool, err error) {
	compressed = bytes.HasPrefix(data, []byte{0x1f, 0x8b})
	if compressed {
		reader, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, true, err
		}
		if data, err = io.ReadAll(io.LimitReader(reader, maxSVG+1)); err != nil {
			return nil, true, err
		}
	}
	if len(data) > maxSVG {
		return data[:maxSVG], compressed, fmt.Errorf("it has more than %d octets", maxSVG)
	}
	return data, compressed, nil
}

func (s *SVG) note(p SVGProblem) {
	const most = 80
	if len(p.Value) > most {
		p.Value = p.Value[:most]
	}
	if len(s.Problems) < maxSVGProblems {
		s.Problems = append(s.Problems, p)
	}
}

// checkSize looks at what the root says about the shape.
func (s *SVG) checkSize(line int) {
	problem := func(kind SVGProblemKind, value string) {
		s.note(SVGProblem{Kind: kind, Element: "svg", Value: value, Line: line})
	}
	width, okW := pixels(s.Width)
	height, okH := pixels(s.Height)
	switch {
	case strings.HasSuffix(s.Width, "%"):
		problem(SVGRelativeSize, s.Width)
	case strings.HasSuffix(s.Height, "%"):
		problem(SVGRelativeSize, s.Height)
	}
	if s.ViewBox != nil {
		width, height, okW, okH = s.ViewBox[2], s.ViewBox[3], true, true
	}
	switch {
	case !okW || !okH:
		problem(SVGNoSize, "")
	case width != height:
		problem(SVGNotSquare, fmt.Sprintf("%g x %g", width, height))
	}
}

// pixels reads a length in pixels, "96" or "96px".
func pixels(s string) (float64, bool) {
	n, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(s), "px"), 64)
	return n, err == nil && n > 0
}

// parseViewBox reads four numbers with white space or commas between them.
func parseViewBox(s string) []float64 {
	fields := strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune(", \t\r\n", c) })
	if len(fields) != 4 {
		return nil
	}
	box := make([]float64, 4)
	for i, field := range fields {
		n, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return nil
		}
		box[i] = n
	}
	if !(box[2] > 0 && box[3] > 0) { // NaN is not either
		return nil
	}
	return box
}
