package warmup

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestGeometric(t *testing.T) {
	p := planOf(t, Options{Target: 6_400, Start: 50, Days: 8})
	if diff := cmp.Diff([]int{50, 100, 200, 400, 800, 1_600, 3_200, 6_400}, totals(p)); diff != "" {
		t.Error(diff)
	}
	if got := totals(planOf(t, Options{Target: 10})); got[0] != 10 || got[29] != 10 {
		t.Errorf("a target below the default start: %v", got)
	}
	if got := totals(planOf(t, Options{Target: 77, Days: 1})); len(got) != 1 || got[0] != 77 {
		t.Errorf("one day: %v", got)
	}
}

func TestSkipWeekends(t *testing.T) {
	p := planOf(t, Options{Target: 100, Days: 6, SkipWeekends: true, From: Date{2026, 12, 3}})
	var dates []string
	for _, d := range p.Days {
		dates = append(dates, d.Date.String()[8:])
	}
	if got := strings.Join(dates, " "); got != "03 04 07 08 09 10" {
		t.Errorf("sending days: %s", got)
	}
	if p = planOf(t, Options{Target: 100, Days: 1, SkipWeekends: true, From: Date{2026, 12, 5}}); p.Days[0].Date != (Date{2026, 12, 7}) {
		t.Errorf("the first day is %s", p.Days[0].Date)
	}
}

// options draws what a plan may be like.
func options(t *rapid.T) Options {
	o := Options{
		Target:       rapid.IntRange(1, 2_000_000).Draw(t, "target"),
		Days:         rapid.IntRange(1, 60).Draw(t, "days"),
		IPs:          rapid.IntRange(1, 7).Draw(t, "ips"),
		SkipWeekends: rapid.Bool().Draw(t, "weekends"),
		From:         first.Add(rapid.IntRange(0, 400).Draw(t, "from")),
		Mix:          Mix{},
	}
	o.Start = rapid.IntRange(1, o.Target).Draw(t, "start")
	for i := range rapid.IntRange(0, 6).Draw(t, "providers") {
		o.Mix[fmt.Sprintf("p%d", i)] = rapid.IntRange(0, 1_000_000).Draw(t, "weight")
	}
	if from := rapid.IntRange(0, 24).Draw(t, "hours"); from < 24 {
		o.Hours = Hours{from, rapid.IntRange(from+1, 24).Draw(t, "until")}
	}
	return o
}

// TestPartsAddUp holds for every plan: providers, hours and the providers of the
// hours add up on every day, and no day has less than the one before. Rounding may
// take a single message from a provider.
func TestPartsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := options(t)
		p, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.check(); err != nil {
			t.Fatal(err)
		}
		if p.Days[len(p.Days)-1].Total != o.Target || (len(p.Days) > 1 && p.Days[0].Total != o.Start) {
			t.Fatalf("from %d to %d", p.Days[0].Total, p.Days[len(p.Days)-1].Total)
		}
		for i, d := range p.Days {
			inHours := map[string]int{}
			for hour := range hoursOfDay {
				sum := 0
				for name, n := range d.InHour(hour) {
					if n < 0 {
						t.Fatalf("day %d has %d messages for %s", d.Day, n, name)
					}
					inHours[name] += n
					sum += n
				}
				if sum != d.Hourly[hour] || (sum > 0 && o.Hours != Hours{} && (hour < o.Hours.From || hour >= o.Hours.To)) {
					t.Fatalf("day %d, hour %d: %d of %d", d.Day, hour, sum, d.Hourly[hour])
				}
			}
			if diff := cmp.Diff(d.Providers, inHours); diff != "" {
				t.Fatalf("day %d: %s", d.Day, diff)
			}
			if o.IPs > 1 && (d.PerIP*o.IPs < d.Total || (d.PerIP-1)*o.IPs >= d.Total) {
				t.Fatalf("day %d: %d for each of %d", d.Day, d.PerIP, o.IPs)
			}
			if i == 0 {
				continue
			}
			if d.Total < p.Days[i-1].Total {
				t.Fatalf("day %d has less than the day before", d.Day)
			}
			for name, n := range p.Days[i-1].Providers {
				if d.Providers[name] < n-1 {
					t.Fatalf("%s has %d on day %d and %d before", name, d.Providers[name], d.Day, n)
				}
			}
		}
	})
}

