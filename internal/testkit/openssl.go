package testkit

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// OpenSSLOptions say what an OpenSSL server is like.
type OpenSSLOptions struct {
	// Certs are its certificates, with what they bring as their chain: one, or two
	// of different kinds of key. None means one of the server's own CA with a P-256
	// key for the address.
	Certs []tls.Certificate
	// Args are further arguments of openssl s_server, such as "-tls1_2", "-cipher"
	// and "ALL:@SECLEVEL=0". Without the security level 0, Debian's OpenSSL 3 speaks
	// neither TLS 1.0 and 1.1 nor with RSA keys of less than 2048 bits.
	Args []string
	// ImplicitTLS starts with TLS (RFC 8314); otherwise STARTTLS comes first.
	ImplicitTLS bool
}

// An OpenSSL server speaks SMTP, and its TLS is that of openssl s_server. Inside
// TLS it answers EHLO with SIZE, 8BITMIME and AUTH PLAIN, and takes no mail.
// It serves one client after the other; a client that leaves without waiting for
// the reply to its last command may leave that to the next one.
type OpenSSL struct {
	Addr   string // where it listens, "127.0.0.1:port"
	CA     *CA    // who signed its certificate, when that was not given
	CAFile string // the same as a PEM file

	opt     OpenSSLOptions
	backend string // where s_server listens
}

// OpenSSLServer starts openssl s_server and an SMTP server in front of it.
// Both end with the test. Where openssl is missing, the test is skipped, or fails in CI.
func OpenSSLServer(t testing.TB, opt OpenSSLOptions) *OpenSSL {
	t.Helper()
	program := Program(t, "openssl")
	host := randomLoopback()
	s := &OpenSSL{CA: NewCA(t), opt: opt, backend: net.JoinHostPort(host, "4433")}
	folder := t.TempDir()
	s.CAFile = writeFile(t, folder, "ca.pem", string(s.CA.PEM()))
	certs := opt.Certs
	if len(certs) == 0 {
		certs = []tls.Certificate{s.CA.Valid(t, "127.0.0.1")}
	}
	args := []string{"s_server", "-accept", s.backend}
	for i, cert := range certs {
		prefix := []string{"-", "-d"}[i]
		chain := writeFile(t, folder, prefix+"chain.pem", chainPEM(t, cert))
		key := writeFile(t, folder, prefix+"key.pem", keyPEM(t, cert))
		args = append(args, prefix+"cert", chain, prefix+"cert_chain", chain, prefix+"key", key)
	}
	s.run(t, exec.Command(program, append(args, opt.Args...)...))
	s.listen(t)
	return s
}

// run starts s_server and answers the commands that its clients send inside TLS.
func (s *OpenSSL) run(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	var log strings.Builder
	cmd.Stderr = &log
	commands, err := cmd.StdoutPipe()
	check(t, err)
	replies, err := cmd.StdinPipe()
	check(t, err)
	check(t, cmd.Start())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.serveInside(commands, replies)
		_ = cmd.Wait() // it is killed in the end
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-done
		if t.Failed() {
			said := log.String()
			t.Logf("openssl s_server: %s", said[max(0, len(said)-2000):])
		}
	})
	view := privateView{done: done}
	view.waitFor(t, s.backend)
}

// serveInside plays the SMTP server inside TLS. What s_server says about a
// handshake comes between the commands; the end of one is where a server that
// starts with TLS greets.
func (s *OpenSSL) serveInside(commands io.Reader, replies io.Writer) {
	lines := bufio.NewScanner(commands)
	for lines.Scan() {
		line := strings.TrimSuffix(lines.Text(), "\r")
		verb, _, _ := strings.Cut(line, " ")
		reply := ""
		switch strings.ToUpper(verb) {
		case "CIPHER":
			if s.opt.ImplicitTLS && strings.HasPrefix(line, "CIPHER is ") {
				reply = "220 openssl.example ESMTP"
			}
		case "EHLO":
			reply = "250-openssl.example\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250 AUTH PLAIN"
		case "HELO", "NOOP", "RSET":
			reply = "250 openssl.example"
		case "QUIT":
			reply = "221 openssl.example"
		case "MAIL", "RCPT", "DATA", "AUTH", "VRFY", "STARTTLS":
			reply = "502 5.5.1 not here"
		}
		if reply != "" {
			_, _ = io.WriteString(replies, reply+"\r\n") // s_server may have ended
		}
	}
}

// listen starts what clients see.
func (s *OpenSSL) listen(t testing.TB) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	s.Addr = listener.Addr().String()
	open := &connSet{}
	open.running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			open.running.Go(func() { s.serve(conn, open) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		open.end()
	})
}

// serve speaks with a client until STARTTLS and passes on what follows.
func (s *OpenSSL) serve(client net.Conn, open *connSet) {
	defer client.Close()
	if !open.add(client) || (!s.opt.ImplicitTLS && !serveOutside(client)) {
		return
	}
	_ = client.SetDeadline(time.Time{})
	backend, err := net.Dial("tcp", s.backend)
	if err != nil {
		return
	}
	defer backend.Close()
	if !open.add(backend) {
		return
	}
	open.running.Go(func() {
		_, _ = io.Copy(backend, client)
		_ = backend.Close() // and so ends the copy below
	})
	_, _ = io.Copy(client, backend)
}

// serveOutside plays the SMTP server before TLS, until STARTTLS is accepted.
func serveOutside(client net.Conn) bool {
	_ = client.SetDeadline(time.Now().Add(10 * time.Second))
	reply := "220 openssl.example ESMTP"
	for lines := bufio.NewScanner(client); ; {
		if _, err := io.WriteString(client, reply+"\r\n"); err != nil || !lines.Scan() {
			return false
		}
		verb, _, _ := strings.Cut(strings.TrimSuffix(lines.Text(), "\r"), " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			reply = "250-openssl.example\r\n250-8BITMIME\r\n250 STARTTLS"
		case "HELO", "NOOP", "RSET":
			reply = "250 openssl.example"
		case "STARTTLS":
			_, err := io.WriteString(client, "220 2.0.0 go ahead\r\n")
			return err == nil
		case "QUIT":
			_, _ = io.WriteString(client, "221 openssl.example\r\n")
			return false
		default:
			reply = "530 5.7.0 must issue a STARTTLS command first"
		}
	}
}

// writeFile writes a file that only its owner may read, and returns its path.
func writeFile(t testing.TB, folder, name, text string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	check(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}
