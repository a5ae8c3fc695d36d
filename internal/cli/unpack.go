package cli

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// errBroken means that something could not be read to its end.
var errBroken = errors.New("cannot be read further")

// packers are ways to pack a file, told by its first bytes, which are unpacked by
// other programs.
var packers = []struct{ magic, name, program string }{
	{"BZh", "bzip2", "bzcat"},
	{"\xfd7zXZ", "xz", "xzcat"},
	{"\x28\xb5\x2f\xfd", "zstd", "zstdcat"},
}

// unpacked undoes gzip (RFC 1952), which is told by the first bytes, as it is read.
// What is packed otherwise is an error, whose hint says how the command reads it.
func unpacked(r io.Reader, command string) (io.Reader, error) {
	text := bufio.NewReaderSize(r, 64<<10)
	start, err := text.Peek(6)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	for _, p := range packers {
		if bytes.HasPrefix(start, []byte(p.magic)) {
			return nil, delivery.Hint(fmt.Errorf("it is packed with %s", p.name), fmt.Sprintf("%s FILE | mailctl %s -", p.program, command))
		}
	}
	if !bytes.HasPrefix(start, []byte{0x1f, 0x8b}) {
		return text, nil
	}
	unzipped, err := gzip.NewReader(text)
	if err != nil {
		return nil, err
	}
	return &brokenReader{unzipped}, nil
}

// A brokenReader marks the errors of what is unpacked.
type brokenReader struct{ r io.Reader }

func (b *brokenReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errBroken) {
		err = fmt.Errorf("%w: %w", errBroken, err)
	}
	return n, err
}