// TestApportion holds parts against their exact shares.
func TestApportion(t *testing.T) {
	for _, tc := range []struct {
		total         int
		weights, want []int
	}{
		{50, []int{45, 25, 30}, []int{22, 13, 15}},
		{1000, []int{3, 1, 1, 1}, []int{500, 167, 167, 166}},
		{7, []int{0, 0}, []int{0, 0}},
	} {
		if diff := cmp.Diff(tc.want, divide(tc.total, tc.weights)); diff != "" {
			t.Error(diff)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.IntRange(0, 1_000_000), 1, 8).Draw(t, "weights")
		total := rapid.IntRange(0, MaxTotal).Draw(t, "total")
		sum := 0
		for _, w := range weights {
			sum += w
		}
		got, more := apportion(total, weights), apportion(total+1, weights)
		given := 0
		for i, part := range got {
			given += part
			if more[i] < part || (weights[i] == 0 && part > 0) {
				t.Fatalf("%v, and of one more %v", got, more)
			}
		}
		if sum > 0 && given != total {
			t.Fatalf("%v add up to %d", got, given)
		}
		divided := 0
		for i, part := range divide(total, weights) {
			divided += part
			if sum > 0 && (part*sum <= total*weights[i]-sum || part*sum >= total*weights[i]+sum) {
				t.Fatalf("%d of %d is not the share of %d among %v", part, total, weights[i], weights)
			}
		}
		if divided != given {
			t.Fatalf("%d were divided", divided)
		}
	})
}

func TestParseMix(t *testing.T) {
	for text, want := range map[string]Mix{
		"gmail=45%,outlook=25%":  {"gmail": 450_000, "outlook": 250_000, "other": 300_000},
		"GMail = 0.5 , other=.5": {"gmail": 500_000, "other": 500_000},
		"gmail=100%":             {"gmail": 1_000_000},
	} {
		got, err := ParseMix(text)
		if err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("%q: %v %v", text, got, err)
		}
	}
	for _, text := range []string{"", "gmail", "gmail=", "gmail=x", "gmail=60%,outlook=50%", "gmail=1%,gmail=2%", "a b=1%", "g=-1%", "g=NaN", "=5%"} {
		if got, err := ParseMix(text); !errors.Is(err, ErrMix) {
			t.Errorf("%q: %v %v", text, got, err)
		}
	}
}

func FuzzParseMix(f *testing.F) {
	f.Add("gmail=45%,outlook=25%")
	f.Add("a=1e-7,b=0.999")
	f.Fuzz(func(t *testing.T, text string) {
		mix, err := ParseMix(text)
		if err != nil {
			return
		}
		parts := make([]string, 0, len(mix))
		for name, weight := range mix {
			parts = append(parts, fmt.Sprintf("%s=%.6f", name, float64(weight)/mixUnits))
		}
		again, err := ParseMix(strings.Join(parts, ","))
		if err != nil || cmp.Diff(mix, again) != "" {
			t.Errorf("%q: %v became %v, %v", text, mix, again, err)
		}
	})
}

