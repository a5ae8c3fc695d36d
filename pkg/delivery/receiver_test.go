package delivery

import (
	"strings"
	"testing"
)

func TestReactions(t *testing.T) {
	for _, r := range receivers() {
		for _, x := range ReceiverFor(r.Name).Shape.Reactions {
			if x.Name == "" || x.Do == "" || x.Source == "" || x.Date == "" || (len(x.Reasons)+len(x.Codes)+len(x.Marks) == 0) {
				t.Errorf("%s: incomplete reaction %+v", r.Name, x)
			}
			for _, mark := range x.Marks {
				if mark != strings.ToLower(mark) {
					t.Errorf("%s: mark %q is not in lower case", r.Name, mark)
				}
			}
		}
	}
}
