package warmup

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Schema names the form in which plans are written.
const Schema = "mailctl.warmup/1"

// ErrPlan means that a file is not a plan.
var ErrPlan = errors.New("invalid plan")

// MaxPlan bounds the size of a plan as JSON, in octets.
const MaxPlan = 16 << 20

// written is a plan as JSON.
type written struct {
	Schema string `json:"schema"`
	Plan
}

// MarshalJSON writes the plan with its schema.
func (p *Plan) MarshalJSON() ([]byte, error) {
	type plain Plan
	return json.Marshal(struct {
		Schema string `json:"schema"`
		*plain
	}{Schema, (*plain)(p)})
}

// Parse reads a plan as it is written as JSON, and refuses one whose parts do not
// add up. A list of the hours that is missing is filled in evenly.
func Parse(r io.Reader) (*Plan, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxPlan+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > MaxPlan:
		return nil, fmt.Errorf("%w: larger than %d octets", ErrPlan, MaxPlan)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var w written
	if err := decoder.Decode(&w); err != nil {
		return nil, badPlan(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, badPlan(errors.New("something follows it"))
	}
	if w.Schema != Schema {
		return nil, badPlan(fmt.Errorf("its schema is %q, not %q", w.Schema, Schema))
	}
	if err := w.check(); err != nil {
		return nil, badPlan(err)
	}
	return &w.Plan, nil
}

func badPlan(err error) error {
	return delivery.Hint(fmt.Errorf("%w: %w", ErrPlan, err), "make one with: mailctl warmup plan --target 100000 --format json --out plan.json")
}

// check refuses a plan that does not add up.
func (p *Plan) check() error {
	if p.IPs == 0 {
		p.IPs = 1
	}
	switch {
	case len(p.Days) == 0:
		return errors.New("it has no days")
	case len(p.Days) > maxPlanDays:
		return fmt.Errorf("it has more than %d days", maxPlanDays)
	case p.IPs < 1 || p.IPs > maxIPs:
		return fmt.Errorf("it is for %d addresses", p.IPs)
	case p.Target < 0 || p.Target > MaxTotal:
		return fmt.Errorf("its target is %d", p.Target)
	}
	if err := p.Hours.check(); err != nil {
		return err
	}
	for i := range p.Days {
		d := &p.Days[i]
		if i > 0 && !p.Days[i-1].Date.Before(d.Date) {
			return fmt.Errorf("day %d does not come after the day before", i+1)
		}
		if err := d.check(i+1, p.Hours); err != nil {
			return fmt.Errorf("day %d: %w", i+1, err)
		}
	}
	return nil
}

// maxPlanDays bounds a plan that was moved again and again.
const maxPlanDays = 2 * maxDays

// check refuses a day that does not add up.
func (d *Day) check(number int, hours Hours) error {
	switch {
	case d.Day != number:
		return fmt.Errorf("it is called day %d", d.Day)
	case d.Date.IsZero():
		return errors.New("it has no date")
	case d.Total < 0 || d.Total > MaxTotal || d.PerIP < 0 || d.PerIP > MaxTotal:
		return fmt.Errorf("its total is %d", d.Total)
	case len(d.Providers) > maxProviders:
		return fmt.Errorf("more than %d providers", maxProviders)
	}
	if d.Hourly == nil {
		d.Hourly = hours.split(d.Total)
	}
	if len(d.Hourly) != hoursOfDay {
		return fmt.Errorf("it has %d hours", len(d.Hourly))
	}
	for name, n := range d.Providers {
		if !validProvider(name) || n < 0 || n > MaxTotal {
			return fmt.Errorf("%q has %d messages", name, n)
		}
	}
	sum := 0
	for _, n := range d.Hourly {
		sum += n
	}
	switch {
	case slices.Min(d.Hourly) < 0 || slices.Max(d.Hourly) > MaxTotal || sum != d.Total:
		return fmt.Errorf("its hours add up to %d, and its total is %d", sum, d.Total)
	case sumOf(d.Providers) != d.Total:
		return fmt.Errorf("its providers add up to %d, and its total is %d", sumOf(d.Providers), d.Total)
	}
	return nil
}