func TestParseHours(t *testing.T) {
	h, err := ParseHours(" 8 - 20 ")
	if err != nil || h != (Hours{8, 20}) || h.String() != "8-20" || (Hours{}).String() != "0-24" {
		t.Errorf("%v %v", h, err)
	}
	for _, text := range []string{"", "8", "8-8", "20-8", "-1-5", "0-25", "a-b"} {
		if _, err := ParseHours(text); !errors.Is(err, ErrHours) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestPlanAsJSON(t *testing.T) {
	p := planOf(t, Options{Target: 50, Days: 1, Mix: Mix{"gmail": 45, "outlook": 25, "other": 30}})
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"schema":"mailctl.warmup/1","target":50,"ips":1,"days":[{"day":1,"date":"2026-12-01","total":50,` +
		`"hourly":[2,2,2,2,2,2,2,2,2,2,2,3,2,2,2,2,2,2,2,2,2,2,2,3],"providers":{"gmail":22,"other":15,"outlook":13}}]}`
	if string(text) != want {
		t.Errorf("%s", text)
	}
	again, err := Parse(bytes.NewReader(text))
	if err != nil || cmp.Diff(p, again) != "" {
		t.Error(err, cmp.Diff(p, again))
	}
}

func TestParseRefuses(t *testing.T) {
	good := `{"schema":"mailctl.warmup/1","target":50,"ips":1,"days":[{"day":1,"date":"2026-12-01","total":5,"providers":{"gmail":5}},{"day":2,"date":"2026-12-02","total":9,"providers":{"gmail":9}}]}`
	p, err := Parse(strings.NewReader(good))
	if err != nil || p.Days[1].InHour(23)["gmail"] != 1 {
		t.Fatal(p, err)
	}
	for _, tc := range []struct{ old, fresh, want string }{
		{good, "", "EOF"},
		{good, "{", "EOF"},
		{good, good + "x", "something follows it"},
		{good, `{"schema":"mailctl.warmup/1"}`, "no days"},
		{"warmup/1", "warmup/2", `its schema is "mailctl.warmup/2"`},
		{`"ips":1`, `"ips":1001`, "1001 addresses"},
		{`"target":50`, `"target":-1`, "its target is -1"},
		{`"target":50`, `"goal":50`, "unknown field"},
		{`"day":2`, `"day":3`, "called day 3"},
		{"12-02", "12-01", "does not come after"},
		{"12-02", "13-01", "invalid date"},
		{`"total":9`, `"total":8`, "day 2: its providers add up to 9"},
		{`"total":9`, `"total":-9`, "its total is -9"},
		{`"gmail":9`, `"gmail":10,"x":-1`, `"x" has -1 messages`},
		{`"total":9`, `"hourly":[9],"total":9`, "1 hours"},
		{`"ips":1`, `"hours":"9-3"`, "invalid hours"},
	} {
		_, err := Parse(strings.NewReader(strings.Replace(good, tc.old, tc.fresh, 1)))
		if !errors.Is(err, ErrPlan) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s for %s: %v", tc.fresh, tc.old, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, o := range []Options{
		{Target: 50, Days: 3, From: first},
		{Target: 500, Days: 2, From: first, IPs: 2, SkipWeekends: true, Hours: Hours{8, 20}, Mix: Mix{"gmail": 1, "other": 2}},
	} {
		p, err := New(o)
		if err != nil {
			f.Fatal(err)
		}
		text, err := json.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := Parse(bytes.NewReader(text))
		if err != nil {
			return
		}
		written, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(bytes.NewReader(written))
		if err != nil || cmp.Diff(p, again) != "" {
			t.Errorf("%s: %v\n%s", text, err, cmp.Diff(p, again))
		}
		p.CapsOn(p.Days[0].Date.At(12, time.UTC))
	})
}

func TestCapsOn(t *testing.T) {
	p := planOf(t, Options{Target: 400, Start: 100, Days: 3, SkipWeekends: true, From: Date{2026, 12, 3}, Mix: Mix{"gmail": 3, "other": 1}})
	for _, tc := range []struct {
		date       string
		day, gmail int
		next       string
	}{
		{"2026-12-02", 0, 0, "2026-12-03"},
		{"2026-12-03", 1, 75, "2026-12-04"},
		{"2026-12-04", 2, 150, "2026-12-07"},
		{"2026-12-05", 0, 0, "2026-12-07"},
		{"2026-12-07", 3, 300, "2026-12-08"},
		{"2026-12-11", 3, 300, "2026-12-14"},
		{"2026-12-12", 0, 0, "2026-12-14"},
	} {
		date, err := ParseDate(tc.date)
		if err != nil {
			t.Fatal(err)
		}
		caps := p.CapsOn(date.At(23, time.FixedZone("", 5*3600)))
		if caps.Date != date || caps.Day != tc.day || caps.Today["gmail"] != tc.gmail || caps.Next.String() != tc.next {
			t.Errorf("%s: %+v", tc.date, caps)
		}
		if caps.Day == 1 && caps.Hour["gmail"] != p.Days[0].InHour(23)["gmail"] {
			t.Errorf("%s: %v in the last hour", tc.date, caps.Hour)
		}
	}
	if p.Key("gmail") != "gmail" || p.Key("gmx") != Other || p.Key("") != Other {
		t.Error("a provider has the wrong key")
	}
}
