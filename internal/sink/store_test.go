package sink

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	smtp "github.com/emersion/go-smtp"
)

// A broken store fails at one step.
type brokenStore struct{ step string }

func (b brokenStore) Begin() (Draft, error) {
	if b.step == "begin" {
		return nil, errTest
	}
	return brokenDraft(b), nil
}

type brokenDraft struct{ step string }

func (b brokenDraft) Write(p []byte) (int, error) {
	if b.step == "write" {
		return 0, errTest
	}
	return len(p), nil
}

func (b brokenDraft) Commit(Message) (string, error) { return "", errTest }

func (b brokenDraft) Discard() error { return errTest }

func TestBrokenStore(t *testing.T) {
	for _, tc := range []struct {
		step   string
		errors int // discarding fails too
	}{{"begin", 1}, {"write", 2}, {"commit", 1}} {
		t.Run(tc.step, func(t *testing.T) {
			var log journal
			s := start(t, Options{Store: brokenStore{tc.step}, OnEvent: log.add})
			newPeer(dial(t, s)).talk(t, hello+letterTo("a@example.org")+"< 451 4.3.0 cannot keep the message\n> QUIT\n< 221")
			closeNow(t, s)
			failures := log.of(EventError)
			if len(failures) != tc.errors || !strings.Contains(failures[0].Err, errTest.Error()) {
				t.Errorf("%+v", failures)
			}
			if stats := s.Stats(); stats.Accepted != 0 || stats.Deferred != 1 {
				t.Errorf("%+v", stats)
			}
		})
	}
}

func TestFolderThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewFolder(file); err == nil {
		t.Error("a file is no folder")
	}
}

// TestClosedFolder shows that a message is not accepted when it cannot be indexed.
func TestClosedFolder(t *testing.T) {
	dir := t.TempDir()
	f := newFolder(t, dir)
	s := start(t, Options{Store: f})
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	c, err := smtp.Dial(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	err = c.SendMail("a@acme.example", []string{"b@example.org"}, strings.NewReader("\r\ntext\r\n"))
	var reply *smtp.SMTPError
	if !errors.As(err, &reply) || reply.Code != 451 {
		t.Errorf("got %v", err)
	}
	if files, err := filepath.Glob(filepath.Join(dir, "[.0-9]*")); err != nil || len(files) != 0 {
		t.Error(files, err)
	}
}
