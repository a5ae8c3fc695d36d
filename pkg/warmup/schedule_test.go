package warmup

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// first is the first day of the plans in tests, a Tuesday.
var first = Date{2026, 12, 1}

// planOf makes a plan that must be possible.
func planOf(t testing.TB, o Options) *Plan {
	t.Helper()
	if o.From.IsZero() {
		o.From = first
	}
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// scheduled makes a plan by a schedule.
func scheduled(t testing.TB, name string, o Options) *Plan {
	t.Helper()
	s, err := FindSchedule(name)
	if err != nil {
		t.Fatal(err)
	}
	o.Schedule = s
	return planOf(t, o)
}

func totals(p *Plan) []int {
	var all []int
	for _, d := range p.Days {
		all = append(all, d.Total)
	}
	return all
}

// TestPublishedSchedules holds every schedule that was published as a list of
// numbers against that list.
func TestPublishedSchedules(t *testing.T) {
	day := func(hourly ...int) []int {
		for i := range hourly {
			hourly[i] *= 24
		}
		return hourly
	}
	for _, tc := range []struct {
		name   string
		target int
		want   []int
	}{
		{"sendgrid", 16_000_000, []int{
			50, 100, 500, 1_000, 5_000, 10_000, 20_000, 40_000, 70_000, 100_000, 150_000, 250_000, 400_000, 600_000,
			1_000_000, 2_000_000, 4_000_000, 8_000_000, 16_000_000,
		}},
		{"sendgrid-hourly", 24 * 2_603_222, day(
			20, 28, 39, 55, 77, 108, 151, 211, 295, 413, 579, 810, 1_000, 1_587, 2_222, 3_111, 4_356, 6_098, 8_583, 11_953,
			16_734, 23_427, 32_798, 45_917, 64_284, 89_998, 125_997, 176_395, 246_953, 345_735, 484_029, 677_640, 948_696,
			1_328_175, 1_859_444, 2_603_222)},
		{"sparkpost", 10_000_000, []int{
			200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000, 50_000, 75_000, 100_000, 150_000, 200_000, 250_000, 325_000,
			400_000, 500_000, 600_000, 750_000, 1_000_000, 1_250_000, 1_750_000, 2_000_000, 3_000_000, 4_250_000, 5_000_000,
			6_000_000, 7_500_000, 10_000_000,
		}},
		{"conservative", 800, []int{50, 50, 50, 50, 100, 100, 100, 100, 200, 200, 200, 200, 400, 400, 400, 400, 800}},
		{"ipost", 400, []int{50, 50, 50, 100, 100, 100, 200, 200, 200, 400}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, totals(scheduled(t, tc.name, Options{Target: tc.target}))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestHourlySchedule has the published number in every hour, on any day.
func TestHourlySchedule(t *testing.T) {
	for _, hours := range []Hours{{}, {8, 20}} {
		p := scheduled(t, "sendgrid-hourly", Options{Target: 1000 * hours.count(), Hours: hours})
		for i, want := range []int{20, 28, 39, 55, 77, 108, 151, 211, 295, 413, 579, 810, 1_000} {
			for hour := range hours.count() {
				if got := p.Days[i].Hourly[hours.From+hour]; got != want {
					t.Errorf("day %d, hour %d: %d, want %d", i+1, hours.From+hour, got, want)
				}
			}
		}
	}
}

func TestSESRisesEvenly(t *testing.T) {
	got := totals(scheduled(t, "ses", Options{Target: 50_000}))
	if len(got) != 45 || got[8] != 10_000 || got[26] != 30_000 || got[44] != 50_000 {
		t.Errorf("%d days: %v", len(got), got)
	}
}

// TestLevels has the published factors at the published bounds.
func TestLevels(t *testing.T) {
	levels := slices.Compact(totals(scheduled(t, "conservative", Options{Target: 300_000})))
	want := []int{
		50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200, 76_800, 115_200, 138_240, 165_888, 199_066,
		238_879, 286_655, 300_000,
	}
	if diff := cmp.Diff(want, levels); diff != "" {
		t.Error(diff)
	}
}

// TestProviderSchedules holds curves of single providers against the published
// numbers.
func TestProviderSchedules(t *testing.T) {
	mix := Mix{"gmail": 2_400, "outlook": 2_400, "yahoo": 2_400, "aol": 2_400, "sina": 1_296}
	p := scheduled(t, "momentum", Options{Target: 10_896_000, Days: 30, Mix: mix})
	for _, tc := range []struct {
		day      int
		provider string
		want     int
	}{
		{1, "gmail", 240_000},
		{14, "gmail", 240_000},
		{15, "gmail", 2_400_000},
		{14, "outlook", 240_000},
		{15, "outlook", 2_400_000},
		{1, "yahoo", 50_000},
		{2, "yahoo", 100_000},
		{28, "yahoo", 1_400_000},
		{29, "yahoo", 2_400_000},
		{4, "aol", 24_000},
		{5, "aol", 240_000},
		{10, "aol", 240_000},
		{11, "aol", 2_400_000},
		{2, "sina", 24 * 21_600},
		{3, "sina", 24 * 36_000},
		{9, "sina", 24 * 36_000},
		{10, "sina", 24 * 54_000},
	} {
		if got := p.Days[tc.day-1].Providers[tc.provider]; got != tc.want {
			t.Errorf("momentum, day %d at %s: %d, want %d", tc.day, tc.provider, got, tc.want)
		}
	}
	p = scheduled(t, "acelle", Options{Target: 400_000, Mix: Mix{"gmail": 1, "outlook": 1, "yahoo": 1, "apple": 1}})
	want := map[string][4]int{
		"gmail": {5_000, 40_000, 75_000, 100_000}, "outlook": {1_000, 10_000, 30_000, 90_000},
		"yahoo": {1_000, 5_000, 15_000, 70_000}, "apple": {500, 3_000, 8_000, 50_000},
	}
	if len(p.Days) != 30 {
		t.Fatalf("acelle has %d days", len(p.Days))
	}
	for name, numbers := range want {
		for i, day := range []int{1, 7, 14, 30} {
			if got := p.Days[day-1].Providers[name]; got != numbers[i] {
				t.Errorf("acelle, day %d at %s: %d, want %d", day, name, got, numbers[i])
			}
		}
	}
}

func TestFollowers(t *testing.T) {
	p := scheduled(t, "momentum", Options{Target: 2_000_000, Mix: Mix{"aol": 1, "gmx": 1}})
	if got := p.Days[0].Providers; got["gmx"] != got["aol"] || got["aol"] != 24_000 {
		t.Errorf("a provider without a curve has %v", got)
	}
}

func TestIPs(t *testing.T) {
	got := totals(scheduled(t, "sparkpost", Options{Target: 5_000, IPs: 3}))
	if diff := cmp.Diff([]int{600, 1_500, 3_000, 5_000}, got); diff != "" {
		t.Error(diff)
	}
	p := scheduled(t, "sendgrid", Options{Target: 1_000, IPs: 3})
	if p.Days[1].Total != 100 || p.Days[1].PerIP != 34 {
		t.Errorf("%+v", p.Days[1])
	}
	s, err := FindSchedule("sendgrid")
	if err != nil {
		t.Fatal(err)
	}
	for target, want := range map[int]int{800_000: 2, 800_001: 3, 2_500_000: 3, 3_500_000: 4, 5_000_000: 5, 7_500_000: 7, 10_000_000: 10, 20_000_000: 13, 80_000_000: 20, 80_000_001: 0} {
		if got := s.IPs(target); got != want {
			t.Errorf("%d messages take %d addresses, want %d", target, got, want)
		}
	}
}

// TestStart begins a schedule in its middle.
func TestStart(t *testing.T) {
	got := totals(scheduled(t, "sparkpost", Options{Target: 10_000, Start: 2_000}))
	if diff := cmp.Diff([]int{2_000, 5_000, 10_000}, got); diff != "" {
		t.Error(diff)
	}
}

func TestRefusedOptions(t *testing.T) {
	for _, tc := range []struct {
		name     string
		schedule string
		o        Options
		want     error
		hint     string
	}{
		{"no target", "", Options{}, ErrNumber, "target is a number from 1"},
		{"start above target", "", Options{Target: 10, Start: 11}, ErrNumber, "start is a number from 0 to 10"},
		{"too many days", "", Options{Target: 10, Days: 1001}, ErrNumber, "days"},
		{"no addresses", "", Options{Target: 10, IPs: -1}, ErrNumber, "ips"},
		{"more than SparkPost has", "sparkpost", Options{Target: 25_000_000}, ErrUnreachable, "--ips 3"},
		{"more than SES has", "ses", Options{Target: 50_001}, ErrUnreachable, "--ips 2"},
		{"a schedule that takes longer", "ses", Options{Target: 50_000, Days: 44}, ErrUnreachable, "give --days 45, or none"},
		{"one that ends by itself", "acelle", Options{Target: 400_000, Days: 29}, ErrUnreachable, "give --days 30, or none"},
		{"bad mix", "", Options{Target: 10, Mix: Mix{"": 1}}, ErrMix, ""},
		{"bad hours", "", Options{Target: 10, Hours: Hours{9, 9}}, ErrHours, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.o.From = first
			if tc.schedule != "" {
				s, err := FindSchedule(tc.schedule)
				if err != nil {
					t.Fatal(err)
				}
				tc.o.Schedule = s
			}
			_, err := New(tc.o)
			if !errors.Is(err, tc.want) || !strings.Contains(strings.Join(delivery.Hints(err), "\n"), tc.hint) {
				t.Errorf("%v, hints %q", err, delivery.Hints(err))
			}
		})
	}
	_, err := FindSchedule("sendgird")
	if !errors.Is(err, ErrUnknownSchedule) || delivery.Hints(err)[0] != `did you mean "sendgrid"?` {
		t.Errorf("%v %q", err, delivery.Hints(err))
	}
}

func TestParseScheduleCSV(t *testing.T) {
	s, err := ParseScheduleCSV("own.csv", strings.NewReader("Day, total\n1,10\n2,20\n3,40\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{10, 20, 40}, totals(planOf(t, Options{Schedule: s}))); diff != "" {
		t.Error(diff)
	}
	s, err = ParseScheduleCSV("own.csv", strings.NewReader("\ufeffday,date,total,per_ip,per_hour,gmail,other\n1,2026-01-01,10,10,1,7,3\n2,,20,,,10,10\n"))
	if err != nil {
		t.Fatal(err)
	}
	p := planOf(t, Options{Schedule: s})
	if diff := cmp.Diff(map[string]int{"gmail": 10, "other": 10}, p.Days[1].Providers); diff != "" || len(p.Days) != 2 {
		t.Error(diff, len(p.Days))
	}
	for text, want := range map[string]string{
		"":                                      "EOF",
		"day,count\n1,2\n":                      `no column "total"`,
		"total\nten\n":                          `line 2: "ten" is not a number`,
		"total\n-1\n":                           "not a number",
		"total\n0\n":                            "the last day has no messages",
		"total\n":                               "the last day has no messages",
		"total,gmail\n10,9\n":                   "add up to 9",
		"total,g mail\n10,10\n":                 `"g mail" is not the name`,
		"total\n1\n2,3\n":                       "wrong number of fields",
		"total\n" + strings.Repeat("1\n", 1001): "more than 1000 days",
	} {
		if _, err := ParseScheduleCSV("x.csv", strings.NewReader(text)); !errors.Is(err, ErrScheduleFile) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text[:min(len(text), 20)], err)
		}
	}
}

func FuzzParseScheduleCSV(f *testing.F) {
	f.Add("day,total\n1,10\n2,20\n")
	f.Add("day,date,total,gmail,other\n1,2026-01-01,10,7,3\n")
	f.Add("total\n\"1\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseScheduleCSV("x.csv", strings.NewReader(text))
		if err != nil {
			return
		}
		p, err := New(Options{Schedule: s, From: first})
		if err != nil {
			return
		}
		if err := p.check(); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	})
}
