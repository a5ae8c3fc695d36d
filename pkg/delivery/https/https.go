// Package https gets small documents over HTTPS, as MTA-STS and BIMI ask for:
// bounded, with a verified certificate, and with every way to fail told apart.
package https

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// timeout is how long one document may take (RFC 8461 §3.3 suggests a minute).
const timeout = time.Minute

// A Status is how a fetch ended.
type Status string

// The statuses. After those of the last group nothing is known: it may be
// otherwise the next time, or from another place.
const (
	Fetched           Status = "fetched"
	NoSuchHost        Status = "no-such-host"          // it is proven that the host has no address
	CertificateName   Status = "certificate-name"      // the certificate is for other names
	CertificateTime   Status = "certificate-time"      // the certificate has expired, or is not valid yet
	CertificateIssuer Status = "certificate-untrusted" // nobody who is trusted vouches for the certificate
	TLSFailed         Status = "tls"                   // the handshake failed otherwise, or it is not TLS
	Redirected        Status = "redirect"              // a redirect that is not followed
	HTTPStatus        Status = "http-status"           // any other status than 200
	TooLarge          Status = "too-large"             // more than the caller takes

	HostUnknown Status = "dns-unknown"     // the look-up of the host failed
	Unreachable Status = "unreachable"     // no connection
	TimedOut    Status = "timeout"         // it took too long
	Broken      Status = "broken-transfer" // the connection ended too early, or it is not HTTP
)

// Unknown reports whether the status says nothing about the document.
func (s Status) Unknown() bool {
	switch s {
	case HostUnknown, Unreachable, TimedOut, Broken:
		return true
	default:
		return false
	}
}

// A Document is what a fetch brought, or why it brought nothing.
type Document struct {
	URL    string // what was asked for
	Status Status
	Err    error  // what went wrong; nil under Fetched
	Body   []byte // nil unless the status is Fetched

	HTTPStatus  int    // zero when there was no answer
	Location    string // where a redirect that is not followed leads
	ContentType string // as sent
}

// Options bound a fetch.
type Options struct {
	MaxOctets    int // of the document; 0 takes none
	MaxRedirects int // each of which must lead to HTTPS; 0 follows none
}

// Get fetches a document. The client's transport says how to connect and whom to
// trust; its dialer should report a name without addresses as a [net.DNSError]
// that is not found, and one it could not look up as one that is temporary.
// Nothing else of the client but its Timeout is used: cookies are not kept, and
// the certificate must have been verified, whatever the transport says.
func Get(ctx context.Context, client *http.Client, url string, opt Options) *Document {
	d := &Document{URL: url}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var reached atomic.Int32
	d.get(trace(ctx, &reached), client, opt)
	if d.Err != nil && d.Status == "" {
		d.Status = failure(d.Err, stage(reached.Load()))
	}
	return d
}

func (d *Document) get(ctx context.Context, client *http.Client, opt Options) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.URL, http.NoBody)
	if err != nil || request.URL.Scheme != "https" || request.URL.Host == "" {
		d.Status, d.Err = NoSuchHost, fmt.Errorf("%q names no HTTPS host", d.URL)
		return
	}
	strict := &http.Client{
		Transport: client.Transport,
		Timeout:   client.Timeout,
		CheckRedirect: func(next *http.Request, via []*http.Request) error {
			if len(via) > opt.MaxRedirects || next.URL.Scheme != "https" {
				return http.ErrUseLastResponse
			}
			return nil
		},
	}
	response, err := strict.Do(request)
	if err != nil {
		d.Err = err
		return
	}
	defer response.Body.Close() //nolint:errcheck // only read from
	d.read(response, opt)
}

// read judges the answer.
func (d *Document) read(response *http.Response, opt Options) {
	d.HTTPStatus = response.StatusCode
	d.Location = response.Header.Get("Location")
	d.ContentType = response.Header.Get("Content-Type")
	switch {
	case response.TLS == nil || len(response.TLS.VerifiedChains) == 0:
		d.Status, d.Err = CertificateIssuer, errors.New("the certificate was not verified")
		return
	case response.StatusCode/100 == 3:
		d.Status, d.Err = Redirected, fmt.Errorf("redirected to %q", d.Location)
		return
	case response.StatusCode != http.StatusOK:
		d.Status, d.Err = HTTPStatus, fmt.Errorf("the server answers %q", response.Status)
		return
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, int64(opt.MaxOctets)+1))
	switch {
	case err != nil:
		d.Err = err
	case len(body) > opt.MaxOctets:
		d.Status, d.Err = TooLarge, fmt.Errorf("more than %d octets", opt.MaxOctets)
	default:
		d.Status, d.Body = Fetched, body
	}
}

// A stage is how far a connection came.
type stage int32

const (
	stageConnect stage = iota
	stageTLS
	stageHTTP
)

// trace notes the stage in reached, which is written from another goroutine.
func trace(ctx context.Context, reached *atomic.Int32) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:           func(string) { reached.Store(int32(stageConnect)) },
		TLSHandshakeStart: func() { reached.Store(int32(stageTLS)) },
		GotConn:           func(httptrace.GotConnInfo) { reached.Store(int32(stageHTTP)) },
	})
}

// failure is the status that an error of the client stands for.
func failure(err error, at stage) Status {
	var (
		lookup  *net.DNSError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		verify  *tls.CertificateVerificationError
		late    net.Error
	)
	switch {
	case errors.As(err, &lookup) && lookup.IsNotFound && !lookup.IsTemporary && !lookup.IsTimeout:
		return NoSuchHost
	case errors.As(err, &lookup):
		return HostUnknown
	case errors.As(err, &late) && late.Timeout(), errors.Is(err, context.Canceled):
		return TimedOut
	case errors.As(err, &name):
		return CertificateName
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return CertificateTime
	case errors.As(err, &verify):
		return CertificateIssuer
	case at == stageConnect:
		return Unreachable
	case at == stageTLS:
		return TLSFailed
	default:
		return Broken
	}
}
