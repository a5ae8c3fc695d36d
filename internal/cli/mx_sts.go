package cli

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/mtasts"
)

// A stsCache knows the MTA-STS policies of domains, and keeps them in a folder
// for as long as they say (RFC 8461 §5.1): a policy that was seen once cannot be
// made to go away by blocking a look-up.
type stsCache struct {
	resolver delivery.Resolver
	client   *http.Client
	folder   string
	now      func() time.Time

	mu      sync.Mutex
	entries map[string]*stsEntry
}

// An stsEntry is what is known about one domain. It is written to a file but for
// the lower-case fields.
type stsEntry struct {
	ID      string    `json:"id"`
	Expires time.Time `json:"expires"`
	Text    string    `json:"policy"`

	mu     sync.Mutex
	policy *mtasts.Policy
	asked  time.Time // when the record was last looked up
}

const (
	maxSTSEntries = 10_000
	// stsAgain is after what time a domain's record is looked up again.
	stsAgain = 5 * time.Minute
	// stsTimeout bounds fetching one policy (RFC 8461 §3.3 suggests a minute).
	stsTimeout = 30 * time.Second
)

// policy returns the policy that applies to a domain now; nil for none.
func (c *stsCache) policy(ctx context.Context, domain string) *mtasts.Policy {
	if strings.HasPrefix(domain, "[") {
		return nil // an address has no policy
	}
	e := c.entry(domain)
	e.mu.Lock()
	defer e.mu.Unlock()
	now := c.now()
	if e.asked.IsZero() || now.Sub(e.asked) >= stsAgain {
		c.refresh(ctx, domain, e)
		e.asked = now
	}
	if e.policy == nil || now.After(e.Expires) {
		return nil
	}
	return e.policy
}

// entry returns what is known about a domain, from the folder at first.
func (c *stsCache) entry(domain string) *stsEntry {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.entries[domain]; ok {
		return e
	}
	if len(c.entries) >= maxSTSEntries {
		clear(c.entries)
	}
	e := &stsEntry{}
	if content, err := os.ReadFile(c.file(domain)); err == nil && json.Unmarshal(content, e) == nil {
		if policy, err := mtasts.ParsePolicy(e.Text); err == nil {
			e.policy = policy
		}
	}
	c.entries[domain] = e
	return e
}

func (c *stsCache) file(domain string) string {
	return filepath.Join(c.folder, filepath.Base(domain)+".json")
}

// refresh asks whether there is a new policy, and fetches it. Whatever fails
// leaves the one that is known.
func (c *stsCache) refresh(ctx context.Context, domain string, e *stsEntry) {
	record := mtasts.Lookup(ctx, c.resolver, domain)
	if record.Status != mtasts.RecordFound || c.client == nil {
		return
	}
	if e.policy != nil && record.Record.ID == e.ID && c.now().Before(e.Expires) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, stsTimeout)
	defer cancel()
	fetched := mtasts.FetchPolicy(ctx, c.client, domain)
	if fetched.Policy == nil || fetched.Err != nil {
		return
	}
	e.policy, e.ID, e.Text = fetched.Policy, record.Record.ID, fetched.Policy.Raw
	e.Expires = c.now().Add(min(fetched.Policy.MaxAge, mtasts.MaxAge))
	c.keep(domain, e)
}

// keep writes an entry to its file. One that cannot be written is fetched again.
func (c *stsCache) keep(domain string, e *stsEntry) {
	content, err := json.Marshal(e)
	if err != nil || os.MkdirAll(c.folder, 0o700) != nil {
		return
	}
	temporary := c.file(domain) + ".new"
	if os.WriteFile(temporary, content, 0o600) == nil {
		_ = os.Rename(temporary, c.file(domain))
	}
}
