package bimi

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	svgSpace   = "http://www.w3.org/2000/svg"
	xlinkSpace = "http://www.w3.org/1999/xlink"
	xmlSpace   = "http://www.w3.org/XML/1998/namespace"
)

// permitted are the elements of SVG Tiny 1.2 that the profile leaves (SVG Tiny PS
// draft §2.2).
var permitted = [...]string{
	"svg", "title", "desc", "metadata", "defs", "g", "use",
	"path", "rect", "circle", "ellipse", "line", "polyline", "polygon",
	"text", "tspan", "tbreak", "textArea",
	"solidColor", "linearGradient", "radialGradient", "stop",
}

// elementKind says why an element is not permitted.
func elementKind(name string) SVGProblemKind {
	switch name {
	case "script", "handler", "listener":
		return SVGScript
	case "animate", "animateColor", "animateMotion", "animateTransform", "set", "mpath", "discard":
		return SVGAnimation
	case "audio", "video", "animation", "prefetch":
		return SVGMultimedia
	case "image":
		return SVGImage
	case "foreignObject":
		return SVGForeign
	case "a":
		return SVGLink
	case "switch":
		return SVGSwitch
	case "style":
		return SVGStyle
	default:
		return SVGElement
	}
}

// A linter goes through a document.
type linter struct {
	svg    *SVG
	dec    *xml.Decoder
	path   []string // the elements around the present place
	titles int
	text   *strings.Builder // where the text of a title or desc goes; nil elsewhere
}

// lint reads the whole document.
func lint(s *SVG, data []byte) error {
	l := &linter{svg: s, dec: xml.NewDecoder(bytes.NewReader(data))}
	roots := 0
	for {
		token, err := l.dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if start, ok := token.(xml.StartElement); ok && len(l.path) == 0 {
			if roots++; roots > 1 || start.Name.Local != "svg" {
				return fmt.Errorf("the root is <%s>", start.Name.Local)
			}
		}
		if err := l.read(token); err != nil {
			return err
		}
	}
	if roots == 0 {
		return errors.New("it has no elements")
	}
	if l.titles == 0 || strings.TrimSpace(s.Title) == "" {
		s.note(SVGProblem{Kind: SVGNoTitle, Element: "title", Line: 1})
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(s.Title)); n > 64 {
		s.note(SVGProblem{Kind: SVGTitleLength, Element: "title", Value: s.Title, Line: 1})
	}
	return nil
}

// read takes one token.
func (l *linter) read(token xml.Token) error {
	switch token := token.(type) {
	case xml.StartElement:
		if len(l.path) == maxSVGDepth {
			return fmt.Errorf("more than %d elements inside of each other", maxSVGDepth)
		}
		l.path = append(l.path, token.Name.Local)
		l.start(token)
	case xml.EndElement:
		l.end()
		l.path = l.path[:len(l.path)-1]
	case xml.CharData:
		if l.text != nil {
			l.text.Write(token)
		}
	case xml.Directive:
		l.note(SVGDoctype, "", string(token))
	case xml.ProcInst:
		if token.Target != "xml" {
			l.note(SVGInstruction, "", token.Target)
		}
	}
	return nil
}

// start judges an element and its attributes.
func (l *linter) start(e xml.StartElement) {
	switch {
	case e.Name.Space != svgSpace:
		l.note(SVGNamespace, "", e.Name.Space)
	case !slices.Contains(permitted[:], e.Name.Local):
		l.note(elementKind(e.Name.Local), "", "")
	}
	if len(l.path) == 1 {
		l.root(e)
	}
	if len(l.path) == 2 {
		switch e.Name.Local {
		case "title":
			if l.titles++; l.titles > 1 {
				l.note(SVGTitles, "", "")
			}
			l.text = &strings.Builder{}
		case "desc":
			l.text = &strings.Builder{}
		}
	}
	for _, a := range e.Attr {
		l.attribute(a)
	}
}

// end keeps the text of the first title and desc of the root.
func (l *linter) end() {
	if l.text == nil || len(l.path) != 2 {
		return
	}
	text := l.text.String()
	l.text = nil
	switch name := l.path[1]; {
	case name == "title" && l.titles == 1:
		l.svg.Title = text
	case name == "desc":
		if strings.TrimSpace(text) == "" {
			l.note(SVGDescription, "", "")
		} else if l.svg.Description == "" {
			l.svg.Description = text
		}
	}
}

// root reads the attributes that only the root has.
func (l *linter) root(e xml.StartElement) {
	s := l.svg
	for _, a := range e.Attr {
		if a.Name.Space != "" {
			continue
		}
		switch a.Name.Local {
		case "version":
			s.Version = a.Value
		case "baseProfile":
			s.BaseProfile = a.Value
		case "viewBox":
			s.ViewBox = parseViewBox(a.Value)
		case "width":
			s.Width = a.Value
		case "height":
			s.Height = a.Value
		case "x", "y":
			l.note(SVGPosition, a.Name.Local, a.Value)
		}
	}
	if s.Version != "1.2" {
		l.note(SVGVersion, "version", s.Version)
	}
	if s.BaseProfile != "tiny-ps" {
		l.note(SVGBaseProfile, "baseProfile", s.BaseProfile)
	}
	line, _ := l.dec.InputPos()
	s.checkSize(line)
}

// inert are the attributes that do nothing, and the only values they may have
// (SVG Tiny PS draft §2.3).
func inert(name string) (value string, ok bool) {
	switch name {
	case "zoomAndPan":
		return "disable", true
	case "externalResourcesRequired", "focusable":
		return "false", true
	case "snapshotTime":
		return "none", true
	case "playbackOrder":
		return "all", true
	case "timelineBegin":
		return "onLoad", true
	default:
		return "", false
	}
}

// attribute judges one attribute of any element.
func (l *linter) attribute(a xml.Attr) {
	name := a.Name.Local
	if value, ok := inert(name); ok && a.Value != value {
		l.note(SVGAttribute, name, a.Value)
	}
	switch {
	case a.Name.Space == "xmlns" || a.Name.Space == "" && name == "xmlns":
		return
	case a.Name.Space == xmlSpace:
		if name == "base" {
			l.note(SVGExternal, "xml:base", a.Value)
		}
		return
	case a.Name.Space != "" && a.Name.Space != xlinkSpace:
		l.note(SVGNamespace, name, a.Name.Space)
		return
	case strings.HasPrefix(name, "on"):
		l.note(SVGScript, name, a.Value)
	case name == "style":
		l.note(SVGStyle, name, a.Value)
	case name == "href" && !strings.HasPrefix(strings.TrimSpace(a.Value), "#"):
		l.note(SVGExternal, name, a.Value)
	}
	if hasExternalURL(a.Value) {
		l.note(SVGExternal, name, a.Value)
	}
}

// hasExternalURL looks for a "url(…)" that does not lead to a part of the document.
func hasExternalURL(value string) bool {
	rest := strings.ToLower(value)
	for {
		_, after, ok := strings.Cut(rest, "url(")
		if !ok {
			return false
		}
		if !strings.HasPrefix(strings.TrimLeft(after, " \t\r\n'\""), "#") {
			return true
		}
		rest = after
	}
}

func (l *linter) note(kind SVGProblemKind, attribute, value string) {
	line, _ := l.dec.InputPos()
	element := ""
	if n := len(l.path); n > 0 {
		element = l.path[n-1]
	}
	l.svg.note(SVGProblem{Kind: kind, Element: element, Attribute: attribute, Value: value, Line: line})
}
