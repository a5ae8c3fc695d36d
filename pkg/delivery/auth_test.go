package delivery_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// authOpening is a server that offers mechanisms on an unprotected connection.
func authOpening(mechanisms string) string {
	return "> 220 mx.example\n< EHLO *\n> 250-mx.example\n> 250 AUTH " + mechanisms + "\n"
}

func login(a delivery.Auth) setting {
	return func(_ *delivery.Target, opt *delivery.Options) { opt.Auth, opt.AllowPlaintextAuth = &a, true }
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestAuth(t *testing.T) {
	password := delivery.Auth{User: "me", Password: "secret"}
	token := delivery.Auth{User: "me", Token: "ya29"}
	long := strings.Repeat("x", 400)
	tests := []struct {
		name, script string
		auth         delivery.Auth
		err          error
		reply        string
	}{
		{
			"PLAIN", authOpening("LOGIN PLAIN") + "< AUTH PLAIN " + b64("\x00me\x00secret") + "\n> 235 2.7.0 ok",
			password, nil, "",
		},
		{
			"PLAIN in two steps", authOpening("PLAIN") + "< AUTH PLAIN\n> 334 \n< " + b64("\x00me\x00"+long) + "\n> 235 ok",
			delivery.Auth{User: "me", Password: long},
			nil, "",
		},
		{
			"LOGIN", authOpening("LOGIN") + "< AUTH LOGIN\n> 334 VXNlcm5hbWU6\n< bWU=\n> 334 UGFzc3dvcmQ6\n< c2VjcmV0\n> 235 ok",
			password, nil, "",
		},
		{
			"forced", authOpening("PLAIN LOGIN") + "< AUTH LOGIN\n> 334 \n< bWU=\n> 334 \n< c2VjcmV0\n> 235 ok",
			delivery.Auth{Mechanism: "login", User: "me", Password: "secret"},
			nil, "",
		},
		{
			"old form", "> 220 hi\n< EHLO *\n> 250-mx\n> 250 AUTH=PLAIN\n< AUTH PLAIN *\n> 235 ok",
			password, nil, "",
		},
		{
			"XOAUTH2", authOpening("PLAIN XOAUTH2") + "< AUTH XOAUTH2 " + b64("user=me\x01auth=Bearer ya29\x01\x01") + "\n> 235 ok",
			token, nil, "",
		},
		{
			"XOAUTH2 refused", authOpening("XOAUTH2") + "< AUTH XOAUTH2 *\n> 334 " + b64(`{"status":"400"}`) + "\n< \n> 535 5.7.8 no",
			token, delivery.ErrAuthFailed, "535 5.7.8 no",
		},
		{
			"wrong", authOpening("PLAIN") + "< AUTH PLAIN *\n> 535 5.7.8 secret is not right\n! eof",
			password, delivery.ErrAuthFailed, "535 5.7.8 *** is not right",
		},
		{
			"repeated in base64", authOpening("PLAIN") + "< AUTH PLAIN *\n> 501 c2VjcmV0 ya29\n! eof",
			password, delivery.ErrAuthFailed, "501 *** ya29",
		},
		{"not now", authOpening("PLAIN") + "< AUTH PLAIN *\n> 454 4.7.0 try later\n! eof", password, delivery.ErrRefused, "454 4.7.0 try later"},
		{"out of turn", authOpening("PLAIN") + "< AUTH PLAIN *\n> 250 ok\n! eof", password, delivery.ErrUnexpectedReply, ""},
		{"closed", authOpening("PLAIN") + "< AUTH PLAIN *\n! close", password, delivery.ErrServerClosed, ""},
		{"none offered", plainOpening + "! eof", password, delivery.ErrNoAuth, ""},
		{"none in common", authOpening("CRAM-MD5 GSSAPI") + "! eof", password, delivery.ErrNoAuth, ""},
		{"token without XOAUTH2", authOpening("PLAIN") + "! eof", token, delivery.ErrNoAuth, ""},
		{"unknown forced", authOpening("CRAM-MD5") + "! eof", delivery.Auth{Mechanism: "CRAM-MD5"}, delivery.ErrNoAuth, ""},
		{
			"PLAIN goes on", authOpening("PLAIN") + "< AUTH PLAIN *\n> 334 \n< *\n> 501 cancelled",
			password, delivery.ErrAuthFailed, "",
		},
		{
			"LOGIN goes on", authOpening("LOGIN") + "< AUTH LOGIN\n> 334 \n< bWU=\n> 334 \n< c2VjcmV0\n> 334 \n< *\n> 501 cancelled",
			password, delivery.ErrAuthFailed, "",
		},
		{
			"not base64", authOpening("LOGIN") + "< AUTH LOGIN\n> 334 ?\n< *\n> 501 cancelled",
			password, delivery.ErrAuthFailed, "",
		},
		{
			"endless", authOpening("XOAUTH2") + "< AUTH XOAUTH2 *\n" + strings.Repeat("> 334 \n< \n", 15) + "> 334 \n! eof",
			token, delivery.ErrAuthFailed, "",
		},
		{"NUL", authOpening("PLAIN") + "! eof", delivery.Auth{User: "me", Password: "a\x00b"}, delivery.ErrUnsafeArgument, ""},
		{"control", authOpening("XOAUTH2") + "! eof", delivery.Auth{User: "me", Token: "a\x01b"}, delivery.ErrUnsafeArgument, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			script := test.script
			if test.err == nil {
				script += "\n< QUIT\n> 221 bye"
			}
			_, _, err := open(t, nil, script, login(test.auth))
			if test.err == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantFailure(t, err, delivery.StageAuth, test.err, test.reply)
			if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "c2VjcmV0") {
				t.Errorf("the error %q tells the password", err)
			}
		})
	}
}

