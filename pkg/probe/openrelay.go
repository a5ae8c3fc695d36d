package probe

import (
	"context"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A relayAnswer is what a server said when it was asked to relay; the zero one
// means that it was not asked.
type relayAnswer struct {
	asked bool
	stage delivery.Stage
	reply delivery.Reply
	err   error
}

// askRelay asks whether the server would take mail from a domain that is not its
// own for another such. Nothing is sent: the question is taken back.
func askRelay(ctx context.Context, session *delivery.Session, localName string) relayAnswer {
	from := delivery.Address{Local: "relay-test", Domain: "example.org"}
	if strings.Contains(localName, ".") && !strings.HasPrefix(localName, "[") {
		from.Domain = localName
	}
	to := delivery.Address{Local: "relay-test", Domain: "example.net"} // reserved, RFC 2606 §3
	a := relayAnswer{asked: true}
	a.stage, a.reply, a.err = session.Ask(ctx, from, to)
	return a
}

// judgeRelay judges the answer. One that accepts proves nothing: servers may
// refuse the message itself, or keep it.
func (r *Result) judgeRelay(v *visit) {
	a, e := v.relay, v.endpoint
	if !a.asked {
		return
	}
	n := note{id: "smtp-open-relay-unknown", record: a.reply.String()}
	switch {
	case a.err == nil && a.stage == delivery.StageRcpt && a.reply.Code/100 == 2:
		n.id = "smtp-open-relay"
	case a.reply.Code/100 == 5 && a.stage == delivery.StageRcpt, a.reply.Code == 530: // RFC 4954 §6: log in first
		n.id = "smtp-open-relay-none"
	case a.reply.Code/100 == 5:
		n.what = "whether the server relays could not be asked: it refuses the sender"
	}
	r.add(e, n)
}
