package delivery

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxIterations bounds the work a server can ask for; RFC 7677 §4 asks servers for
// at least 4,096, and usual are up to 600,000.
const maxIterations = 2_000_000

// scram is the mechanism SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel
// binding. The password never leaves, and the server has to prove that it knows it.
type scram struct {
	user, password string
	nonce          string // ours
	steps          int
	signature      []byte // what the server has to show
	proved         bool
}

func newSCRAM(user, password string) *scram {
	return &scram{user: user, password: password, nonce: rand.Text()}
}

func (s *scram) start() (string, bool, error) { return "n,," + s.firstBare(), true, nil }

func (s *scram) firstBare() string {
	user := strings.NewReplacer("=", "=3D", ",", "=2C").Replace(prepare(s.user))
	return "n=" + user + ",r=" + s.nonce
}

func (s *scram) next(challenge string) (string, error) {
	s.steps++
	switch s.steps {
	case 1:
		return s.prove(challenge)
	case 2:
		return "", s.verify(challenge)
	}
	return "", fmt.Errorf("%w: SCRAM has only two challenges", ErrAuthFailed)
}

// prove answers the server's first message (RFC 5802 §3).
func (s *scram) prove(serverFirst string) (string, error) {
	salt, iterations, nonce, err := s.readServerFirst(serverFirst)
	if err != nil {
		return "", err
	}
	salted, err := pbkdf2.Key(sha256.New, prepare(s.password), salt, iterations, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrAuthFailed, err)
	}
	final := "c=biws,r=" + nonce // "biws" is "n,,"
	message := s.firstBare() + "," + serverFirst + "," + final
	clientKey := sign(salted, "Client Key")
	storedKey := sha256.Sum256(clientKey)
	proof := sign(storedKey[:], message)
	for i := range proof {
		proof[i] ^= clientKey[i]
	}
	s.signature = sign(sign(salted, "Server Key"), message)
	return final + ",p=" + base64.StdEncoding.EncodeToString(proof), nil
}

// readServerFirst reads "r=nonce,s=salt,i=iterations".
func (s *scram) readServerFirst(message string) (salt []byte, iterations int, nonce string, err error) {
	bad := func(what string) error { return fmt.Errorf("%w: scram: %s", ErrAuthFailed, what) }
	fields := strings.SplitN(message, ",", 4) // extensions may follow
	if len(fields) < 3 {
		return nil, 0, "", bad("the server's first message is not complete")
	}
	nonce, okNonce := strings.CutPrefix(fields[0], "r=")
	encoded, okSalt := strings.CutPrefix(fields[1], "s=")
	count, okCount := strings.CutPrefix(fields[2], "i=")
	if !okNonce || !okSalt || !okCount {
		return nil, 0, "", bad("the server's first message is not understood")
	}
	if !strings.HasPrefix(nonce, s.nonce) || len(nonce) == len(s.nonce) {
		return nil, 0, "", bad("the server's nonce does not continue ours")
	}
	salt, err = base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(salt) == 0 {
		return nil, 0, "", bad("the salt is not base64")
	}
	iterations, err = strconv.Atoi(count)
	if err != nil || iterations < 1 || iterations > maxIterations {
		return nil, 0, "", bad("the iteration count is out of range")
	}
	return salt, iterations, nonce, nil
}

// verify checks the server's final message.
func (s *scram) verify(serverFinal string) error {
	field, _, _ := strings.Cut(serverFinal, ",")
	encoded, ok := strings.CutPrefix(field, "v=")
	if !ok {
		reported := newRedactor(s.password).text(harmless([]byte(serverFinal)))
		return fmt.Errorf("%w: scram: the server reports %q", ErrAuthFailed, reported)
	}
	signature, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !hmac.Equal(signature, s.signature) {
		return fmt.Errorf("%w: scram: the server does not know the password", ErrAuthFailed)
	}
	s.proved = true
	return nil
}

func (s *scram) finish() error {
	if !s.proved {
		return fmt.Errorf("%w: scram: the server did not prove that it knows the password", ErrAuthFailed)
	}
	return nil
}

func sign(key []byte, message string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(message))
	return mac.Sum(nil)
}

// prepare does to a user name or password what SASLprep (RFC 4013 §2) does to
// text without forbidden characters: spaces of all kinds become the ASCII space,
// and the rest is put in NFKC.
func prepare(text string) string {
	if isASCII(text) {
		return text
	}
	spaces := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, text)
	return norm.NFKC.String(spaces)
}
