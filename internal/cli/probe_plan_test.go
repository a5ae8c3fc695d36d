package cli

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/probe"
)

func TestProbeRequest(t *testing.T) {
	tests := []struct {
		text string
		want probe.Request
	}{
		{"example.com", probe.Request{Name: "example.com"}},
		{"example.com:2525", probe.Request{Name: "example.com", Ports: []int{2525}, Host: true}},
		{"bücher.example", probe.Request{Name: "bücher.example"}},
		{"192.0.2.1", probe.Request{Name: "192.0.2.1"}},
		{"192.0.2.1:25", probe.Request{Name: "192.0.2.1", Ports: []int{25}, Host: true}},
		{"2001:db8::1", probe.Request{Name: "2001:db8::1"}},
		{"[2001:db8::1]", probe.Request{Name: "[2001:db8::1]"}},
		{"[2001:db8::1]:465", probe.Request{Name: "2001:db8::1", Ports: []int{465}, Host: true}},
		{"smtp://mx.example.com", probe.Request{Name: "mx.example.com", Ports: []int{25}, Host: true}},
		{"SMTPS://mx.example.com/", probe.Request{Name: "mx.example.com", Ports: []int{465}, Host: true, Service: probe.ServiceSubmissions}},
		{"smtps://mx.example.com:4465", probe.Request{Name: "mx.example.com", Ports: []int{4465}, Host: true, Service: probe.ServiceSubmissions}},
	}
	for _, test := range tests {
		got, err := new(probePlan).request(test.text)
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%q: %v\n%s", test.text, err, diff)
		}
	}
	for _, text := range []string{"", "a b", "example.com:", "example.com:0", "example.com:65536", "example.com:-1", "me@example.com", "http://example.com", "smtp://", "*.example.com", "a..b"} {
		if got, err := new(probePlan).request(text); err == nil {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// What was read prints as something that reads the same.
func FuzzProbeRequest(f *testing.F) {
	for _, seed := range []string{"example.com", "mx.example.com:25", "[::1]:465", "smtps://mx.example.com", "smtp://192.0.2.1:2525", "::1", "a@b", "x:y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := new(probePlan).request(text)
		if err != nil {
			return
		}
		again := got.Name
		if len(got.Ports) > 0 {
			again = net.JoinHostPort(strings.Trim(got.Name, "[]"), strconv.Itoa(got.Ports[0]))
		}
		if got.Service != "" {
			again = "smtps://" + again
		}
		second, err := new(probePlan).request(again)
		if err != nil || strings.Trim(second.Name, "[]") != strings.Trim(got.Name, "[]") || !slices.Equal(second.Ports, got.Ports) || second.Service != got.Service {
			t.Fatalf("%q prints as %q: %+v %+v %v", text, again, got, second, err)
		}
	})
}
