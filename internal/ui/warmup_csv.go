package ui

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/mailctl/mailctl/pkg/warmup"
)

// WriteWarmupCSV writes a row for each day, as [warmup.ParseScheduleCSV] reads it.
func WriteWarmupCSV(w io.Writer, p *warmup.Plan) error {
	names := p.Providers()
	table := csv.NewWriter(w)
	if err := table.Write(append([]string{"day", "date", "total", "per_ip", "per_hour"}, names...)); err != nil {
		return err
	}
	for _, d := range p.Days {
		perIP := d.Total
		if p.IPs > 1 {
			perIP = d.PerIP
		}
		row := []string{strconv.Itoa(d.Day), d.Date.String(), strconv.Itoa(d.Total), strconv.Itoa(perIP), strconv.Itoa(slices.Max(d.Hourly))}
		for _, name := range names {
			row = append(row, strconv.Itoa(d.Providers[name]))
		}
		if err := table.Write(row); err != nil {
			return err
		}
	}
	table.Flush()
	return table.Error()
}

// WriteWarmupCalendar writes an all-day event for each day (RFC 5545). The same
// day of the same plan has the same name, so that a calendar takes a plan that
// was moved for a change of the events it has.
func WriteWarmupCalendar(w io.Writer, p *warmup.Plan, now time.Time) error {
	calendar := ics.NewCalendarFor("mailctl")
	calendar.SetMethod(ics.MethodPublish)
	calendar.SetXWRCalName(warmupTitle(p))
	for _, d := range p.Days {
		event := calendar.AddEvent(fmt.Sprintf("warmup-%s-day-%d@mailctl", p.Days[0].Date, d.Day))
		event.SetDtStampTime(now.UTC().Truncate(time.Second))
		start := d.Date.At(0, time.UTC)
		event.SetAllDayStartAt(start)
		event.SetAllDayEndAt(start.AddDate(0, 0, 1))
		event.SetSummary(fmt.Sprintf("Warm-up day %d: %s", d.Day, Plural(d.Total, "message")))
		event.SetTimeTransparency(ics.TransparencyTransparent)
		lines := []string{fmt.Sprintf("at most %s in an hour", Count(slices.Max(d.Hourly)))}
		for _, name := range rankedProviders(p) {
			lines = append(lines, printable(name)+": "+Count(d.Providers[name]))
		}
		event.SetDescription(strings.Join(lines, "\n"))
	}
	return calendar.SerializeTo(w)
}
