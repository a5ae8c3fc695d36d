package dnsbl

import (
	"context"
	"net/netip"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Status is what a list says about a subject.
type Status string

// The statuses.
const (
	Listed    Status = "listed"
	NotListed Status = "not-listed"
	Refused   Status = "refused" // an error code or an impossible answer: it says nothing about the subject
	Unknown   Status = "unknown" // the look-up failed
)

// A Listing is the answer of a list about a subject.
type Listing struct {
	Subject Subject
	Name    string // what was asked for
	Status  Status
	Answer  delivery.Answer // the A records
	Codes   []Meaning       // what each of them means
	// Reasons are the TXT records, asked for only when it is listed (RFC 5782 §2.1).
	Reasons []string
}

// A Meaning is one answer explained.
type Meaning struct {
	Answer netip.Addr
	Text   string // empty when not documented
	Error  bool
}

// Look asks a list about a subject.
func Look(ctx context.Context, r delivery.Resolver, z Zone, s Subject) Listing {
	l := look(ctx, r, z, s)
	if l.Status == Listed {
		l.Reasons = r.Lookup(ctx, l.Name, delivery.TypeTXT).Texts()
	}
	return l
}

// look asks without the reasons.
func look(ctx context.Context, r delivery.Resolver, z Zone, s Subject) Listing {
	l := Listing{Subject: s, Name: z.QueryName(s)}
	l.Answer = r.Lookup(ctx, l.Name, delivery.TypeA)
	switch {
	case l.Answer.Cause == delivery.CauseInvalidName:
		l.Status = NotListed // a name that cannot be asked for cannot be on a list
	case l.Answer.Unknown():
		l.Status = Unknown
	case l.Answer.Absent():
		l.Status = NotListed
	default:
		l.judge(z)
	}
	return l
}

// judge tells a listing from an error. One answer that is no error is a listing.
func (l *Listing) judge(z Zone) {
	l.Status = Refused
	for _, addr := range l.Answer.Addrs() {
		text, isError := z.meaning(addr)
		l.Codes = append(l.Codes, Meaning{addr, text, isError})
		if !isError {
			l.Status = Listed
		}
	}
}

// A Health says whether a list can be believed.
type Health string

// The states of health (RFC 5782 §5).
const (
	Healthy         Health = "healthy"          // it lists its test entry and not the opposite
	ListsEverything Health = "lists-everything" // it lists what must never be listed: it is dead, or its name was taken over
	ListsNothing    Health = "lists-nothing"    // it does not list its test entry: it is empty, or not a list
	Refusing        Health = "refusing"         // it answers its test entry with an error code
	HealthUnknown   Health = "unknown"          // a look-up failed
)

// testEntries returns what a list must and must not have for subjects such as s.
func testEntries(s Subject) (listed, unlisted Subject) {
	switch {
	case !s.Addr.IsValid():
		return Subject{Domain: "test"}, Subject{Domain: "invalid"}
	case s.Addr.Unmap().Is4():
		return Subject{Addr: netip.AddrFrom4([4]byte{127, 0, 0, 2})}, Subject{Addr: netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	default:
		return Subject{Domain: mapped("2")}, Subject{Domain: mapped("1")}
	}
}

// mapped is the name of the test entry ::FFFF:7F00:2 or ::FFFF:7F00:1, which is
// asked for in the form of IPv6 though it is an IPv4 address.
func mapped(last string) string {
	return last + ".0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"
}

// judgeHealth puts the answers about the two test entries together.
func judgeHealth(listed, unlisted Listing) Health {
	switch {
	case unlisted.Status == Listed:
		return ListsEverything
	case listed.Status == Unknown, unlisted.Status == Unknown:
		return HealthUnknown
	case listed.Status == Refused, unlisted.Status == Refused:
		return Refusing
	case listed.Status == NotListed:
		return ListsNothing
	default:
		return Healthy
	}
}

// A Report is what a list says about a subject, and whether it can be believed.
type Report struct {
	Zone   Zone
	Health Health
	Listing
}

// Verdict is the status of the listing when the list can be believed, and
// otherwise Refused or Unknown.
func (r Report) Verdict() Status {
	switch r.Health {
	case Healthy:
		return r.Status
	case HealthUnknown:
		return Unknown
	default:
		return Refused
	}
}

// A family is a kind of subject, which has test entries of its own.
type family struct {
	zone int
	kind string
}

func familyOf(zone int, s Subject) family {
	switch {
	case !s.Addr.IsValid():
		return family{zone, "domain"}
	case s.Addr.Unmap().Is4():
		return family{zone, "ipv4"}
	default:
		return family{zone, "ipv6"}
	}
}

// Check asks all lists about all subjects they are for, all at once, in the order
// of the zones and then of the subjects.
func Check(ctx context.Context, r delivery.Resolver, zones []Zone, subjects []Subject) []Report {
	var reports []Report
	var owners []family
	tests := map[family]*[2]Listing{}
	var tasks []func(context.Context)
	add := func(how func(context.Context, delivery.Resolver, Zone, Subject) Listing, z Zone, s Subject, to *Listing) {
		tasks = append(tasks, func(ctx context.Context) { *to = how(ctx, r, z, s) })
	}
	for i, z := range zones {
		for _, s := range subjects {
			if !z.Lists(s) {
				continue
			}
			reports = append(reports, Report{Zone: z, Listing: Listing{Subject: s}})
			owner := familyOf(i, s)
			owners = append(owners, owner)
			if tests[owner] == nil {
				listed, unlisted := testEntries(s)
				tests[owner] = &[2]Listing{}
				add(look, z, listed, &tests[owner][0])
				add(look, z, unlisted, &tests[owner][1])
			}
		}
	}
	for i := range reports {
		add(Look, reports[i].Zone, reports[i].Subject, &reports[i].Listing)
	}
	delivery.Concurrently(ctx, tasks...)
	for i, owner := range owners {
		reports[i].Health = judgeHealth(tests[owner][0], tests[owner][1])
	}
	return reports
}
