package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// shapes are what --receiver says about receivers, by name.
type shapes map[string]delivery.Shape

const hintReceiver = "write --receiver name=gmail,connections=10,messages=100,rate=50/s"

// parseShapes reads "name=gmail,connections=10,messages=100,rate=50/s". The name
// is a provider's or one that events show.
func parseShapes(texts []string) (shapes, error) {
	all := shapes{}
	for _, text := range texts {
		name, shape, err := parseShape(text)
		if err == nil && name == "" {
			err = errors.New("there is no name")
		}
		if err != nil {
			return nil, delivery.Hint(fmt.Errorf("invalid --receiver %q: %w", text, err), hintReceiver)
		}
		all[name] = shape
	}
	return all, nil
}

func parseShape(text string) (name string, shape delivery.Shape, err error) {
	for field := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(field, "=")
		value = strings.TrimSpace(value)
		switch key = strings.TrimSpace(key); key {
		case "name":
			name = value
		case "connections":
			shape.Connections, err = positive(value)
		case "messages":
			shape.Messages, err = positive(value)
		case "rate":
			shape.Rate, err = delivery.ParseRate(value)
		default:
			err = fmt.Errorf("%q is not known", key)
		}
		if err != nil {
			return name, shape, err
		}
	}
	return name, shape, nil
}

func positive(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is not a number from 1", text)
	}
	return n, nil
}

// receiver returns what is known of a receiver, with what the user knows better.
func (s shapes) receiver(destination string) delivery.Receiver {
	r := delivery.ReceiverFor(destination)
	r.Shape.Reactions = slices.Clone(r.Shape.Reactions)
	own, ok := s[destination]
	if !ok {
		short, _, _ := strings.Cut(destination, "~")
		own = s[short]
	}
	if own.Connections > 0 {
		r.Shape.Connections = own.Connections
	}
	if own.Messages > 0 {
		r.Shape.Messages = own.Messages
	}
	if !own.Rate.IsZero() {
		r.Shape.Rate = own.Rate
	}
	return r
}
