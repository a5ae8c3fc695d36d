package bimi

import (
	"context"
	"net/http"

	"github.com/mailctl/mailctl/pkg/delivery/https"
)

// Bounds of what a record points to.
const (
	maxEvidence  = 1 << 20
	maxRedirects = 5
)

// A FetchedSVG is the indicator that a record points to.
type FetchedSVG struct {
	https.Document
	SVG    *SVG  // nil when no document came
	SVGErr error // ErrNotSVG, or nil
}

// FetchSVG gets the indicator of a record. See [https.Get] for what the client
// should be like.
func FetchSVG(ctx context.Context, client *http.Client, location string) *FetchedSVG {
	f := &FetchedSVG{Document: get(ctx, client, location, maxSVG)}
	if f.Status == https.Fetched {
		f.SVG, f.SVGErr = ParseSVG(f.Body)
	}
	return f
}

// A FetchedMark is the mark certificate that a record points to.
type FetchedMark struct {
	https.Document
	Mark    *Mark // nil when no document came
	MarkErr error // ErrNotMark, or nil
}

// FetchMark gets the mark certificate of a record. See [https.Get] for what the
// client should be like.
func FetchMark(ctx context.Context, client *http.Client, authority string, opt MarkOptions) *FetchedMark {
	f := &FetchedMark{Document: get(ctx, client, authority, maxEvidence)}
	if f.Status == https.Fetched {
		f.Mark, f.MarkErr = ParseMark(f.Body, opt)
	}
	return f
}

func get(ctx context.Context, client *http.Client, uri string, most int) https.Document {
	return *https.Get(ctx, client, uri, https.Options{MaxOctets: most, MaxRedirects: maxRedirects})
}
