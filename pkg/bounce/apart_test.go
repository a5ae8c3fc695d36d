package bounce

import "testing"

func TestApart(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"来自anna@one.example的退信":                  "来自 anna@one.example 的退信",
		"anna@one.exampleへの配送と dora@two.example": "anna@one.example への配送と dora@two.example",
		"anna@one.example로 보낸":                   "anna@one.example 로 보낸",
		"到anna@one.example,dora@two.example":     "到 anna@one.example,dora@two.example",
		"用户@one.example":                         "用户@one.example",
		"anna@例子.公司":                             "anna@例子.公司",
		"anna@one.例子":                            "anna@one.例子",
		"jürgen@one.example":                     "jürgen@one.example",
		"没有@符号@":                                 "没有@符号@",
	} {
		if got := apart(text); got != want {
			t.Errorf("apart(%q) = %q, want %q", text, got, want)
		}
	}
}
