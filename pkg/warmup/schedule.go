package warmup

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

//go:embed data/schedules.json
var schedulesFile []byte

// ErrUnknownSchedule means that a name is not that of a published schedule.
var ErrUnknownSchedule = errors.New("unknown schedule")

// A Schedule says how volume grows with the age of an address, in sending days
// from 1. Make one with [FindSchedule] or [ParseScheduleCSV].
type Schedule struct {
	Name   string `json:"name"`
	About  string `json:"about"`  // one sentence, without a final period
	Source string `json:"source"` // who published the numbers, and where
	Per    per    `json:"per"`    // whom they are for

	// One of these says how it grows.
	Stages    []int                `json:"stages"`
	Linear    *linear              `json:"linear"`
	Levels    *levels              `json:"levels"`
	Providers map[string][]segment `json:"providers"`
	Shares    map[string][]share   `json:"shares"`
	days      []map[string]int     // of a file that names providers

	Unit      unit      `json:"unit"`      // of Stages
	Then      int       `json:"then"`      // how many times as much each day after the last of Stages has; 0 when it ends there
	Addresses []address `json:"addresses"` // how many a target takes, if the source says so
}

// per says whom the numbers of a schedule are for.
type per string

const (
	perIP     per = "ip"     // each address
	perSender per = "sender" // all addresses together
)

// unit is the time that a number of messages is for.
type unit string

const (
	unitDay  unit = "" // a day
	unitHour unit = "hour"
)

// linear rises evenly.
type linear struct {
	Days int `json:"days"`
	To   int `json:"to"`
}

// levels rise by factors, and each is held for some days.
type levels struct {
	Start int `json:"start"`
	Hold  int `json:"hold"` // days
	Steps []struct {
		Below  int     `json:"below"` // the level it is for; 0 is all
		Factor float64 `json:"factor"`
	} `json:"steps"`
}

// segment is a part of a provider's curve. One of the numbers is set.
type segment struct {
	Until    int `json:"until"` // the last day; 0 is for ever
	Hour     int `json:"hour"`
	DayOfAge int `json:"day_of_age"` // a day, times the age in days
}

// share is how much of its full volume a provider gets on a day.
type share struct {
	Day     int     `json:"day"`
	Percent float64 `json:"percent"`
}

// address says how many addresses a target takes.
type address struct {
	UpTo int `json:"up_to"`
	IPs  int `json:"ips"`
}

// Schedules returns the published schedules, in the order of the data file.
func Schedules() ([]Schedule, error) {
	var all []Schedule
	if err := json.Unmarshal(schedulesFile, &all); err != nil {
		return nil, fmt.Errorf("schedules: %w", err)
	}
	return all, nil
}

// FindSchedule returns the published schedule of that name, or
// [ErrUnknownSchedule] with a hint.
func FindSchedule(name string) (*Schedule, error) {
	all, err := Schedules()
	if err != nil {
		return nil, err
	}
	names := make([]string, len(all))
	for i := range all {
		if names[i] = all[i].Name; names[i] == name {
			return &all[i], nil
		}
	}
	err = fmt.Errorf("%w %q", ErrUnknownSchedule, name)
	if near := delivery.Nearest(name, names); near != "" {
		return nil, delivery.Hint(err, fmt.Sprintf("did you mean %q?", near))
	}
	return nil, delivery.Hint(err, "it is one of: "+strings.Join(names, ", ")+", or a file such as ./schedule.csv")
}

// IPs returns how many addresses the source wants for a target; 0 when it does
// not say.
func (s *Schedule) IPs(target int) int {
	for _, a := range s.Addresses {
		if target <= a.UpTo {
			return a.IPs
		}
	}
	return 0
}

// total returns what an address, or the sender, may send on a day of its life,
// and false when the schedule has ended. The hours are those of a day in which
// mail is sent.
func (s *Schedule) total(age, hours int) (int, bool) {
	switch {
	case s.Linear != nil:
		n := (2*s.Linear.To*age + s.Linear.Days) / (2 * s.Linear.Days) // rounded
		return n, age <= s.Linear.Days
	case s.Levels != nil:
		return s.Levels.at(age), true
	case age <= len(s.Stages):
		if s.Unit == unitHour {
			return s.Stages[age-1] * hours, true
		}
		return s.Stages[age-1], true
	case s.Then == 0 || len(s.Stages) == 0:
		return 0, false
	}
	n := s.Stages[len(s.Stages)-1]
	for range age - len(s.Stages) {
		n = min(n*s.Then, MaxTotal)
	}
	return n, true
}

// at returns the level of a day.
func (l *levels) at(age int) int {
	level := l.Start
	for range (age - 1) / l.Hold {
		for _, step := range l.Steps {
			if step.Below == 0 || level < step.Below {
				level = int(min(math.Round(float64(level)*step.Factor), MaxTotal))
				break
			}
		}
	}
	return level
}

// segmentAt returns what a provider's curve has for a day.
func segmentAt(curve []segment, age, hours int) int {
	for _, s := range curve {
		if s.Until == 0 || age <= s.Until {
			return s.Hour*hours + s.DayOfAge*age
		}
	}
	return 0
}

// shareAt returns the part of its full volume a provider gets on a day, in
// percent, and false when the curve has ended.
func shareAt(curve []share, age int) (float64, bool) {
	for i, next := range curve {
		switch {
		case age == next.Day || i == 0 && age < next.Day:
			return next.Percent, true
		case age < next.Day:
			before := curve[i-1]
			part := float64(age-before.Day) / float64(next.Day-before.Day)
			return before.Percent + part*(next.Percent-before.Percent), true
		}
	}
	return curve[len(curve)-1].Percent, false
}
