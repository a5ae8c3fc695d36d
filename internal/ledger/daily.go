package ledger

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// DayCounts are what came of the recipients who were tried on one day, each
// counted once with what they ended the day with.
type DayCounts struct {
	Tried     int64 // the sum of the next five
	Delivered int64
	Deferred  int64 // waiting when the day ended
	Dead      int64 // bounced, and the address is to blame
	Refused   int64 // bounced, and the address is not
	Unknown   int64
	// HandedOver counts messages rather than recipients: all whose final dot left.
	HandedOver int64
}

// A DailyQuery says what [Ledger.Daily] counts.
type DailyQuery struct {
	// Since is where the first day begins, in the time zone whose midnights divide
	// the days.
	Since time.Time
	// Campaigns are the only ones that count; none stands for all but rehearsals.
	Campaigns []string
	// Rehearsal is the name of one that counts beside all the others, for itself.
	Rehearsal string
	// Label says under which name a recipient is counted: of a domain, tried at a
	// host, which is empty when none was reached. As for [Ledger.ByDomain] the names
	// are bounded, and what comes up last is counted as [OtherDomains].
	Label func(domain, host string) string
}

// Daily counts what was tried, by day ("2026-12-01") and by label. The error is
// [ErrNotFound] when one of the campaigns does not exist.
func (l *Ledger) Daily(ctx context.Context, q DailyQuery) (map[string]map[string]DayCounts, error) {
	d := &daily{DailyQuery: q, days: map[string]map[string]DayCounts{}, labels: map[string]bool{}}
	for _, name := range q.Campaigns {
		id, err := l.need(ctx, name)
		if err != nil {
			return nil, err
		}
		d.only = append(d.only, id)
	}
	for before := int64(1)<<62 - 1; before > 0 && !d.done; {
		n := 0
		err := l.r.each(ctx, func(rows *sql.Rows) error {
			n++
			return d.scan(rows, &before)
		}, selectDaily, q.Rehearsal, before, dailyPage)
		if err != nil {
			return nil, l.explain(err)
		}
		if n < dailyPage {
			break
		}
	}
	return d.days, nil
}

const (
	dailyPage    = 5000
	maxDailyDays = 4000

	// selectDaily reads attempts, newest first. Of one that did not settle its
	// recipient it also tells when the next one was, and of each whether it was in a
	// rehearsal other than the one that counts.
	selectDaily = `SELECT a.id, a.recipient, a.time, k.outcome, k.bounce, k.stage, r.address, p.host,
			CASE WHEN k.outcome IN ('deferred', 'unknown') THEN (
				WITH RECURSIVE chain(id) AS (
					SELECT s.last FROM states s WHERE s.id = a.recipient
					UNION ALL
					SELECT t.previous FROM chain JOIN attempts t ON t.id = chain.id WHERE t.previous >= a.id)
				SELECT t.time FROM chain JOIN attempts t ON t.id = chain.id WHERE t.previous = a.id) END,
			` + isRehearsal + ` AND c.name <> ?
		FROM attempts a JOIN kinds k ON k.id = a.kind JOIN recipients r ON r.id = a.recipient JOIN peers p ON p.id = a.peer
		JOIN campaigns c ON c.id = a.recipient >> 32
		WHERE a.id < ? ORDER BY a.id DESC LIMIT ?`
)

// daily is one count.
type daily struct {
	DailyQuery
	only   []int64 // campaigns; nil is all
	days   map[string]map[string]DayCounts
	labels map[string]bool
	done   bool // all earlier attempts are too old
}

// scan counts one attempt.
func (d *daily) scan(rows *sql.Rows, id *int64) error {
	var recipient, ended int64
	var outcome, bounce, stage, address, host string
	var next sql.NullInt64
	var rehearsal bool
	if err := rows.Scan(id, &recipient, &ended, &outcome, &bounce, &stage, &address, &host, &next, &rehearsal); err != nil {
		return err
	}
	at := time.UnixMicro(ended).In(d.Since.Location())
	if at.Before(d.Since) {
		d.done = d.done || at.Before(d.Since.Add(-recentSlack))
		return nil
	}
	if d.only == nil && rehearsal || d.only != nil && !slices.Contains(d.only, recipient>>rowBits) {
		return nil
	}
	day := at.Format(time.DateOnly)
	again := next.Valid && timeOf(next).In(d.Since.Location()).Format(time.DateOnly) == day
	d.count(day, d.label(address, host), delivery.Outcome(outcome), delivery.Bounce(bounce), delivery.Stage(stage), again)
	return nil
}

// label returns the name an address is counted under.
func (d *daily) label(address, host string) string {
	// A local part may hold an @, a domain cannot.
	label := d.Label(address[strings.LastIndexByte(address, '@')+1:], host)
	if !d.labels[label] && len(d.labels) >= maxByDestination {
		return OtherDomains
	}
	d.labels[label] = true
	return label
}

// count counts an attempt, and its recipient unless they were tried again on the
// same day.
func (d *daily) count(day, label string, o delivery.Outcome, b delivery.Bounce, stage delivery.Stage, again bool) {
	if d.days[day] == nil {
		if len(d.days) >= maxDailyDays {
			return
		}
		d.days[day] = map[string]DayCounts{}
	}
	c := d.days[day][label]
	if stage == delivery.StageMessage || (o == delivery.OutcomeDelivered || o == delivery.OutcomeUnknown) && stage != StageBounce {
		c.HandedOver++
	}
	if !again {
		c.Tried++
		switch {
		case o == delivery.OutcomeDelivered:
			c.Delivered++
		case o == delivery.OutcomeDeferred:
			c.Deferred++
		case o == delivery.OutcomeBounced && b == delivery.BounceHard:
			c.Dead++
		case o == delivery.OutcomeBounced:
			c.Refused++
		default:
			c.Unknown++
		}
	}
	d.days[day][label] = c
}

// Complaints counts those who were suppressed for a reason since a time, by day
// and label as [Ledger.Daily] does. Whole domains are left out.
func (s *Suppressions) Complaints(ctx context.Context, reason string, q DailyQuery) (map[string]map[string]int64, error) {
	counts := map[string]map[string]int64{}
	d := &daily{DailyQuery: q, labels: map[string]bool{}}
	err := s.Each(ctx, func(entry Suppression) error {
		if entry.Reason != reason || entry.Time.Before(q.Since) || strings.HasPrefix(entry.Address, "@") {
			return nil
		}
		day := entry.Time.In(q.Since.Location()).Format(time.DateOnly)
		if counts[day] == nil {
			if len(counts) >= maxDailyDays {
				return nil
			}
			counts[day] = map[string]int64{}
		}
		counts[day][d.label(entry.Address, "")]++
		return nil
	})
	return counts, err
}
