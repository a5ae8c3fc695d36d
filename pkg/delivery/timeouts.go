package delivery

import "time"

// Timeouts limit how long each step may take. Zero fields mean the defaults:
// those of RFC 5321 §4.5.3.2 where it names one.
type Timeouts struct {
	Connect  time.Duration // the TCP connection: 1 minute
	Greeting time.Duration // the first reply: 5 minutes
	Hello    time.Duration // EHLO or HELO: 5 minutes
	TLS      time.Duration // STARTTLS, and the handshake: 2 minutes each
	Auth     time.Duration // each step of AUTH: 2 minutes
	Mail     time.Duration // MAIL: 5 minutes
	Rcpt     time.Duration // each RCPT: 5 minutes
	Data     time.Duration // DATA, up to 354: 2 minutes
	Block    time.Duration // each block of the message that is written: 3 minutes
	Message  time.Duration // the reply to the final dot: 10 minutes
	Reset    time.Duration // RSET: 5 minutes
	Quit     time.Duration // QUIT: 5 seconds, for nothing depends on it
}

func (t Timeouts) orDefaults() Timeouts {
	for _, d := range []struct {
		field *time.Duration
		usual time.Duration
	}{
		{&t.Connect, time.Minute},
		{&t.Greeting, 5 * time.Minute},
		{&t.Hello, 5 * time.Minute},
		{&t.TLS, 2 * time.Minute},
		{&t.Auth, 2 * time.Minute},
		{&t.Mail, 5 * time.Minute},
		{&t.Rcpt, 5 * time.Minute},
		{&t.Data, 2 * time.Minute},
		{&t.Block, 3 * time.Minute},
		{&t.Message, 10 * time.Minute},
		{&t.Reset, 5 * time.Minute},
		{&t.Quit, 5 * time.Second},
	} {
		if *d.field <= 0 {
			*d.field = d.usual
		}
	}
	return t
}
