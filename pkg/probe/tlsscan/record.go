package tlsscan

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// What a server may send until its choice is known. A chain of certificates may
// lie before the key exchange; RFC 8446 §5.2 bounds a record.
const (
	maxRecord  = 1<<14 + 256
	maxMessage = 1 << 18
	maxRecords = 1 << 10
)

// A messages reads the handshake messages of a server, however they lie in its
// records (RFC 8446 §5.1).
type messages struct {
	r       io.Reader
	buffer  []byte // read, and not returned yet
	records int
}

// next returns the type and the body of the next message; the body is good until
// the next call. The error is io.EOF where the server hung up between two
// records, an [*AlertError] for an alert that ends the handshake, and wraps
// [ErrNotTLS] or [ErrProtocol] for what TLS does not allow.
func (m *messages) next() (kind byte, body []byte, err error) {
	if err := m.fill(4); err != nil {
		return 0, nil, err
	}
	length := int(m.buffer[1])<<16 | int(binary.BigEndian.Uint16(m.buffer[2:]))
	if length > maxMessage {
		return 0, nil, fmt.Errorf("%w: a message of %d octets", ErrProtocol, length)
	}
	if err := m.fill(4 + length); err != nil {
		return 0, nil, err
	}
	kind, body = m.buffer[0], m.buffer[4:4+length]
	m.buffer = m.buffer[4+length:]
	return kind, body, nil
}

// fill reads records until the buffer holds n octets.
func (m *messages) fill(n int) error {
	for len(m.buffer) < n {
		err := m.record()
		if errors.Is(err, io.EOF) && len(m.buffer) > 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// record reads one record into the buffer. Warnings are passed over.
func (m *messages) record() error {
	m.records++
	if m.records > maxRecords {
		return fmt.Errorf("%w: more than %d records before the server's choice", ErrProtocol, maxRecords)
	}
	header := make([]byte, 5)
	n, err := io.ReadFull(m.r, header)
	if n > 0 && (header[0] < 20 || header[0] > 24 || (n > 1 && header[1] != 3)) {
		return fmt.Errorf("%w but %q", ErrNotTLS, header[:n])
	}
	if err != nil {
		return err
	}
	length := int(binary.BigEndian.Uint16(header[3:]))
	if length > maxRecord {
		return fmt.Errorf("%w: a record of %d octets", ErrProtocol, length)
	}
	fragment := make([]byte, length)
	if _, err := io.ReadFull(m.r, fragment); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	switch header[0] {
	case recordHandshake:
		if length == 0 {
			return fmt.Errorf("%w: an empty record", ErrProtocol) // RFC 8446 §5.1
		}
		m.buffer = append(m.buffer, fragment...)
		return nil
	case recordAlert:
		return parseAlert(fragment)
	}
	return fmt.Errorf("%w: a record of type %d in a handshake", ErrProtocol, header[0])
}

// parseAlert returns the alert as an error, unless it is a warning that lets the
// handshake go on (RFC 5246 §7.2).
func parseAlert(fragment []byte) error {
	const warning, closeNotify = 1, 0
	if len(fragment) != 2 {
		return fmt.Errorf("%w: an alert of %d octets", ErrProtocol, len(fragment))
	}
	alert := &AlertError{Code: fragment[1]}
	if fragment[0] == warning && alert.Code != closeNotify {
		return nil
	}
	return alert
}
