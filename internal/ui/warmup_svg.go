package ui

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/mailctl/mailctl/pkg/warmup"
)

//go:embed warmup.svg.tmpl
var warmupSVG string

// The places of a chart, in units of its view box.
const (
	chartWidth, chartHeight    = 960, 540
	chartLeft, chartRight      = 84, 930
	chartTop, chartBottom      = 132, 470
	legendLine, legendColumns  = 86, 5
	legendColumn, chartPalette = 168, 8
	chartRows, chartColumns    = 5, 9
	legendName                 = 14 // letters
)

// A warmupChart is what the template draws.
type warmupChart struct {
	Title, About                             string
	Width, Height, Left, Right, Top, Bottom  int
	PlotHeight, LabelX, TickEnd, DateY, DayY int
	Legend                                   []chartName
	Rows, Columns                            []chartMark
	Areas                                    []chartArea
	Total                                    string
	Days                                     []chartDay
}

type chartName struct {
	Name, Share        string
	Color              int
	X, Y, TextX, TextY int
}

type chartMark struct {
	At, TextAt  string
	Text, Below string
}

type chartArea struct {
	Name   string
	Color  int
	Points string
}

type chartDay struct {
	At, Width string
	Text      string
}

// WriteWarmupSVG draws the days of a plan as areas, one for each provider, on top
// of each other. The picture needs nothing else and fits light and dark pages.
func WriteWarmupSVG(w io.Writer, p *warmup.Plan) error {
	t, err := template.New("warmup").Parse(warmupSVG)
	if err != nil {
		return err
	}
	return t.Execute(w, newWarmupChart(p))
}

func newWarmupChart(p *warmup.Plan) *warmupChart {
	c := &warmupChart{
		Title: warmupTitle(p), About: chartAbout(p),
		Width: chartWidth, Height: chartHeight, Left: chartLeft, Right: chartRight, Top: chartTop, Bottom: chartBottom,
		PlotHeight: chartBottom - chartTop, LabelX: chartLeft - 10, TickEnd: chartBottom + 5, DateY: chartBottom + 22, DayY: chartBottom + 38,
	}
	most := 0
	for _, d := range p.Days {
		most = max(most, d.Total)
	}
	step := niceStep(most)
	top := (most + step - 1) / step * step
	place := plot{days: len(p.Days), top: max(top, 1)}
	for value := 0; value <= top; value += step {
		y := place.y(value)
		c.Rows = append(c.Rows, chartMark{At: number(y), TextAt: number(y + 4), Text: shortCount(value)})
	}
	c.drawAreas(p, place)
	c.drawDays(p, place)
	return c
}

func chartAbout(p *warmup.Plan) string {
	about := fmt.Sprintf("%s messages over %s from %s, %s", Count(p.Total()), Plural(len(p.Days), "day"), p.Days[0].Date, warmupGrowth(p))
	if p.IPs > 1 {
		about += fmt.Sprintf(", %d addresses", p.IPs)
	}
	return about
}

// plot places days and numbers on the chart.
type plot struct{ days, top int }

func (p plot) x(day int) float64 {
	if p.days == 1 {
		return chartLeft
	}
	return chartLeft + float64(chartRight-chartLeft)*float64(day)/float64(p.days-1)
}

func (p plot) y(value int) float64 {
	return chartBottom - float64(chartBottom-chartTop)*float64(value)/float64(p.top)
}

// A chartLayer is one of the areas and the providers in it.
type chartLayer struct {
	name      string
	color     int
	providers []string
}

// chartLayers returns the areas from the lowest to the highest. There are as many
// as there are colours; the last one has everybody else.
func chartLayers(p *warmup.Plan) []chartLayer {
	var layers []chartLayer
	rest := chartLayer{name: warmup.Other, color: chartPalette - 1}
	for _, name := range rankedProviders(p) {
		if name == warmup.Other || len(layers) == chartPalette-1 {
			rest.providers = append(rest.providers, name)
			continue
		}
		layers = append(layers, chartLayer{name, len(layers), []string{name}})
	}
	if len(rest.providers) > 0 {
		layers = append(layers, rest)
	}
	return layers
}

