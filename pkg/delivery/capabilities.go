package delivery

import (
	"slices"
	"strconv"
	"strings"
)

// Capabilities are what a server offers in its reply to EHLO (RFC 5321 §4.1.1.1).
type Capabilities struct {
	// Name is what the server calls itself; empty when it does not say.
	Name string
	// Extended is false for a server that only knows HELO; then nothing is offered.
	Extended bool
	// Keywords maps each keyword in upper case to its parameters as they were sent.
	Keywords map[string]string

	Pipelining    bool // RFC 2920
	EightBitMIME  bool // RFC 6152
	SMTPUTF8      bool // RFC 6531
	DSN           bool // RFC 3461
	Chunking      bool // RFC 3030
	StartTLS      bool // RFC 3207
	EnhancedCodes bool // RFC 2034

	// Size is the most octets of a message (RFC 1870); 0 when there is no limit or
	// none is known.
	Size int64
	// Auth lists the SASL mechanisms in upper case, in the server's order (RFC 4954).
	Auth []string
	// Limits are those of RFC 9422.
	Limits ServerLimits
}

// ServerLimits are what a server allows on one connection and in one message (RFC
// 9422 §4). Zero means that it does not say.
type ServerLimits struct {
	MailMax       int // messages on a connection
	RcptMax       int // recipients of a message
	RcptDomainMax int // domains among the recipients of a connection
}

// parseCapabilities reads the lines of a reply to EHLO.
func parseCapabilities(lines []string) Capabilities {
	c := Capabilities{Extended: true, Keywords: map[string]string{}}
	for i, line := range lines {
		keyword, params, _ := strings.Cut(line, " ")
		if i == 0 {
			c.Name = keyword
			continue
		}
		// Servers older than RFC 2554 wrote "AUTH=LOGIN".
		if name, mechanisms, ok := strings.Cut(keyword, "="); ok && strings.EqualFold(name, "AUTH") {
			keyword, params = name, mechanisms+" "+params
		}
		if keyword != "" {
			c.add(strings.ToUpper(keyword), strings.TrimSpace(params))
		}
	}
	return c
}

// add takes one keyword in.
func (c *Capabilities) add(keyword, params string) {
	if _, ok := c.Keywords[keyword]; !ok {
		c.Keywords[keyword] = params
	}
	switch keyword {
	case "PIPELINING":
		c.Pipelining = true
	case "8BITMIME":
		c.EightBitMIME = true
	case "SMTPUTF8":
		c.SMTPUTF8 = true
	case "DSN":
		c.DSN = true
	case "CHUNKING":
		c.Chunking = true
	case "STARTTLS":
		c.StartTLS = true
	case "ENHANCEDSTATUSCODES":
		c.EnhancedCodes = true
	case "SIZE":
		if size, err := strconv.ParseInt(params, 10, 64); err == nil && size > 0 {
			c.Size = size
		}
	case "AUTH":
		for mechanism := range strings.FieldsSeq(strings.ToUpper(params)) {
			if !slices.Contains(c.Auth, mechanism) {
				c.Auth = append(c.Auth, mechanism)
			}
		}
	case "LIMITS":
		c.Limits = parseServerLimits(params)
	}
}

// parseServerLimits reads the parameters of LIMITS, ignoring what it does not know.
func parseServerLimits(params string) ServerLimits {
	var limits ServerLimits
	for param := range strings.FieldsSeq(params) {
		name, value, _ := strings.Cut(param, "=")
		n, err := strconv.Atoi(value)
		if err != nil || n <= 0 {
			continue
		}
		switch strings.ToUpper(name) {
		case "MAILMAX":
			limits.MailMax = n
		case "RCPTMAX":
			limits.RcptMax = n
		case "RCPTDOMAINMAX":
			limits.RcptDomainMax = n
		}
	}
	return limits
}
