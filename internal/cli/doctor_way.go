package cli

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dkim"
)

// sender checks what the sender's domain publishes.
func (d *doctor) sender(ctx context.Context) {
	if d.s.Send.From == "" {
		d.say("sender", ui.DiagnosisSkipped, "nobody says who mail is from", "set send.from in mailctl.yaml, or give --from")
		return
	}
	from, err := delivery.ParseMailbox(d.s.Send.From)
	if err == nil {
		err = checkSenderDomain(from)
	}
	if err != nil {
		d.sayError("sender", ui.DiagnosisError, err)
		return
	}
	domain := from.Address.Domain
	checked := check.Check(ctx, domain, check.Options{
		Resolver: d.names, HTTP: d.names.HTTP, Now: d.env.Now, Selectors: d.s.Send.DKIMSelector,
	})
	fix := "mailctl check " + domain
	var ids []string
	for _, f := range checked.Findings {
		if f.Severity == check.SeverityError || f.Severity == check.SeverityWarning {
			ids = append(ids, f.ID)
		}
	}
	switch checked.Verdict {
	case check.VerdictPass:
		d.say("sender", ui.DiagnosisOK, "the DNS of "+domain+" is right", "")
	case check.VerdictWarn:
		d.say("sender", ui.DiagnosisWarning, fmt.Sprintf("the DNS of %s could be better: %s", domain, strings.Join(ids, ", ")), fix)
	case check.VerdictFail:
		d.say("sender", ui.DiagnosisError, fmt.Sprintf("the DNS of %s is wrong: %s", domain, strings.Join(ids, ", ")), fix)
	case check.VerdictUnknown:
		d.say("sender", ui.DiagnosisUnknown, fmt.Sprintf("what %s publishes could not be looked up", domain), "check the name servers, or name another with --resolver; then "+fix)
	}
}

// keys holds the DKIM keys against what is published.
func (d *doctor) keys(ctx context.Context) {
	if len(d.s.Send.DKIMKey) == 0 {
		d.say("dkim", ui.DiagnosisSkipped, "mailctl signs nothing itself; that is right when the relay does", "else mailctl init makes a key")
		return
	}
	from, err := delivery.ParseMailbox(d.s.Send.From)
	if err != nil {
		return // the sender's line says so
	}
	if _, _, err := signers(d.s.Send.signSettings, from.Address.Domain); err != nil {
		d.sayError("dkim", ui.DiagnosisError, err)
		return
	}
	for i, path := range d.s.Send.DKIMKey {
		domain := from.Address.Domain
		if n := len(d.s.Send.DKIMDomain); n > 0 {
			domain = d.s.Send.DKIMDomain[min(i, n-1)]
		}
		d.key(ctx, path, domain, d.s.Send.DKIMSelector[i])
		d.secrecy(path)
	}
}

// key holds one key against what is published.
func (d *doctor) key(ctx context.Context, path, domain, selector string) {
	key, err := readKey("dkim-key", path)
	if err != nil {
		d.sayError("dkim", ui.DiagnosisError, err)
		return
	}
	published := dkim.LookupKey(ctx, d.names, domain, selector)
	where := published.Name
	switch {
	case published.Status == dkim.KeyUnknown:
		d.say("dkim", ui.DiagnosisUnknown, where+" could not be looked up", "check the name servers, or name another with --resolver")
	case published.Record == nil || published.Status != dkim.KeyFound:
		d.say("dkim", ui.DiagnosisError, fmt.Sprintf("%s publishes no key that %s signs for", where, path),
			d.publish(path, domain, selector))
	case !sameKey(key, published.Record):
		d.say("dkim", ui.DiagnosisError, fmt.Sprintf("%s publishes another key than %s", where, path),
			d.publish(path, domain, selector)+"; or sign with the key that is published")
	default:
		d.say("dkim", ui.DiagnosisOK, fmt.Sprintf("%s publishes the key of %s", where, path), "")
	}
}

// publish says where the record of a key is to be found.
func (d *doctor) publish(path, domain, selector string) string {
	zone := filepath.Join(filepath.Dir(path), zoneFile)
	if _, err := os.Stat(zone); err == nil {
		return "publish the record of this key, which is in " + zone
	}
	return fmt.Sprintf("publish the record of this key: mailctl init --from news@%s --selector %s writes it to %s and keeps all files that are there", domain, selector, zoneFile)
}

// sameKey reports whether a record publishes a private key's public half.
func sameKey(key *dkim.Key, published *dkim.KeyRecord) bool {
	text, err := key.Record()
	if err != nil {
		return false
	}
	own, err := dkim.ParseKeyRecord(text)
	if err != nil {
		return false
	}
	public, ok := own.Public.(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(published.Public)
}

// relay connects to the relay and logs in.
func (d *doctor) relay(ctx context.Context) {
	if d.s.Send.Via == "" {
		d.say("way out", ui.DiagnosisSkipped, "nobody says how mail leaves", "set send.via in mailctl.yaml, or give --via")
		return
	}
	m := &mailing{env: d.env, s: d.s}
	err := m.prepareWay()
	if err != nil {
		d.sayError("way out", ui.DiagnosisError, err)
		return
	}
	if m.via.trial() {
		d.say("way out", ui.DiagnosisOK, fmt.Sprintf("%s: nothing leaves this machine", m.via), "name a relay with send.via when you are ready")
		return
	}
	transport, end, err := m.transport(ctx, newConsole(d.env, d.s))
	if x, ok := transport.(*mxRouter); ok && err == nil {
		d.direct(ctx, x)
		if err := end(); err != nil {
			d.sayError("way out", ui.DiagnosisUnknown, err)
		}
		return
	}
	if err == nil {
		err = errors.Join(m.tryRelay(ctx, transport), end())
	}
	switch {
	case err == nil && m.via.relay.User != "":
		d.say("way out", ui.DiagnosisOK, fmt.Sprintf("%s answers, and takes the login", m.via), "")
	case err == nil:
		d.say("way out", ui.DiagnosisOK, fmt.Sprintf("%s answers", m.via), "")
	case delivery.ClassifyError(err).Class == delivery.ClassPermanent:
		d.sayError("way out", ui.DiagnosisError, err)
	default:
		d.sayError("way out", ui.DiagnosisUnknown, err)
	}
}
