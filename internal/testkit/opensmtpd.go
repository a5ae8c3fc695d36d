package testkit

import "testing"

// OpenSMTPD starts OpenSMTPD. It offers AUTH PLAIN and LOGIN, and AUTH only
// inside TLS, whatever the options say.
// Where OpenSMTPD is missing or may not be run, the test is skipped, or fails in CI.
func OpenSMTPD(t testing.TB, opt MTAOptions) *MTA {
	t.Helper()
	m := newMTA(t)
	m.queue = []string{"/var/spool/smtpd/incoming", "/var/spool/smtpd/queue"}
	m.configure(opt, "smtpd.conf", opensmtpdConfig)
	m.configure(opt, "start", opensmtpdStart)
	m.start()
	return m
}

const opensmtpdConfig = `
pki relay.example cert "/run/mta/cert.pem"
pki relay.example key "/var/key.pem"
table logins { "{{.User}}" = "{{.PasswordHash}}" }
smtp max-message-size 50M
smtp limit max-mails 1000000
mta limit conn-delay-route 0
mta limit session-mail-max 1000000
listen on {{.Host}} port {{.Port}} hostname relay.example
{{- if not .NoTLS}} {{if .ImplicitTLS}}smtps{{else}}tls{{end}} pki relay.example auth{{if not .RequireAuth}}-optional{{end}} <logins>{{end}}
action "onward" relay helo relay.example host smtp://{{.NextHost}}:{{.NextPort}}
match {{if .RequireAuth}}auth {{end}}from any for any action "onward"
`

const opensmtpdStart = `
mkdir -p /var/spool/smtpd /var/lib/opensmtpd/empty
chmod 711 /var/spool/smtpd
install -m 600 /run/mta/key.pem /var/key.pem
exec smtpd -d -f /run/mta/smtpd.conf
`
