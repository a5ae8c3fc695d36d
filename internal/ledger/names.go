package ledger

import (
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// maxNames bounds what is remembered of kinds and of peers; beyond it they are
// looked up again.
const maxNames = 1024

// names remembers the numbers of what is stored once and pointed to.
type names struct {
	kinds map[kind]int64
	peers map[peer]int64
}

func newNames() *names {
	return &names{kinds: map[kind]int64{}, peers: map[peer]int64{}}
}

// A kind is how an attempt ended.
type kind struct {
	outcome delivery.Outcome
	stage   delivery.Stage
	code    int
	status  delivery.EnhancedCode
	verdict delivery.Verdict
}

// A peer is whom an attempt was made to.
type peer struct{ host, ip, tls string }

const (
	putKind = `INSERT INTO kinds (outcome, stage, code, enhanced, class, reason, bounce, scope, action, provider, ref, confidence)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET code = excluded.code RETURNING id`
	putPeer = `INSERT INTO peers (host, ip, tls) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET host = excluded.host RETURNING id`
)

// kind returns the number of a kind of end.
func (t tx) kind(k kind) (int64, error) {
	known := t.w.names.kinds
	if id, ok := known[k]; ok {
		return id, nil
	}
	var id int64
	v := k.verdict
	_, err := t.one([]any{&id}, putKind, string(k.outcome), string(k.stage), k.code, packEnhanced(k.status),
		string(v.Class), string(v.Reason), string(v.Bounce), string(v.Scope), string(v.Action),
		v.Provider, v.Ref, v.Confidence)
	if err != nil {
		return 0, err
	}
	if len(known) >= maxNames {
		clear(known)
	}
	known[k] = id
	return id, nil
}

// peer returns the number of a peer.
func (t tx) peer(p peer) (int64, error) {
	known := t.w.names.peers
	if id, ok := known[p]; ok {
		return id, nil
	}
	var id int64
	if _, err := t.one([]any{&id}, putPeer, p.host, p.ip, p.tls); err != nil {
		return 0, err
	}
	if len(known) >= maxNames {
		clear(known)
	}
	known[p] = id
	return id, nil
}

// packEnhanced writes 5.1.1 as 5001001, and no code as 0.
func packEnhanced(c delivery.EnhancedCode) int64 {
	return int64(c.Class)*1_000_000 + int64(c.Subject)*1_000 + int64(c.Detail)
}

func unpackEnhanced(n int64) delivery.EnhancedCode {
	return delivery.EnhancedCode{Class: int(n / 1_000_000), Subject: int(n / 1_000 % 1_000), Detail: int(n % 1_000)}
}

// packLines joins the lines of a reply, which hold no line ends; nil is none.
func packLines(lines []string) any {
	if len(lines) == 0 {
		return nil
	}
	return strings.Join(lines, "\n")
}
