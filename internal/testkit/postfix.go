package testkit

import "testing"

// Postfix starts Postfix. It offers AUTH PLAIN, LOGIN and SCRAM-SHA-256 (Cyrus SASL).
// Where Postfix is missing or may not be run, the test is skipped, or fails in CI.
func Postfix(t testing.TB, opt MTAOptions) *MTA {
	t.Helper()
	m := newMTA(t)
	m.queue = []string{
		"/var/spool/postfix/maildrop", "/var/spool/postfix/incoming",
		"/var/spool/postfix/active", "/var/spool/postfix/deferred",
	}
	m.configure(opt, "main.cf", postfixMain)
	m.configure(opt, "master.cf", postfixMaster)
	m.configure(opt, "sasl/smtpd.conf", postfixSASL)
	m.configure(opt, "start", postfixStart)
	m.start()
	return m
}

const postfixMain = `
compatibility_level = 3.6
maillog_file = /run/mta/log/postfix
maillog_file_prefixes = /run/mta/log
myhostname = relay.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
local_transport = error:nothing is local
default_transport = smtp:[{{.NextHost}}]:{{.NextPort}}
smtp_bind_address = 127.0.0.1
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtp_tls_security_level = none
smtp_line_length_limit = 0
minimal_backoff_time = 1s
queue_run_delay = 1s
default_destination_concurrency_limit = 20
message_size_limit = 52428800
local_header_rewrite_clients =
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_tls_cert_file = /run/mta/cert.pem
smtpd_tls_key_file = /run/mta/key.pem
smtpd_tls_security_level = {{if .NoTLS}}none{{else}}may{{end}}
smtpd_tls_wrappermode = {{if .ImplicitTLS}}yes{{else}}no{{end}}
smtpd_tls_auth_only = {{if .NoTLS}}no{{else}}yes{{end}}
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = cyrus
smtpd_sasl_local_domain = relay.example
cyrus_sasl_config_path = /run/mta/sasl
smtpd_relay_restrictions = permit_sasl_authenticated, {{if .RequireAuth}}reject{{else}}permit_mynetworks, reject{{end}}
`

const postfixMaster = `
{{.Host}}:{{.Port}} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`

const postfixSASL = `
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: /var/lib/postfix/sasldb
mech_list: PLAIN LOGIN SCRAM-SHA-256
`

const postfixStart = `
install -d -o postfix /var/lib/postfix
printf %s '{{.Password}}' | saslpasswd2 -p -c -f /var/lib/postfix/sasldb -u relay.example '{{.User}}'
chown postfix /var/lib/postfix/sasldb
mkdir -p /var/spool/postfix/pid
cd /var/spool/postfix
install -d -m 700 -o postfix active bounce corrupt defer deferred flush hold incoming private saved trace
install -d -m 710 -o postfix -g postdrop public
install -d -m 730 -o postfix -g postdrop maildrop
exec /usr/lib/postfix/sbin/master -c /run/mta -s
`
