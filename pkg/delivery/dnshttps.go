package delivery

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/miekg/dns"
)

// overHTTPS asks by POST (RFC 8484 §4.1).
func (up *upstream) overHTTPS(ctx context.Context, packed []byte) ([]byte, error) {
	const mediaType = "application/dns-message"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, up.server.URL, bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", mediaType)
	request.Header.Set("Accept", mediaType)
	response, err := up.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: status %s", errMalformed, response.Status)
	}
	if kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type")); err != nil || kind != mediaType {
		return nil, fmt.Errorf("%w: media type %q", errMalformed, response.Header.Get("Content-Type"))
	}
	reply, err := io.ReadAll(io.LimitReader(response.Body, dns.MaxMsgSize+1))
	if err == nil && len(reply) > dns.MaxMsgSize {
		err = fmt.Errorf("%w: more than %d octets", errMalformed, dns.MaxMsgSize)
	}
	return reply, err
}