// of returns what an area has on a day.
func (l *chartLayer) of(d *warmup.Day) int {
	sum := 0
	for _, name := range l.providers {
		sum += d.Providers[name]
	}
	return sum
}

// drawAreas puts the providers on top of each other, the largest lowest.
func (c *warmupChart) drawAreas(p *warmup.Plan, place plot) {
	last := &p.Days[len(p.Days)-1]
	below := make([]int, len(p.Days))
	for i, layer := range chartLayers(p) {
		var up, down []string
		for day := range p.Days {
			down = append(down, place.point(day, below[day]))
			below[day] += layer.of(&p.Days[day])
			up = append(up, place.point(day, below[day]))
		}
		if len(p.Days) == 1 { // one day is as wide as the chart
			up = append(up, number(chartRight)+","+number(place.y(below[0])))
			down = append(down, number(chartRight)+","+number(place.y(below[0]-layer.of(last))))
		}
		slices.Reverse(down)
		c.Areas = append(c.Areas, chartArea{Name: layer.name, Color: layer.color, Points: strings.Join(append(up, down...), " ")})
		x, y := chartLeft+legendColumn*(i%legendColumns), legendLine+20*(i/legendColumns)
		c.Legend = append(c.Legend, chartName{
			Name: ansi.Truncate(layer.name, legendName, "…"), Share: share(layer.of(last), last.Total), Color: layer.color,
			X: x, Y: y - 11, TextX: x + 18, TextY: y,
		})
	}
	var line []string
	for day, d := range p.Days {
		line = append(line, place.point(day, d.Total))
	}
	c.Total = strings.Join(line, " ")
}

func (p plot) point(day, value int) string { return number(p.x(day)) + "," + number(p.y(value)) }

// drawDays marks the axis and makes each day say its numbers.
func (c *warmupChart) drawDays(p *warmup.Plan, place plot) {
	marked := markedDays(len(p.Days))
	width := float64(chartRight-chartLeft) / float64(max(len(p.Days)-1, 1))
	for i, d := range p.Days {
		x := place.x(i)
		if marked[i] {
			c.Columns = append(c.Columns, chartMark{
				At: number(x), Text: fmt.Sprintf("%d %s", d.Date.Day, d.Date.Month.String()[:3]), Below: fmt.Sprintf("day %d", d.Day),
			})
		}
		parts := []string{fmt.Sprintf("day %d, %s: %s", d.Day, d.Date, Plural(d.Total, "message"))}
		for _, name := range rankedProviders(p) {
			parts = append(parts, name+" "+Count(d.Providers[name]))
		}
		from, to := max(x-width/2, chartLeft), min(x+width/2, chartRight)
		c.Days = append(c.Days, chartDay{At: number(from), Width: number(to - from), Text: strings.Join(parts, "\n")})
	}
}

// markedDays returns the indices of the days that have a mark on the axis: the
// first and the last one and some between, as evenly as can be.
func markedDays(days int) map[int]bool {
	parts := min(days, chartColumns) - 1
	for n := parts; n > parts/2; n-- {
		if (days-1)%n == 0 {
			parts = n
			break
		}
	}
	marked := map[int]bool{0: true}
	for i := 1; i <= parts; i++ {
		marked[(2*i*(days-1)+parts)/(2*parts)] = true // rounded
	}
	return marked
}

// niceStep returns 1, 2 or 5 times a power of ten, so that few steps reach a
// number.
func niceStep(most int) int {
	for step := 1; ; step *= 10 {
		for _, factor := range []int{1, 2, 5} {
			if most <= step*factor*chartRows {
				return step * factor
			}
		}
	}
}

// shortCount writes a number in thousands or millions where that is exact.
func shortCount(n int) string {
	switch {
	case n >= 1_000_000 && n%100_000 == 0:
		return strconv.FormatFloat(float64(n)/1e6, 'f', -1, 64) + " M"
	case n >= 1000 && n%100 == 0:
		return strconv.FormatFloat(float64(n)/1e3, 'f', -1, 64) + " k"
	default:
		return strconv.Itoa(n)
	}
}

// number writes a place with one decimal at the most.
func number(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}
