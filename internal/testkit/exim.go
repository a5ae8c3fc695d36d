package testkit

import "testing"

// Exim starts Exim. It offers AUTH PLAIN and LOGIN.
// Where Exim is missing or may not be run, the test is skipped, or fails in CI.
func Exim(t testing.TB, opt MTAOptions) *MTA {
	t.Helper()
	m := newMTA(t)
	m.queue = []string{"/var/spool/exim/input"}
	m.configure(opt, "exim.conf", eximConfig)
	m.configure(opt, "start", eximStart)
	m.start()
	return m
}

const eximConfig = `
keep_environment =
exim_user = Debian-exim
exim_group = Debian-exim
deliver_drop_privilege
exim_path = /usr/sbin/exim4
spool_directory = /var/spool/exim
log_file_path = /run/mta/log/%slog
primary_hostname = relay.example
local_interfaces = {{.Host}}
daemon_smtp_ports = {{.Port}}
{{if .ImplicitTLS}}tls_on_connect_ports = {{.Port}}{{end}}
tls_advertise_hosts = {{if not .NoTLS}}*{{end}}
tls_certificate = /run/mta/cert.pem
tls_privatekey = /run/mta/key.pem
auth_advertise_hosts = {{if .NoTLS}}*{{else}}${if def:tls_in_cipher{*}}{{end}}
smtputf8_advertise_hosts = *
message_size_limit = 50M
smtp_accept_max = 200
smtp_accept_max_per_connection = 0
smtp_accept_queue_per_connection = 0
host_lookup =
acl_smtp_connect = connect
acl_smtp_rcpt = recipient

begin acl
connect:
  accept control = dkim_disable_verify
recipient:
{{if .RequireAuth}}  require authenticated = *
{{end}}  accept

begin routers
onward:
  driver = manualroute
  transport = onward
  route_list = * {{.NextHost}}
  self = send

begin transports
onward:
  driver = smtp
  port = {{.NextPort}}
  allow_localhost
  hosts_avoid_tls = *
  message_linelength_limit = 1000000

begin retry
* * F,1h,1s

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${if and{ {eq{$auth2}{{"{"}}{{.User}}}} {eq{$auth3}{{"{"}}{{.Password}}}} }}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${if and{ {eq{$auth1}{{"{"}}{{.User}}}} {eq{$auth2}{{"{"}}{{.Password}}}} }}
  server_set_id = $auth1
`

const eximStart = `
install -d -o Debian-exim -g Debian-exim /var/spool/exim /var/spool/exim/input
exec exim4 -C /run/mta/exim.conf -bdf
`
