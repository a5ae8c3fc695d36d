package delivery_test

import (
	"strings"
	"testing"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// TestAuthRedacts has servers repeat what they were told, in every way that gives
// the credentials away.
func TestAuthRedacts(t *testing.T) {
	const secret, tokenText = "correct horse", "ya29.a0AfH6SMBx"
	password := delivery.Auth{User: "me", Password: secret}
	forced := delivery.Auth{Mechanism: "LOGIN", User: "me", Password: secret}
	token := delivery.Auth{User: "me", Token: tokenText}
	plain := b64("\x00me\x00" + secret)
	bearer := b64("user=me\x01auth=Bearer " + tokenText + "\x01\x01")
	tests := []struct {
		name, script string
		auth         delivery.Auth
		cause        error
		reply        string
	}{
		{
			"PLAIN", authOpening("PLAIN") + "< AUTH PLAIN *\n> 535 5.7.8 unknown command AUTH PLAIN " + plain,
			password, delivery.ErrAuthFailed, "535 5.7.8 unknown command AUTH PLAIN ***",
		},
		{
			"PLAIN without padding", authOpening("PLAIN") + "< AUTH PLAIN *\n> 501 " + strings.TrimRight(plain, "="),
			password, delivery.ErrAuthFailed, "501 ***",
		},
		{
			"PLAIN cut short", authOpening("PLAIN") + "< AUTH PLAIN *\n> 501 " + plain[:len(plain)-7] + "... is wrong",
			password, delivery.ErrAuthFailed, "501 ***... is wrong",
		},
		{
			"PLAIN over lines", authOpening("PLAIN") + "< AUTH PLAIN *\n> 535-no user me with " + secret + "\n> 535 or " + b64(secret),
			password, delivery.ErrAuthFailed, "535 no user me with *** or ***",
		},
		{
			"PLAIN decoded", authOpening("PLAIN") + "< AUTH PLAIN *\n! raw \"535 \\x00me\\x00" + secret + "\\r\\n\"",
			password, delivery.ErrAuthFailed, "535 \ufffdme\ufffd***",
		},
		{
			"PLAIN out of turn", authOpening("PLAIN") + "< AUTH PLAIN *\n> 250 " + plain,
			password, delivery.ErrUnexpectedReply, "",
		},
		{
			"PLAIN not in a reply", authOpening("PLAIN") + "< AUTH PLAIN *\n> AUTH PLAIN " + plain,
			password, delivery.ErrMalformedReply, "",
		},
		{
			"PLAIN inside a reply", authOpening("PLAIN") + "< AUTH PLAIN *\n> 535-no\n> " + secret,
			password, delivery.ErrMalformedReply, "",
		},
		{
			"LOGIN", authOpening("LOGIN") + "< AUTH LOGIN\n> 334 \n< *\n> 334 \n< *\n> 535 " + b64(secret) + " " + secret,
			forced, delivery.ErrAuthFailed, "535 *** ***",
		},
		{
			"LOGIN refused late", authOpening("LOGIN") + "< AUTH LOGIN\n> 334 \n< *\n> 334 \n< *\n> 454 4.7.0 " + secret,
			forced, delivery.ErrRefused, "454 4.7.0 ***",
		},
		{
			"LOGIN cancelled", authOpening("LOGIN") + "< AUTH LOGIN\n> 334 \n< *\n> 334 \n< *\n> 334 " + b64(secret) + "\n< *\n> 501 " + secret,
			forced, delivery.ErrAuthFailed, "",
		},
		{
			"XOAUTH2", authOpening("XOAUTH2") + "< AUTH XOAUTH2 *\n> 535 5.7.8 " + bearer + " " + tokenText + " " + b64(tokenText),
			token, delivery.ErrAuthFailed, "535 5.7.8 *** *** ***",
		},
		{
			"XOAUTH2 cut short", authOpening("XOAUTH2") + "< AUTH XOAUTH2 *\n> 535 token " + tokenText[:10] + " expired",
			token, delivery.ErrAuthFailed, "535 token *** expired",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var shown strings.Builder
			trace := func(_ *delivery.Target, opt *delivery.Options) {
				opt.Trace = func(e delivery.TraceEvent) { shown.WriteString(e.Text + "\n") }
			}
			_, _, err := open(t, nil, test.script+"\n! eof", login(test.auth), trace)
			wantFailure(t, err, delivery.StageAuth, test.cause, test.reply)
			shown.WriteString(err.Error())
			for _, hidden := range []string{secret, b64(secret)[:8], tokenText[:8], b64(tokenText)[:8], plain[:8], bearer[:8]} {
				if strings.Contains(shown.String(), hidden) {
					t.Errorf("%q is in\n%s", hidden, &shown)
				}
			}
		})
	}
}

// TestAuthRedactsOnlyWhileItLasts holds that a password that is a common word
// does not change what later replies say.
func TestAuthRedactsOnlyWhileItLasts(t *testing.T) {
	session, _ := opened(t, authOpening("PLAIN")+"< AUTH PLAIN *\n> 235 ok\n< RSET\n> 550 mailbox full\n! eof",
		login(delivery.Auth{User: "me", Password: "mailbox"}))
	wantFailure(t, session.Reset(t.Context()), delivery.StageReset, delivery.ErrRefused, "550 mailbox full")
}
