package taglist

import (
	"strings"
	"testing"
)

func TestBegins(t *testing.T) {
	for text, want := range map[string]bool{
		"v=STSv1;": true, "v=STSv1 \t; id=1": true, "v=STSv1": false, "v=STSv12;": false, " v=STSv1;": false, "V=STSv1;": false, "": false,
	} {
		if got := Begins(text, "v=STSv1"); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

func TestFields(t *testing.T) {
	for text, want := range map[string]struct{ extension, spaced bool }{
		"a=b":                          {true, false},
		"a.b-c_9=!~":                   {true, false},
		"a = b":                        {true, true},
		"a= b":                         {true, true},
		"a":                            {false, false},
		"a=":                           {false, false},
		"=b":                           {false, false},
		"_a=b":                         {false, false},
		"a=b=c":                        {false, false},
		"a=b c":                        {false, false},
		"a=\x7f":                       {false, false},
		"ä=b":                          {false, false},
		strings.Repeat("a", 32) + "=b": {true, false},
		strings.Repeat("a", 33) + "=b": {false, false},
	} {
		tag := Parse(text)[0]
		if tag.IsExtension() != want.extension || tag.Spaced() != want.spaced {
			t.Errorf("%q: extension %t, spaced %t", text, tag.IsExtension(), tag.Spaced())
		}
	}
}
