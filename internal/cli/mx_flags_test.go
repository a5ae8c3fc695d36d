package cli

import (
	"strconv"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/pkg/delivery"
)

func TestParseMX(t *testing.T) {
	t.Parallel()
	for text, port := range map[string]int{
		"mx:": 25, "MX:": 25, "mx:?port=2525": 2525,
		"mx": 0, "mx:?port=0": 0, "mx:?port=x": 0, "mx:?speed=1": 0, "mx:x.example": 0, "mx:?port=70000": 0,
	} {
		got, err := parseVia(text)
		if port == 0 {
			if err == nil || len(delivery.Hints(err)) == 0 {
				t.Errorf("%s: %+v, %v", text, got, err)
			}
			continue
		}
		if err != nil || got.kind != viaMX || got.port != port {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

func TestSources(t *testing.T) {
	t.Parallel()
	all, err := parseSources([]string{"192.0.2.1=3", " 192.0.2.2 ", "2001:db8::1 = 2"})
	if err != nil || len(all) != 3 || all[0].weight != 3 || all[1].weight != 1 || all[2].weight != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	for _, bad := range [][]string{{"x"}, {"192.0.2.1=0"}, {"192.0.2.1=x"}, {"192.0.2.1="}, {"192.0.2.1", "::ffff:192.0.2.1"}, {""}} {
		if _, err := parseSources(bad); err == nil || len(delivery.Hints(err)) == 0 {
			t.Errorf("%q was taken, or there is no hint: %v", bad, err)
		}
	}
	v4 := []delivery.Target{{Addr: all[0].addr}}
	if fit := all.fitting(v4); len(fit) != 2 {
		t.Errorf("%d addresses for IPv4, want 2", len(fit))
	}
	if fit := all[:2].fitting([]delivery.Target{{Addr: all[2].addr}}); len(fit) != 0 {
		t.Errorf("%d addresses for IPv6, want none", len(fit))
	}
	counts := make([]int, 3)
	for i := range 6000 {
		recipient := strings.Repeat("x", i%50) + string(rune('a'+i%26)) + "@" + string(rune(i))
		place := all.pick("campaign", recipient)
		if place != all.pick("campaign", recipient) {
			t.Fatal("not the same one again")
		}
		counts[place]++
	}
	if counts[0] < 2700 || counts[0] > 3300 || counts[1] < 800 || counts[1] > 1200 {
		t.Errorf("shares %v, want about 3000, 1000 and 2000", counts)
	}
}

func TestShapes(t *testing.T) {
	t.Parallel()
	s, err := parseShapes([]string{"name=gmail,connections=7,messages=9,rate=5/s", "connections=3, name=mx.x.example+1"})
	if err != nil {
		t.Fatal(err)
	}
	if shape := s.receiver("gmail").Shape; shape.Connections != 7 || shape.Messages != 9 || shape.Rate.String() != "5/s" || len(shape.Reactions) < 4 {
		t.Errorf("gmail: %+v", shape)
	}
	if shape := s.receiver("mx.x.example+1~abcdef").Shape; shape.Connections != 3 || shape.Messages != 100 {
		t.Errorf("mx.x.example+1: %+v", shape)
	}
	if shape := s.receiver("yahoo").Shape; shape.Messages != 20 {
		t.Errorf("yahoo: %+v", shape)
	}
	for _, bad := range []string{"connections=1", "name=x,connections=0", "name=x,rate=fast", "name=x,speed=1", "name=x,messages=-1", ""} {
		if _, err := parseShapes([]string{bad}); err == nil || len(delivery.Hints(err)) == 0 {
			t.Errorf("%q was taken, or there is no hint: %v", bad, err)
		}
	}
}

func FuzzParseSources(f *testing.F) {
	for _, seed := range []string{"192.0.2.1", "192.0.2.1=3", "::1=2", "x=1", "=", "192.0.2.1=-1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := parseSources([]string{text})
		if err != nil {
			return
		}
		printed := all[0].addr.String() + "=" + strconv.Itoa(all[0].weight)
		again, err := parseSources([]string{printed})
		if err != nil || again[0] != all[0] {
			t.Fatalf("%q was read as %+v, printed %q and read again as %+v, %v", text, all, printed, again, err)
		}
	})
}
