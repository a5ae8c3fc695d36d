package list

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// readAll reads a list to its end.
func readAll(r io.Reader, opt Options) ([]Row, error) {
	reader, err := NewReader(r, opt)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for {
		row, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
}

// show prints a row on one line: its line, then its address and fields, or its
// problem.
func show(row Row) string {
	if row.Problem != nil {
		return fmt.Sprintf("%d %s: %v", row.Line, row.Problem.Kind, row.Problem.Err)
	}
	fields, err := EncodeFields(row.Fields)
	if err != nil {
		return err.Error()
	}
	suppressed := ""
	if row.Suppressed {
		suppressed = " suppressed"
	}
	return fmt.Sprintf("%d %s%s %s", row.Line, row.Address, suppressed, fields)
}

func showAll(rows []Row) []string {
	lines := make([]string, 0, len(rows))
	for _, row := range rows {
		lines = append(lines, show(row))
	}
	return lines
}

func TestReader(t *testing.T) {
	small := Options{MaxField: 30, MaxRow: 50, MaxColumns: 4}
	for name, test := range map[string]struct {
		list string
		opt  Options
		want []string
	}{
		"comma":     {"email,name\na@x.example,Anna\n", Options{}, []string{`2 a@x.example {"email":"a@x.example","name":"Anna"}`}},
		"for Excel": {"sep=;\r\nemail;name\r\na@x.example;A,B\r\n", Options{}, []string{`3 a@x.example {"email":"a@x.example","name":"A,B"}`}},
		"semicolon": {"name;email\nA,B;a@x.example\n", Options{}, []string{`2 a@x.example {"email":"a@x.example","name":"A,B"}`}},
		"tab":       {"name\temail\nA,B\ta@x.example\n", Options{}, []string{`2 a@x.example {"email":"a@x.example","name":"A,B"}`}},
		"delimiters inside a quoted column name": {
			"\"a,b,c\";email\n1;a@x.example\n", Options{}, []string{`2 a@x.example {"a,b,c":"1","email":"a@x.example"}`},
		},
		"delimiter that names the address column": {
			"email;last, first, middle\na@x.example;1\n", Options{}, []string{`2 a@x.example {"email":"a@x.example","last, first, middle":"1"}`},
		},
		"one column":             {"email\na@x.example\nb@x.example", Options{}, []string{`2 a@x.example {"email":"a@x.example"}`, `3 b@x.example {"email":"b@x.example"}`}},
		"no line end at the end": {"email,n\na@x.example,", Options{}, []string{`2 a@x.example {"email":"a@x.example","n":""}`}},
		"CRLF, blank lines":      {"\r\nemail,n\r\n\r\na@x.example,1\r\n  \r\n\r\nb@x.example,2\r\n", Options{}, []string{`4 a@x.example {"email":"a@x.example","n":"1"}`, `7 b@x.example {"email":"b@x.example","n":"2"}`}},
		"CR only":                {"email,n\ra@x.example,1\r\rb@x.example,2\r", Options{}, []string{`2 a@x.example {"email":"a@x.example","n":"1"}`, `4 b@x.example {"email":"b@x.example","n":"2"}`}},
		"rows of delimiters":     {"email,n\n,\na@x.example,1\n, ,,\n", Options{}, []string{`3 a@x.example {"email":"a@x.example","n":"1"}`}},
		"quotes": {
			"email,n\na@x.example,\"say \"\"hi\"\", you\"\nb@x.example,5\" pipe\n\"c@x.example\",\"\"\n",
			Options{},
			[]string{`2 a@x.example {"email":"a@x.example","n":"say \"hi\", you"}`, `3 b@x.example {"email":"b@x.example","n":"5\" pipe"}`, `4 c@x.example {"email":"c@x.example","n":""}`},
		},
		"quoted line ends": {
			"email,n\na@x.example,\"1\n2\r\n3\r4\"\nb@x.example,x\n",
			Options{},
			[]string{`2 a@x.example {"email":"a@x.example","n":"1\n2\r\n3\r4"}`, `6 b@x.example {"email":"b@x.example","n":"x"}`},
		},
		"column names are trimmed, case is free": {
			" E-Mail , EMAIL ,Suppressed\nx,a@x.example,Y\n", Options{}, []string{`2 a@x.example suppressed {"E-Mail":"x","EMAIL":"a@x.example","Suppressed":"Y"}`},
		},
		"another address column": {
			"email,Work Mail\nx,a@x.example\n", Options{EmailColumn: "work mail "}, []string{`2 a@x.example {"Work Mail":"a@x.example","email":"x"}`},
		},
		"exact name wins": {
			"Email,email\nx,a@x.example\n", Options{}, []string{`2 a@x.example {"Email":"x","email":"a@x.example"}`},
		},
		"nameless last column": {
			"email,n,\na@x.example,1,\nb@x.example,2\nc@x.example,3,full\n",
			Options{},
			[]string{`2 a@x.example {"email":"a@x.example","n":"1"}`, `3 b@x.example {"email":"b@x.example","n":"2"}`, `4 field-count: field 3 holds "full", but its column has no name`},
		},
		"too few and too many fields": {
			"email,n,m\na@x.example\nb@x.example,2\nc@x.example,3,4,5\nd@x.example,6,7\n",
			Options{},
			[]string{
				"2 field-count: 1 field where the first line names 3", "3 field-count: 2 fields where the first line names 3",
				"4 field-count: 4 fields where the first line names 3", `5 d@x.example {"email":"d@x.example","m":"7","n":"6"}`,
			},
		},
		"quote that takes in another row": {
			"email,n\na@x.example,\"1\nb@x.example,\"2\nc@x.example,3\n",
			Options{},
			[]string{"2 open-quote: field 2 goes on behind its closing quote, on line 3", `4 c@x.example {"email":"c@x.example","n":"3"}`},
		},
		"quote that closes a row too late": {
			"email,n\na@x.example,\"1\nb@x.example,2\",3\nc@x.example,\"4\n5\"\n",
			Options{},
			[]string{"2 open-quote: 3 fields where the first line names 2", `4 c@x.example {"email":"c@x.example","n":"4\n5"}`},
		},
		"quote that never closes": {
			"email,n\na@x.example,\"1\nb@x.example,2\n",
			Options{},
			[]string{"2 open-quote: a quote opened on line 2 never closes and takes in the rest of the list"},
		},
		"text behind a quote": {
			"email,n\na@x.example,\"A\" B\nb@x.example,\"say \"hi\" you\"\nc@x.example,3\n",
			Options{},
			[]string{
				"2 bad-quote: field 2 goes on behind its closing quote, on line 2", "3 bad-quote: field 2 goes on behind its closing quote, on line 3",
				`4 c@x.example {"email":"c@x.example","n":"3"}`,
			},
		},
		"bounds": {
			"email,n,m\na@x.example," + strings.Repeat("x", 31) + ",\nb@x.example," + strings.Repeat("x", 30) + ",\nc@x.example," + strings.Repeat("x", 30) + ",1234567890\nd@x.example,1,2,3,4,5\n", small,
			[]string{
				"2 too-long: field 2 is longer than 30 octets", fmt.Sprintf(`3 b@x.example {"email":"b@x.example","m":"","n":%q}`, strings.Repeat("x", 30)),
				"4 too-long: the row is longer than 50 octets", "5 too-long: the row has more than 4 fields",
			},
		},
		"quote that never closes, beyond the bounds": {
			"email,n\na@x.example,\"" + strings.Repeat("x\n", 100), small,
			[]string{"2 open-quote: a quote opened on line 2 never closes and takes in the rest of the list"},
		},
		"not UTF-8": {
			"email,n\na@x.example,Ren\xe9\nb@x.example,Ren\xc3\xa9\n",
			Options{},
			[]string{"2 bad-encoding: not valid UTF-8", `3 b@x.example {"email":"b@x.example","n":"René"}`},
		},
		"character cut by a delimiter": {
			"email,n,m\na@x.example,\xc3,\xb6\nb@x.example,ok,\xb6\nc@x.example,ö,\n",
			Options{},
			[]string{"2 bad-encoding: not valid UTF-8", "3 bad-encoding: not valid UTF-8", `4 c@x.example {"email":"c@x.example","m":"","n":"ö"}`},
		},
		"addresses": {
			"email,n\n,1\n  ,2\nnobody,3\nAnna <a@x.example>,4\n a@X.Example ,5\ninfo@bücher.example,6\n",
			Options{},
			[]string{
				`2 no-address: column "email" is empty`, `3 no-address: column "email" is empty`, "4 invalid-address: ", "5 invalid-address: ",
				`6 a@x.example {"email":" a@X.Example ","n":"5"}`, `7 info@xn--bcher-kva.example {"email":"info@bücher.example","n":"6"}`,
			},
		},
		"suppressed": {
			"email,suppressed\na@x.example,true\nb@x.example, X \nc@x.example,no\nd@x.example,\ne@x.example,2024-01-01\n",
			Options{},
			[]string{
				`2 a@x.example suppressed {"email":"a@x.example","suppressed":"true"}`, `3 b@x.example suppressed {"email":"b@x.example","suppressed":" X "}`,
				`4 c@x.example {"email":"c@x.example","suppressed":"no"}`, `5 d@x.example {"email":"d@x.example","suppressed":""}`,
				`6 suppressed: column "suppressed" says "2024-01-01", neither yes nor no`,
			},
		},
		"another suppressed column": {
			"email,Opt Out,suppressed\na@x.example,yes,\n", Options{SuppressedColumn: "opt out"}, []string{`2 a@x.example suppressed {"Opt Out":"yes","email":"a@x.example","suppressed":""}`},
		},
		"where": {
			"email,n\na@x.example,1\nb@x.example,\nc@x.example,many\nd@x.example,5\n,0\nx,0\ne@x.example\n",
			Options{Where: "n > 2"},
			[]string{
				`4 where: the expression has no answer: "many" is not a number`, `5 d@x.example {"email":"d@x.example","n":"5"}`,
				"8 field-count: 1 field where the first line names 2",
			},
		},
		"NUL": {"email,n\na@x.example,\"1\x002\"\n", Options{}, []string{`2 a@x.example {"email":"a@x.example","n":"1\u00002"}`}},
	} {
		t.Run(name, func(t *testing.T) {
			for reading, r := range map[string]io.Reader{
				"at once": strings.NewReader(test.list), "in bytes": iotest.OneByteReader(strings.NewReader(test.list)),
			} {
				rows, err := readAll(r, test.opt)
				if err != nil {
					t.Fatal(err)
				}
				got := showAll(rows)
				for i := range got {
					if i < len(test.want) && strings.HasSuffix(test.want[i], ": ") && strings.HasPrefix(got[i], test.want[i]) {
						got[i] = test.want[i] // the address parser's own words
					}
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("%s: %s", reading, diff)
				}
			}
		})
	}
}

func TestReaderJSONLines(t *testing.T) {
	deep := strings.Repeat("[", 31) + strings.Repeat("]", 31)
	for name, test := range map[string]struct {
		list string
		opt  Options
		want []string
	}{
		"objects": {
			"\n{\"email\":\"a@x.example\",\"n\":1}\r\n\n  {\"EMAIL\":\"b@x.example\"} \n{\"email\":\"c@x.example\"}",
			Options{},
			[]string{`2 a@x.example {"email":"a@x.example","n":1}`, `4 b@x.example {"EMAIL":"b@x.example"}`, `5 c@x.example {"email":"c@x.example"}`},
		},
		"bad lines": {
			"{\"email\":\"a@x.example\"\n[1]\n{\"email\":1}\n{}\n{\"email\":null}\n{\"email\":\" \"}\n{\"\":\"a@x.example\"}\n{\"Email\":\"\",\"EMAIL\":\"\"}\n{\"email\":\"Ren\xe9\"}\n{\"email\":\"a@x.example\",\"suppressed\":\"?\"}",
			Options{},
			[]string{
				"1 bad-json: not one JSON object: it ends where a comma or a closing brace should follow", "2 bad-json: not one JSON object: '[' at octet 1, where an object should be",
				`3 invalid-address: field "email" is not text`, `4 no-address: no field "email"`, `5 no-address: no field "email"`, `6 no-address: column "email" is empty`,
				`7 no-address: no field "email"`, "8 invalid-address: two fields are named \"email\" in different letter case", "9 bad-encoding: not valid UTF-8",
				`10 suppressed: column "suppressed" says "?", neither yes nor no`,
			},
		},
		"suppressed": {
			"{\"email\":\"a@x.example\",\"suppressed\":true}\n{\"email\":\"b@x.example\",\"suppressed\":0}\n{\"email\":\"c@x.example\",\"suppressed\":\"on\"}\n{\"email\":\"d@x.example\",\"suppressed\":null}\n",
			Options{},
			[]string{
				`1 a@x.example suppressed {"email":"a@x.example","suppressed":true}`, `2 b@x.example {"email":"b@x.example","suppressed":0}`,
				`3 c@x.example suppressed {"email":"c@x.example","suppressed":"on"}`, `4 d@x.example {"email":"d@x.example","suppressed":null}`,
			},
		},
		"where": {
			"{\"email\":\"a@x.example\",\"n\":1}\n{\"email\":\"b@x.example\",\"n\":5}\n{\"email\":\"c@x.example\"}\n{\"email\":\"d@x.example\",\"n\":\"x\"}\n",
			Options{Where: "n > 2"},
			[]string{`2 b@x.example {"email":"b@x.example","n":5}`, `4 where: the expression has no answer: "x" is not a number`},
		},
		"long line": {
			"{\"email\":\"a@x.example\",\"n\":\"" + strings.Repeat("x", 100) + "\"}\n{\"email\":\"b@x.example\"}",
			Options{MaxRow: 50},
			[]string{"1 too-long: the line is longer than 50 octets", `2 b@x.example {"email":"b@x.example"}`},
		},
		"depth": {
			"{\"email\":\"a@x.example\",\"n\":" + deep + "}\n{\"email\":\"b@x.example\",\"n\":[" + deep + "]}\n",
			Options{},
			[]string{`1 a@x.example {"email":"a@x.example","n":` + deep + `}`, "2 bad-json: not one JSON object: more than 32 levels"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for reading, r := range map[string]io.Reader{
				"at once": strings.NewReader(test.list), "in bytes": iotest.OneByteReader(strings.NewReader(test.list)),
			} {
				rows, err := readAll(r, test.opt)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, showAll(rows)); diff != "" {
					t.Errorf("%s: %s", reading, diff)
				}
			}
		})
	}
}

