package probe

import "slices"

// clone returns a result to which findings can be added while others use the
// original.
func (r Result) clone() Result {
	r.Findings = slices.Clone(r.Findings)
	return r
}

// Forget makes the prober look at every server anew.
func (p *Prober) Forget() {
	p.recent.forget()
	p.relayAnswered.Store(false)
}
