package check

import (
	"crypto/x509"
	"encoding/base64"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery/taglist"
	"github.com/mailctl/mailctl/pkg/dkim"
)

// keyFix is the record without a problem, where that can be told from the record
// itself, and otherwise what to do.
func keyFix(kind dkim.KeyProblemKind, l *dkim.KeyLookup) string {
	tags := l.Record.Tags
	var fixed taglist.List
	switch kind {
	case dkim.KeyVersion:
		fixed = append(taglist.List{{Name: "v", Value: "DKIM1", Assigned: true}}, tags.Without("v")...)
	case dkim.KeyRepeatedTag, dkim.KeyHistoricTag, dkim.KeyUnknownTag, dkim.KeyTagCase, dkim.KeyUnknownFlag, dkim.KeyNoValue:
		fixed = knownKeyTags(tags)
	case dkim.KeyHash, dkim.KeyOldHash:
		fixed = tags.Without("h")
	case dkim.KeyService:
		fixed = tags.Without("s")
	case dkim.KeyQuotes:
		fixed = taglist.Parse(strings.NewReplacer(`"`, "", `\`, "").Replace(l.Record.Raw))
	default:
		return keyDataFix(kind, l)
	}
	return keyLine(l, fixed)
}

// keyDataFix mends the key itself.
func keyDataFix(kind dkim.KeyProblemKind, l *dkim.KeyLookup) string {
	tags := l.Record.Tags
	p, _ := tags.Get("p")
	data := strings.Join(strings.Fields(p.Value), "")
	var fixed taglist.List
	switch kind {
	case dkim.KeyPEM:
		fixed = tags.With("p", withoutPEM(p.Value))
	case dkim.KeyPadding:
		data = strings.TrimRight(data, "=")
		fixed = tags.With("p", data+strings.Repeat("=", (4-len(data)%4)%4))
	case dkim.KeyEd25519ASN1:
		const raw = 32 // the last octets of the wrapping are the key (RFC 8410 §4)
		if der, err := base64.StdEncoding.DecodeString(data); err == nil && len(der) > raw {
			fixed = tags.With("p", base64.StdEncoding.EncodeToString(der[len(der)-raw:]))
		}
	case dkim.KeyTypeMismatch:
		other := dkim.AlgorithmEd25519
		if l.Record.Algorithm == dkim.AlgorithmEd25519 {
			other = dkim.AlgorithmRSA
		}
		fixed = tags.With("k", string(other))
	case dkim.KeyPKCS1:
		if der, err := x509.MarshalPKIXPublicKey(l.Record.Public); err == nil {
			fixed = tags.With("p", base64.StdEncoding.EncodeToString(der))
		}
	case dkim.KeyTooShort, dkim.KeyShort, dkim.KeyLarge:
		return newKeyAdvice(l)
	default:
	}
	if record, err := dkim.ParseKeyRecord(fixed.String()); err == nil && record.Usable() {
		return keyLine(l, fixed)
	}
	return "publish the record again, as your mail server prints it; or " + newKeyAdvice(l)
}

// withoutPEM is what stands between the BEGIN and END lines.
func withoutPEM(value string) string {
	const dashes = "-----"
	parts := strings.Split(value, dashes)
	for i, part := range parts {
		if strings.Contains(part, "BEGIN") && i+1 < len(parts) {
			return strings.Join(strings.Fields(parts[i+1]), "")
		}
	}
	return value
}

// knownKeyTags are the tags that verifiers know, each once.
func knownKeyTags(tags taglist.List) taglist.List {
	var known taglist.List
	for _, name := range []string{"v", "k", "h", "s", "t", "n", "p"} {
		tag, ok := tags.Get(name)
		if !ok || !tag.Assigned {
			continue
		}
		tag.Name = name
		if name == "t" {
			tag.Value = knownFlags(tag.Value)
		}
		if name != "t" || tag.Value != "" {
			known = append(known, tag)
		}
	}
	return known
}

func knownFlags(value string) string {
	var known []string
	for flag := range strings.SplitSeq(value, ":") {
		if flag = strings.TrimSpace(flag); flag == "y" || flag == "s" {
			known = append(known, flag)
		}
	}
	return strings.Join(known, ":")
}

// withoutFlag takes a flag out of the t tag.
func withoutFlag(tags taglist.List, flag string) taglist.List {
	t, _ := tags.Get("t")
	var kept []string
	for f := range strings.SplitSeq(t.Value, ":") {
		if f = strings.TrimSpace(f); f != flag {
			kept = append(kept, f)
		}
	}
	if len(kept) == 0 {
		return tags.Without("t")
	}
	return tags.With("t", strings.Join(kept, ":"))
}
