package spf

import (
	"context"
	"errors"
	"fmt"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// count takes one of the look-ups that a check may cost.
func (e *evaluation) count() error {
	if e.lookups++; e.lookups > MaxLookups {
		return ErrTooManyLookups
	}
	return nil
}

// countVoid takes one of the look-ups that may bring nothing. It is counted once
// for a term, however many questions the term asks: the RFC speaks of terms.
func (e *evaluation) countVoid() error {
	if e.void++; e.void > MaxVoidLookups {
		return ErrTooManyVoid
	}
	return nil
}

// ask puts one question and notes it.
func (e *evaluation) ask(ctx context.Context, asked *[]Asked, name string, qtype uint16) delivery.Answer {
	answer := e.resolver.Lookup(ctx, name, qtype)
	*asked = append(*asked, note(answer))
	return answer
}

func note(a delivery.Answer) Asked {
	asked := Asked{Name: a.Name, Type: delivery.TypeName(a.Type), Status: a.Status, Values: a.Names()}
	switch a.Type {
	case delivery.TypeTXT:
		asked.Values = a.Texts()
	case delivery.TypeMX:
		for _, mx := range a.MX() {
			asked.Values = append(asked.Values, mx.Host)
		}
	case delivery.TypeA, delivery.TypeAAAA:
		for _, addr := range a.Addrs() {
			asked.Values = append(asked.Values, addr.String())
		}
	}
	return asked
}

func lookupError(a delivery.Answer) error {
	return fmt.Errorf("%w: %s %s: %w", ErrLookup, delivery.TypeName(a.Type), a.Name, a.Err)
}

// outcomeOf is the outcome of a step that an error ended.
func outcomeOf(err error) StepOutcome {
	if errors.Is(err, ErrLookup) {
		return StepTempError
	}
	return StepPermError
}
