package verify

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dmarc"
	"github.com/mailctl/mailctl/pkg/spf"
)

// A Query is a message and what its receiver knows of how it came.
type Query struct {
	Message  []byte     // with CRLF line ends
	IP       netip.Addr // of the client; SPF is not judged without it
	MailFrom string     // the reverse-path, with or without angle brackets; empty for the null one
	Helo     string
	Receiver string    // who judges, for the Authentication-Results field; empty means "localhost"
	Time     time.Time // of the judgement
}

// A Report is what a receiver would decide about a message.
type Report struct {
	SPF  *spf.Result  // nil without a client
	DKIM []*Signature // in the order of the message, MaxSignatures at most

	// Author is the domain of From, and AuthorErr why there is none: [ErrNoAuthor] or
	// [ErrSeveralAuthors]. DMARC is nil then.
	Author    string
	AuthorErr error
	DMARC     *dmarc.Evaluation

	// AuthenticationResults is a header field that tells all this to others (RFC
	// 8601), folded with CRLF and without a line end behind it.
	AuthenticationResults string
	Findings              []Finding // grave ones first

	mailFrom, helo string
}

// DMARCResult is the result of DMARC, permerror when the author is not one domain.
func (r *Report) DMARCResult() dmarc.Result {
	if r.DMARC == nil {
		return dmarc.ResultPermError
	}
	return r.DMARC.Result
}

// Verdict is what the findings come to.
func (r *Report) Verdict() Verdict { return verdictOf(r.Findings) }

// Verify judges a message. Whatever is wrong with the message or could not be
// looked up is in the report; the errors are [ErrTooLarge] and
// [ErrHeaderTooLarge].
func Verify(ctx context.Context, r delivery.Resolver, q Query) (*Report, error) {
	m, err := parseMessage(q.Message)
	if err != nil {
		return nil, err
	}
	report := &Report{mailFrom: strings.TrimSuffix(strings.TrimPrefix(q.MailFrom, "<"), ">"), helo: q.Helo}
	var wait sync.WaitGroup
	if q.IP.IsValid() {
		wait.Go(func() {
			result := spf.Check(ctx, r, spf.Query{IP: q.IP, MailFrom: q.MailFrom, Helo: q.Helo, Receiver: q.Receiver, Time: q.Time})
			report.SPF = &result
		})
	}
	signatures := 0
	wait.Go(func() { report.DKIM, signatures = verifySignatures(ctx, r, m, q.Time) })
	wait.Wait()

	report.Author, report.AuthorErr = m.author()
	if report.AuthorErr == nil {
		report.DMARC, report.AuthorErr = dmarc.Evaluate(ctx, r, report.identifiers())
	}
	report.Findings = append(report.authFindings(signatures), formFindings(m)...)
	report.Findings = append(report.Findings, unsubscribeFindings(m, report.DKIM)...)
	sortFindings(report.Findings)
	receiver := q.Receiver
	if receiver == "" {
		receiver = "localhost"
	}
	report.AuthenticationResults = report.authenticationResults(receiver)
	return report, nil
}

// identifiers are what DMARC goes by.
func (r *Report) identifiers() dmarc.Input {
	in := dmarc.Input{Author: r.Author}
	if r.SPF != nil {
		in.SPF = dmarc.Identifier{Domain: r.SPF.Domain, Result: string(r.SPF.Status)}
	}
	for _, s := range r.DKIM {
		in.DKIM = append(in.DKIM, dmarc.Identifier{Domain: s.Domain, Result: string(s.Result)})
	}
	return in
}