func TestReaderHints(t *testing.T) {
	for row, want := range map[string]string{
		"Anna <a@x.example>,1":          "column of its own",
		"\"a@x.example,b@x.example\",1": "one address a row",
		"mailto:a@x.example,1":          "leave out mailto:",
		"a@x.example,Ren\xe9":           "iconv",
		"a@x.example,1,2":               "put quotes around",
		"a@x.example, \"1,2\"":          "leave out the space",
		"a@x.example,\"1":               "close the quote",
		"a@x.example,\"a\"b":            "twice",
		"a@x.example,\"1\nb\",2":        "a quote may be missing its end",
	} {
		rows, err := readAll(strings.NewReader("email,n\n"+row+"\n"), Options{Name: "c.csv"})
		if err != nil || len(rows) != 1 || rows[0].Problem == nil {
			t.Errorf("%q: %v, %v", row, rows, err)
			continue
		}
		p := rows[0].Problem
		if !strings.HasPrefix(p.Error(), "c.csv:2: ") {
			t.Errorf("%q: %v", row, p)
		}
		if hints := strings.Join(delivery.Hints(p), "\n"); !strings.Contains(hints, want) {
			t.Errorf("%q: hints %q lack %q", row, hints, want)
		}
	}
}

func TestReaderNumbersAndCounts(t *testing.T) {
	const list = "email,n\na@x.example,1\n\nb@x.example,2\nbad\nc@x.example,3\n"
	r, err := NewReader(strings.NewReader(list), Options{Where: `n != 1`})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"email", "n"}, r.Columns()); diff != "" {
		t.Error(diff)
	}
	var numbers []int
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, row.Number)
	}
	if diff := cmp.Diff([]int{2, 3, 4}, numbers); diff != "" {
		t.Error(diff)
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("behind the end: %v", err)
	}
}
