package ledger

// This file signs checkpoints and reads them.

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A Checkpoint says what the root of a log is at a size.
type Checkpoint struct {
	Origin string // the log, which the key is named after, too
	Size   int64  // leaves
	Root   Hash
}

// Text is the text of the note: three lines.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
}

// Sign is the signed note of c. Signed twice, it is the same.
func (c Checkpoint) Sign(key ed25519.PrivateKey) ([]byte, error) {
	s, err := signer(c.Origin, key)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	return note.Sign(&note.Note{Text: c.Text()}, s)
}

// ErrUnknownKey says that a checkpoint is signed by none of the known keys.
var ErrUnknownKey = errors.New("it is signed by no known key")

// OpenCheckpoint reads a signed checkpoint if one of the known keys has signed it.
func OpenCheckpoint(signed []byte, known note.Verifiers) (Checkpoint, error) {
	n, err := note.Open(signed, known)
	var stranger *note.UnverifiedNoteError
	if errors.As(err, &stranger) {
		err = ErrUnknownKey
	}
	if err != nil {
		return Checkpoint{}, fmt.Errorf("read checkpoint: %w", err)
	}
	c, err := parseCheckpoint(n.Text)
	if err == nil && n.Sigs[0].Name != c.Origin {
		err = fmt.Errorf("signed by %q, which is another log", n.Sigs[0].Name)
	}
	if err != nil {
		return Checkpoint{}, fmt.Errorf("read checkpoint: %w", err)
	}
	return c, nil
}

func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) != 4 || lines[0] == "" {
		return Checkpoint{}, errors.New("it has fewer than three lines")
	}
	size, err := strconv.ParseUint(lines[1], 10, 62)
	if err != nil || strconv.FormatUint(size, 10) != lines[1] {
		return Checkpoint{}, fmt.Errorf("%.30q is no size", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%.60q is no root", lines[2])
	}
	return Checkpoint{lines[0], int64(size), root}, nil
}

// SplitCheckpoints takes apart signed checkpoints that stand one behind the other, each with an empty line behind it. What
// remains at the end was cut off.
func SplitCheckpoints(b []byte) (signed [][]byte, torn []byte) {
	for {
		text := bytes.Index(b, []byte("\n\n"))
		if text < 0 {
			return signed, b
		}
		end := bytes.Index(b[text+2:], []byte("\n\n"))
		if end < 0 {
			return signed, b
		}
		end += text + 3
		signed = append(signed, b[:end:end])
		b = b[end+1:]
	}
}
