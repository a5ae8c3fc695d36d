package send

import (
	"context"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Router finds the way for each destination of the [Store] when its turn
// comes. With one, destinations are different receivers: what one of them says
// or fails to do holds up nobody else and does not pause the campaign.
type Router interface {
	// Route returns the way to a destination. It is asked again after every rest.
	// An error with a method Verdict() delivery.Verdict is what became of everyone
	// at that destination; any other is temporary.
	Route(ctx context.Context, destination string) (Route, error)
}

// A Route is the way to a destination.
type Route struct {
	Lanes []Lane // at least one
	// Pick returns the lane of a recipient, always the same one. It may be nil when
	// there is one lane.
	Pick func(Recipient) int
}

// A Lane is one of several ways to the same servers, such as from one of
// several addresses.
type Lane struct {
	// Queue names the servers and the way to them. Destinations whose lanes have the
	// same one share connections.
	Queue string
	// Group names the receiver: queues of one group share its pace.
	Group  string
	Shape  delivery.Shape // of the group
	Limits delivery.Limits
	Budget Budget // nil for none
	Open   func(ctx context.Context) (Conn, error)
}

// route returns the way to a destination.
func (r *run) route(ctx context.Context, destination string) (Route, error) {
	if r.opt.Router != nil {
		return r.opt.Router.Route(ctx, destination)
	}
	return Route{Lanes: []Lane{{
		Queue: destination, Group: destination, Limits: r.opt.Limits(destination), Budget: r.opt.Budget(destination), Shape: r.opt.Shape,
		Open: func(ctx context.Context) (Conn, error) { return r.opt.Transport.Open(ctx, destination) },
	}}}, nil
}

// apart reports whether destinations are different receivers.
func (r *run) apart() bool { return r.opt.Router != nil }
