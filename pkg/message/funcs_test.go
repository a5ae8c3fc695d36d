package message

import (
	"strings"
	"testing"
)

// printed returns what a text template prints for a row.
func printed(t *testing.T, source string, row Row) (string, error) {
	t.Helper()
	u, err := compileText(origin{name: "t", text: source}, nil)
	if err != nil {
		return "", err
	}
	s := &scratch{}
	if err := u.execute(&s.text, row.fields()); err != nil {
		return "", err
	}
	return s.text.String(), nil
}

func functionsRow() Row {
	row := Row{Fields: map[string]any{
		"name": "ada lovelace", "First name": "Ada", "empty": "", "blank": "  ", "null": nil, "text5": "5", "text05": "05", "text12": "12",
		"five": int64(5), "big": 1234567.0, "half": 0.5, "yes": true, "day": "2026-11-22", "moment": "2026-11-22T08:30:00Z",
		"tags": "red, green ,blue", "items": []any{"Tea", int64(2), nil, 1e6}, "nested": map[string]any{"city": "Malmö", "none": nil}, "control": "a\x04b",
	}}
	return row
}

func TestFunctions(t *testing.T) {
	tests := []struct{ source, want string }{
		{`{{field "First name"}}`, "Ada"},
		{`{{field . "First name"}}`, "Ada"},
		{`{{field $ "First name" | upper}}`, "ADA"},
		{`{{"First name" | field}}`, "Ada"},
		{`{{with .nested}}{{field "First name"}}{{end}}`, "Ada"},
		{`{{has "name"}} {{has "empty"}} {{has "blank"}} {{has "null"}} {{has "missing"}}`, "true false false false false"},
		{`{{default "friend" .name}} {{default "friend" .empty}} {{.blank | default "friend"}} {{default "x" .null}}`, "ada lovelace friend friend x"},
		{`{{upper .name}} {{lower "ÄB"}} {{title .name}} {{title "anne-marie o'neil"}}`, "ADA LOVELACE äb Ada Lovelace Anne-Marie O'neil"},
		{`{{title "van McDonald"}}`, "Van McDonald"},
		{`[{{trim "  a b "}}] {{first .name}} [{{first .blank}}]`, "[a b] ada []"},
		{`{{truncate 5 .name}}|{{truncate 4 .name}}|{{truncate 50 .name}}|{{truncate 0 .name}}|{{truncate -1 .name}}`, "ada…|ada…|ada lovelace|…|…"},
		{`{{replace "a" "o" .name}} {{replace "\n" " " "a\nb"}}`, "odo loveloce a b"},
		{`{{contains "love" .name}} {{hasPrefix "ada" .name}} {{hasSuffix "x" .name}}`, "true true false"},
		{`{{range split "," .tags}}<{{.}}>{{end}}{{range split "," .empty}}x{{end}}`, "<red><green><blue>"},
		{`{{join " + " .items}} {{split "," .tags | join "/"}}`, "Tea + 2 +  + 1000000 red/green/blue"},
		{`{{plural .five "item" "items"}} {{plural 1 "item" "items"}} {{plural "1" "item" "items"}} {{plural 0 "item" "items"}}`, "items item item items"},
		{
			`{{number 2 .big}} {{number 2 ".," .big}} {{number 0 .half}} {{number 1 -1234}} {{number 0 "12"}} {{number 2 " ," 999999.5}}`,
			"1,234,567.00 1.234.567,00 0 -1,234.0 12 999 999,50",
		},
		{`{{add 1 .text5}} {{sub .five 0.5}} {{mul .text12 2}} {{div 1 4}}`, "6 4.5 24 0.25"},
		{`{{date "2 January 2006" .day}} {{date "15:04" .moment}} [{{date "2006" .empty}}]`, "22 November 2026 08:30 []"},
		{`{{.big}} {{.half}} {{.five}} {{.yes}} [{{.null}}] {{.nested.city}} [{{.nested.none}}]`, "1234567 0.5 5 true [] Malmö []"},
		{`{{.control}}`, "ab"},
		{
			`{{eq .text5 5}} {{eq .five "5"}} {{eq .text05 .text5}} {{eq .name "x" "ada lovelace"}} {{eq .yes true}} {{ne .text5 6}} {{eq .null ""}}`,
			"true true false true true true true",
		},
		{
			`{{lt .text5 .text12}} {{gt .text12 5}} {{ge .five 5}} {{le .five 4.9}} {{lt .day "2026-12-01"}} {{gt .empty 3}} {{lt "" "a"}}`,
			"true true true false true false true",
		},
		{`{{urlquery "a b&c"}} {{len .name}} {{index .items 0}} {{printf "%03d" 7}} {{and .yes .name}} {{not .empty}}`, "a+b%26c 12 Tea 007 ada lovelace true"},
	}
	for _, test := range tests {
		got, err := printed(t, test.source, functionsRow())
		if err != nil || got != test.want {
			t.Errorf("%s\ngot  %q, %v\nwant %q", test.source, got, err, test.want)
		}
	}
}

