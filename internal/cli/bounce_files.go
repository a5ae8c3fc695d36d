package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/bounce/mailbox"
)

// readPath reads a file or a folder.
func (r *bounceRun) readPath(ctx context.Context, path string) error {
	if path == "-" {
		return r.fails(ctx, "standard input", func(visit mailbox.Visit) error {
			return readPacked(r.env.Stdin, "standard input", visit)
		})
	}
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return r.readFolder(ctx, path)
	}
	return r.fails(ctx, path, func(visit mailbox.Visit) error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		return errors.Join(readPacked(f, path, visit), f.Close())
	})
}

// readPacked reads a file that may be packed.
func readPacked(in io.Reader, name string, visit mailbox.Visit) error {
	text, err := unpacked(in, "bounce")
	if err != nil {
		return err
	}
	return mailbox.Read(text, name, 0, visit)
}

// readFolder reads a folder. Files in it that are no mail are left out and named.
func (r *bounceRun) readFolder(ctx context.Context, path string) error {
	r.folder, r.noMails, r.leftOut = true, 0, nil
	defer func() { r.folder = false }()
	visit := func(m mailbox.Message) error { return r.visit(ctx, m) }
	err := mailbox.ReadFolder(unpackedFolder{os.DirFS(path)}, path, 0, visit, func(p *mailbox.Problem) error {
		r.unreadable(p.Name, p.Err)
		return nil
	})
	if more := r.noMails - len(r.leftOut); more > 0 {
		r.leftOut = append(r.leftOut, ui.Count(more)+" more")
	}
	if r.noMails > 0 {
		r.console.warn(fmt.Sprintf("%s: left out what is no mail: %s", path, strings.Join(r.leftOut, ", ")))
	}
	return err
}

// mostLeftOut is how many files of a folder are named that are no mail.
const mostLeftOut = 3

// noMail says that a file is no mail. Among others in a folder it is left out, and
// named when those are read.
func (r *bounceRun) noMail(m mailbox.Message) {
	switch {
	case r.folder:
		r.noMails++
		if len(r.leftOut) < mostLeftOut {
			r.leftOut = append(r.leftOut, strconv.Quote(filepath.Base(m.Name)))
		}
	case len(m.Data) == 0: // as a mailbox is that nothing came to
		r.console.warn(strconv.Quote(m.Name) + " is empty")
	default:
		r.unreadable(m.Name, errors.New("it is no mail, since it does not begin with a header"))
	}
}

// An unpackedFolder is a folder whose files are unpacked as they are read, as
// servers that pack what lies in a Maildir need it.
type unpackedFolder struct{ fs.FS }

// Open is part of [fs.FS].
func (u unpackedFolder) Open(name string) (fs.File, error) {
	f, err := u.FS.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		return f, nil
	}
	file := unpackedFile{File: f}
	if err == nil {
		file.text, err = unpacked(f, "bounce")
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return file, nil
}

// Stat is part of [fs.StatFS].
func (u unpackedFolder) Stat(name string) (fs.FileInfo, error) { return fs.Stat(u.FS, name) }

type unpackedFile struct {
	fs.File
	text io.Reader
}

// Read is part of [fs.File].
func (u unpackedFile) Read(p []byte) (int, error) { return u.text.Read(p) }