func TestAuthNeedsVerifiedTLS(t *testing.T) {
	ca := testkit.NewCA(t)
	auth := func(_ *delivery.Target, opt *delivery.Options) {
		opt.Auth = &delivery.Auth{User: "me", Password: "secret"}
	}
	unverified := ca.ClientTLS()
	unverified.InsecureSkipVerify = true
	for _, s := range []delivery.Security{delivery.SecurityNone, delivery.SecurityOpportunistic} {
		dialer := func(_ *delivery.Target, opt *delivery.Options) {
			opt.Dialer = dialFunc(func() { t.Error("a connection is made") })
		}
		_, _, err := open(t, nil, "! eof", security(s), auth, dialer)
		wantFailure(t, err, delivery.StageAuth, delivery.ErrAuthWithoutTLS, "")
		if len(delivery.Hints(err)) == 0 {
			t.Error("no hint")
		}
	}
	config := testkit.ServerTLS(ca.Valid(t, "mx.example"))
	script := "! tls\n" + authOpening("PLAIN")
	_, _, err := open(t, config, script+"! eof", security(delivery.SecurityTLS), trust(unverified), auth)
	wantFailure(t, err, delivery.StageAuth, delivery.ErrAuthWithoutTLS, "")

	_, _, err = open(t, config, script+"< AUTH PLAIN *\n> 235 ok\n< QUIT\n> 221 bye",
		security(delivery.SecurityTLS), trust(ca.ClientTLS()), auth)
	if err != nil {
		t.Error(err)
	}
}

func TestAuthHidesSecrets(t *testing.T) {
	a := delivery.Auth{User: "me", Password: "hunter2", Token: "ya29"}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "auth", a, "pointer", &a)
	shown := log.String() + a.String() + fmt.Sprintf("%v %+v %#v %s %v %+v", a, a, a, a, &a, delivery.Options{Auth: &a})
	if strings.Contains(shown, "hunter2") || strings.Contains(shown, "ya29") || !strings.Contains(shown, "me") {
		t.Errorf("shown is %q", shown)
	}
}

func TestAuthNoMechanismText(t *testing.T) {
	_, _, err := open(t, nil, authOpening("GSSAPI NTLM")+"! eof", login(delivery.Auth{User: "me"}))
	if want := "the server offers GSSAPI, NTLM, wanted is SCRAM-SHA-256, PLAIN, LOGIN"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
	if !errors.Is(err, delivery.ErrNoAuth) {
		t.Error(err)
	}
}