func TestFunctionErrors(t *testing.T) {
	tests := []struct{ source, want string }{
		{`{{number 2 .name}}`, "not a number"},
		{`{{number 2}}`, "want decimals"},
		{`{{number 2 "..." 3}}`, "two signs"},
		{`{{plural .name "a" "b"}}`, "not a number"},
		{`{{add 1 "x"}}`, "not a number"},
		{`{{add "1e999" 1}}`, "not a number"},
		{`{{div 1 0}}`, "division by zero"},
		{`{{date "2006" .name}}`, "not a date"},
		{`{{date "2006" "01/02/2026"}}`, "not a date"},
		{`{{join "," .name}}`, "not a list"},
		{`{{lt .items 3}}`, "cannot be compared"},
		{`{{gt .name 3}}`, "cannot be compared"},
		{`{{field "nothing"}}`, "no such column"},
		{`{{.nested.street}}`, "street"},
		{`{{index .items 9}}`, "out of range"},
		{`{{range .name}}{{end}}`, "range"},
		{`{{template "nothing"}}`, "nothing"},
	}
	for _, test := range tests {
		got, err := printed(t, test.source, functionsRow())
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %q, %v; want an error about %q", test.source, got, err, test.want)
		}
	}
}

// TestFunctionsReachNothing holds that templates can call what the package
// document lists and no more.
func TestFunctionsReachNothing(t *testing.T) {
	for _, name := range []string{"call", "env", "expandenv", "getHostByName", "readFile", "include", "now", "exec", "htmlSafe", "safeHTML"} {
		if isFunction(name) {
			t.Errorf("templates can call %s", name)
		}
	}
	want := "add and contains date default div eq field first ge gt has hasPrefix hasSuffix html index join js le len lower lt mul ne not " +
		"number or plural print printf println replace slice split sub title trim truncate upper urlquery"
	if got := strings.Join(functionNames(), " "); got != want {
		t.Errorf("functions\n%s\nwant\n%s", got, want)
	}
}

func TestTotalFunctionsAreKnown(t *testing.T) {
	for _, name := range totalFunctions {
		if !isFunction(name) {
			t.Errorf("%s is no function", name)
		}
	}
}

func TestNearest(t *testing.T) {
	columns := []string{"email", "name", "First name", "city", "orders"}
	tests := []struct{ word, want string }{
		{"nme", "name"}, {"Name", "name"}, {"naem", "name"}, {"citty", "city"}, {"order", "orders"}, {"first_name", "First name"}, {"zzz", ""}, {"", ""},
	}
	for _, test := range tests {
		if got := nearest(test.word, columns); got != test.want {
			t.Errorf("nearest(%q) = %q, want %q", test.word, got, test.want)
		}
	}
}
