package list

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestDecodeFields(t *testing.T) {
	for text, want := range map[string]map[string]any{
		`{}`:                               {},
		"\n{ \"a\" : 1 , \"b\":[\t] }\r\n": {"a": int64(1), "b": []any{}},
		`{"a":"","b":"x\"\\\/\b\f\n\r\tA\u00e9\ud83d\ude00"}`:       {"a": "", "b": "x\"\\/\b\f\n\r\tAé😀"},
		`{"t":true,"f":false,"n":null}`:                             {"t": true, "f": false, "n": nil},
		`{"a":[1,[2,{"b":{}}]],"":"é"}`:                             {"a": []any{int64(1), []any{int64(2), map[string]any{"b": map[string]any{}}}}, "": "é"},
		`{"a":-0,"b":9223372036854775807,"c":-9223372036854775808}`: {"a": int64(0), "b": int64(math.MaxInt64), "c": int64(math.MinInt64)},
		`{"a":9223372036854775808,"b":1e999}`:                       {"a": "9223372036854775808", "b": "1e999"},
		`{"a":3.0,"b":1e3,"c":-0.5E-1,"d":0.1}`:                     {"a": 3.0, "b": 1000.0, "c": -0.05, "d": 0.1},
		"{\"a\":\"\x7f\u2028\"}":                                    {"a": "\x7f\u2028"},
	} {
		got, err := DecodeFields([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

func TestDecodeFieldsRefuses(t *testing.T) {
	for _, text := range []string{
		``, ` `, `1`, `"a"`, `[]`, `null`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{a:1}`, `{"a" 1}`, `{"a":1 "b":2}`, `{}{}`, `{} x`,
		`{"a":01}`, `{"a":+1}`, `{"a":-}`, `{"a":1.}`, `{"a":.5}`, `{"a":1e}`, `{"a":0x1}`, `{"a":NaN}`, `{"a":Infinity}`, `{"a":truth}`, `{"a":tru`,
		`{"a":"x`, `{"a":"\`, `{"a":"\x"}`, `{"a":"\u12"}`, `{"a":"\u12g4"}`, `{"a":"\u+123"}`, `{"a":"\ud800"}`, `{"a":"\ud800\u0041"}`, `{"a":"\udc00"}`, `{"a":"\ud800\n"}`,
		"{\"a\":\"\n\"}", "{\"a\":\"\x00\"}", "{\"a\":\"\xff\"}", `{"a":[1,]}`, `{"a":[1 2]}`, `{"a":[`, `{"a":1,"a":1}`, `{"a":{"b":1,"b":2}}`, "\ufeff{}",
		`{"a":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`,
		`{"a":` + strings.Repeat(`{"a":`, 100_000),
		`{"a":[` + strings.Repeat("1,", maxValues) + `1]}`,
	} {
		if got, err := DecodeFields([]byte(text)); !errors.Is(err, ErrJSON) || got != nil {
			t.Errorf("%.50q: %v, %v", text, got, err)
		}
	}
}

func TestEncodeFields(t *testing.T) {
	for want, fields := range map[string]map[string]any{
		`{}`: nil,
		`{"":null,"A":true,"a":"é<&>","b":-3,"c":3.0,"d":1e+21,"e":[],"f":[1,{"x":{}}],"g":7}`: {
			"g": 7, "f": []any{int64(1), map[string]any{"x": map[string]any{}}}, "e": []any(nil), "d": 1e21, "c": 3.0, "b": int64(-3), "a": "é<&>", "A": true, "": nil,
		},
		`{"\"k\\":"\u0000\b\u001f\n\"\\/` + "\x7f" + `"}`: {`"k\`: "\x00\b\x1f\n\"\\/\x7f"},
	} {
		got, err := EncodeFields(fields)
		if err != nil || string(got) != want {
			t.Errorf("%s, %v; want %s", got, err, want)
		}
	}
}

func TestEncodeFieldsRefuses(t *testing.T) {
	loop := map[string]any{}
	loop["loop"] = []any{loop}
	for name, value := range map[string]any{
		"NaN": math.NaN(), "infinity": math.Inf(-1), "a type": struct{}{}, "a typed list": []string{"x"}, "not UTF-8": "\xff", "without end": loop,
	} {
		if got, err := EncodeFields(map[string]any{"x": value}); !errors.Is(err, ErrFields) || got != nil {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	if _, err := EncodeFields(map[string]any{"\xff": 1}); !errors.Is(err, ErrFields) {
		t.Error(err)
	}
}

// values makes anything that fields can hold.
func values(depth int) *rapid.Generator[any] {
	kinds := []*rapid.Generator[any]{
		rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.String().AsAny(), rapid.Int64().AsAny(), rapid.Float64().AsAny(),
	}
	if depth > 0 {
		kinds = append(kinds,
			rapid.SliceOfN(values(depth-1), 0, 4).AsAny(),
			rapid.MapOfN(rapid.String(), values(depth-1), 0, 4).AsAny())
	}
	return rapid.OneOf(kinds...)
}

func TestFieldsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fields := rapid.MapOfN(rapid.String(), values(3), 0, 6).Draw(t, "fields")
		text, err := EncodeFields(fields)
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeFields(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if diff := cmp.Diff(fields, again); diff != "" {
			t.Fatalf("%s: %s", text, diff)
		}
	})
}

// FuzzFields reads any text as encoding/json does, or refuses it for a reason
// encoding/json does not know, and writes what it read so that it reads the same.
func FuzzFields(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"email":"a@x.example","n":12,"f":1.50,"big":12345678901234567890,"ok":true,"none":null}`, `{"a":[1,"x",{"b":[]}]}`,
		`{"s":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud800"}`, `{"a":1,"a":2}`, ` { "a" : -0.0e+1 } `, "{\"\xff\":1}", `{"a":`, `[1]`, `{"a":1}}`, `{"a":1e999}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		fields, err := DecodeFields(text)
		other, object, otherErr := unmarshal(text)
		if err != nil {
			if !errors.Is(err, ErrJSON) || otherErr == nil && object && !stricter(text, err) {
				t.Fatal(err)
			}
			return
		}
		if otherErr != nil {
			t.Fatalf("only encoding/json refuses: %v", otherErr)
		}
		if diff := cmp.Diff(other, any(fields)); diff != "" {
			t.Fatalf("encoding/json reads other values: %s", diff)
		}
		once, err := EncodeFields(fields)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(once) {
			t.Fatalf("not valid JSON: %q", once)
		}
		again, err := DecodeFields(once)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(fields, again); diff != "" {
			t.Fatal(diff)
		}
	})
}

// stricter reports whether a text may be refused although encoding/json reads it.
func stricter(text []byte, err error) bool {
	return errors.Is(err, errKeyTwice) || !utf8.Valid(text) || bytes.Contains(bytes.ToLower(text), []byte(`\ud`)) ||
		bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) > maxDepth || bytes.Count(text, []byte(",")) >= maxValues/2
}

// unmarshal reads a text with encoding/json, and its numbers as documented, and
// reports whether it is an object.
func unmarshal(text []byte) (value any, object bool, err error) {
	if !json.Valid(text) {
		return nil, false, errors.New("not valid")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return nil, false, err
	}
	_, object = value.(map[string]any)
	return numbersOf(value), object, nil
}

// numbersOf turns json.Number into what DecodeFields makes of numbers.
func numbersOf(value any) any {
	switch v := value.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		if f, err := v.Float64(); err == nil && strings.ContainsAny(v.String(), ".eE") {
			return f
		}
		return v.String()
	case []any:
		for i := range v {
			v[i] = numbersOf(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = numbersOf(v[key])
		}
	}
	return value
}
