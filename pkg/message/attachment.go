package message

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// DefaultMaxAttachment bounds an attachment, in octets before encoding, when
// [Options] do not.
const DefaultMaxAttachment = 25 << 20

// A File is an attachment. One whose name the HTML mentions as "cid:name" is
// embedded there instead.
type File struct {
	Name        string // what the recipient sees, without a folder
	ContentType string // empty to tell it from name and content
	Data        []byte

	embedded bool
	chosen   bool // a row may show it as an image, attached as it is
}

// readFile reads a file by its slash-separated path within a folder. Paths that
// lead out of it, absolute paths and symbolic links are refused, as are files
// over the bound.
func readFile(files fs.FS, name string, limit int64) ([]byte, error) {
	info, err := inspectFile(files, name, limit)
	if err != nil {
		return nil, err
	}
	f, err := files.Open(name)
	if err != nil {
		return nil, attachmentError(name, err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, attachmentError(name, err)
	}
	if int64(len(data)) > limit {
		return nil, tooLarge(name, max(info.Size(), int64(len(data))), limit)
	}
	return data, nil
}

// inspectFile makes the checks of readFile without reading the file.
func inspectFile(files fs.FS, name string, limit int64) (fs.FileInfo, error) {
	if files == nil {
		return nil, attachmentError(name, errors.New("there is no folder to take it from"))
	}
	if name == "" {
		err := fmt.Errorf("%w: no file is named", ErrAttachment)
		return nil, delivery.Hint(err, "every row needs a file in that column; --where leaves rows out")
	}
	if !fs.ValidPath(name) || strings.ContainsAny(name, "\\\x00") {
		return nil, delivery.Hint(attachmentError(name, errors.New("it does not lie in the folder for attachments")),
			`write the path from that folder, with "/" and without ".."`)
	}
	var info fs.FileInfo
	for at := 0; at < len(name); at++ {
		next := strings.IndexByte(name[at:], '/')
		if next < 0 {
			next = len(name) - at
		}
		at += next
		var err error
		if info, err = fs.Lstat(files, name[:at]); err != nil {
			return nil, attachmentError(name, err)
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return nil, attachmentError(name, fmt.Errorf("%q is a symbolic link", name[:at]))
		}
	}
	if !info.Mode().IsRegular() {
		return nil, attachmentError(name, errors.New("it is not a file"))
	}
	if info.Size() > limit {
		return nil, tooLarge(name, info.Size(), limit)
	}
	return info, nil
}

func attachmentError(name string, err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		err = at.Err
	}
	return fmt.Errorf("%w: %q: %w", ErrAttachment, shorten(name), err)
}

func tooLarge(name string, size, limit int64) error {
	return fmt.Errorf("%w: %q: %w: it has %.1f MiB, at most %.1f are allowed",
		ErrAttachment, shorten(name), ErrTooLarge, float64(size)/(1<<20), float64(limit)/(1<<20))
}

// complete returns the file with its content type filled in. Names that cannot
// stand in a header are refused.
func (f File) complete() (File, error) {
	f.Name = path.Base(f.Name)
	if f.Name == "" || f.Name == "." || f.Name == "/" {
		return f, fmt.Errorf("%w: it has no name", ErrAttachment)
	}
	if !utf8.ValidString(f.Name) || strings.IndexFunc(f.Name, func(r rune) bool { return r < ' ' || r == 0x7f }) >= 0 {
		return f, fmt.Errorf("%w: %q: the name has a control character or is not UTF-8", ErrAttachment, f.Name)
	}
	if f.ContentType == "" {
		f.ContentType = contentType(f.Name, f.Data)
	}
	if strings.ContainsAny(f.ContentType, "\r\n\x00") || hasHigh(f.ContentType) {
		return f, fmt.Errorf("%w: %q: the content type is %q", ErrAttachment, f.Name, f.ContentType)
	}
	return f, nil
}
