package tlsscan

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/crypto/cryptobyte"

	"github.com/mailctl/mailctl/internal/testkit"
)

// FuzzAnswer reads what it makes of a server's octets once more, octet by octet
// and written anew.
func FuzzAnswer(f *testing.F) {
	for _, v := range Versions()[1:] {
		f.Add(recorded(f, v))
	}
	f.Add(answer{version: TLSv12, suite: 0x009E, primeBits: 12}.print())
	f.Add(answer{version: SSLv3, suite: 0xC013, group: 23}.print())
	f.Add(answer{version: TLSv13, suite: 0x1301, group: groupX25519, retry: true}.print())
	f.Add([]byte("220 mx.example ESMTP\r\n"))
	f.Add([]byte("\x15\x03\x01\x00\x02\x02\x28"))
	f.Add([]byte("\x15\x03\x01\x00\x02\x01\x70\x15\x03\x01\x00\x02\x01\x00"))
	f.Add([]byte("\x16\x03\x03\x00\x04\x02\xff\xff\xff"))
	f.Add([]byte("\x16\x03\x03\x00\x00"))
	f.Fuzz(func(t *testing.T, octets []byte) {
		a, err := readAnswer(bytes.NewReader(octets))
		b, again := readAnswer(iotest.OneByteReader(bytes.NewReader(octets)))
		if a != b || (err == nil) != (again == nil) {
			t.Fatalf("%+v, %v and then %+v, %v", a, err, b, again)
		}
		if err != nil {
			if a != (answer{}) {
				t.Fatalf("%+v with %v", a, err)
			}
			return
		}
		if b, err := readAnswer(bytes.NewReader(a.print())); err != nil || a != b {
			t.Fatalf("%+v is read as %+v, %v", a, b, err)
		}
	})
}

// print writes a ServerHello that says the same, in many records.
func (a answer) print() []byte {
	var b cryptobyte.Builder
	b.AddUint8(typeServerHello)
	b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
		b.AddUint16(uint16(TLSv12))
		if a.retry {
			b.AddBytes(retryRandom())
		} else {
			b.AddBytes(make([]byte, 32))
		}
		b.AddUint8(0)
		b.AddUint16(a.suite)
		b.AddUint8(0)
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			addExtension(b, extSupportedVersions, func(b *cryptobyte.Builder) { b.AddUint16(uint16(a.version)) })
			addExtension(b, extKeyShare, func(b *cryptobyte.Builder) { b.AddUint16(uint16(a.group)) })
		})
	})
	if a.primeBits > 0 {
		b.AddUint8(typeServerKeyExchange)
		b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
			prime := new(big.Int).Lsh(big.NewInt(1), uint(a.primeBits-1))
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(prime.Bytes()) })
		})
	}
	var records bytes.Buffer
	for fragment := range slices.Chunk(b.BytesOrPanic(), 77) {
		records.Write([]byte{recordHandshake, 3, 3, 0, byte(len(fragment))})
		records.Write(fragment)
	}
	return records.Bytes()
}

// recorded returns what a server of crypto/tls answers first.
func recorded(t testing.TB, v Version) []byte {
	client, server := net.Pipe()
	defer client.Close()
	cert := testkit.SelfSigned(t, "mx.example")
	go func() {
		defer server.Close()
		_ = tls.Server(server, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS10}).Handshake()
	}()
	h := &hello{version: v, suites: suitesOf(v), groups: allGroups(), serverName: "mx.example."}
	message, err := h.marshal()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Write(message); err != nil {
		t.Fatal(err)
	}
	octets := make([]byte, 1024)
	n, err := client.Read(octets)
	if err != nil {
		t.Fatal(err)
	}
	return octets[:n]
}

// TestHello reads ClientHellos with the parser of crypto/tls.
func TestHello(t *testing.T) {
	for _, v := range Versions()[1:] {
		for _, name := range []string{"mx.example", "mx.example.", "127.0.0.1", "2001:db8::1", ""} {
			var seen *tls.ClientHelloInfo
			refuse := errors.New("seen")
			client, server := net.Pipe()
			done := make(chan struct{})
			go func() {
				defer close(done)
				_ = tls.Server(server, &tls.Config{MinVersion: tls.VersionTLS10, GetConfigForClient: func(info *tls.ClientHelloInfo) (*tls.Config, error) {
					seen = info
					return nil, refuse
				}}).Handshake()
				_ = server.Close()
			}()
			h := &hello{version: v, suites: suitesOf(v), groups: allGroups(), serverName: name}
			message, err := h.marshal()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.Write(message); err != nil {
				t.Fatal(err)
			}
			_, err = readAnswer(client)
			if alert := (*AlertError)(nil); !errors.As(err, &alert) {
				t.Errorf("%s: %v", v, err)
			}
			_, _ = io.Copy(io.Discard, client)
			<-done
			wantName := ""
			if name != "" && name[0] == 'm' {
				wantName = "mx.example"
			}
			if seen == nil || seen.ServerName != wantName || seen.SupportedVersions[0] != uint16(v) || len(seen.SupportedCurves) != len(groups) {
				t.Errorf("%s for %q is %+v", v, name, seen)
			}
		}
	}
}

// TestBadAnswers are ServerHellos that break their own lengths.
func TestBadAnswers(t *testing.T) {
	good := string(answer{version: TLSv13, suite: 0x1301, group: groupX25519}.print()[5:])
	for name, body := range map[string]string{
		"short":               good[4:30],
		"a long session":      good[4:38] + "\x21" + strings.Repeat("x", 33) + good[39:],
		"half the extensions": good[4 : len(good)-3],
		"more behind":         good[4:] + "x",
		"an empty version":    good[4:42] + "\x00\x04\x00\x2b\x00\x00",
		"an empty key":        good[4:42] + "\x00\x04\x00\x33\x00\x00",
	} {
		if a, err := parseServerHello([]byte(body)); !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
	}
	if a, err := parseServerHello([]byte(good[4:])); err != nil || a.group != groupX25519 {
		t.Errorf("%+v, %v", a, err)
	}
}

// TestNames spells what has a name and what has none.
func TestNames(t *testing.T) {
	for got, want := range map[string]string{
		SSLv3.String(): "SSLv3", TLSv10.String(): "TLSv1.0", TLSv13.String(): "TLSv1.3", Version(0x0305).String(): "0x0305",
		groupX25519.String(): "x25519", Group(0xFFFF).String(): "0xFFFF",
	} {
		if got != want {
			t.Errorf("%q is not %q", got, want)
		}
	}
}

// TestOldHello is read by hand: a ClientHello of SSLv3 has no extensions.
func TestOldHello(t *testing.T) {
	h := &hello{version: SSLv3, suites: []uint16{0x000A}, serverName: "mx.example"}
	message, err := h.marshal()
	if err != nil {
		t.Fatal(err)
	}
	want := "\x16\x03\x00\x00\x2f" + "\x01\x00\x00\x2b" + "\x03\x00" + string(message[11:43]) +
		"\x00" + "\x00\x04\x00\x0a\x00\xff" + "\x01\x00"
	if string(message) != want {
		t.Errorf("% x", message)
	}
}

// TestAlerts has words for alerts, known or not.
func TestAlerts(t *testing.T) {
	for code, want := range map[uint8]string{
		40:  "the server's alert: handshake failure",
		200: "the server's alert: alert(200)",
	} {
		if got := (&AlertError{Code: code}).Error(); got != want {
			t.Errorf("%d is %q", code, got)
		}
	}
}
