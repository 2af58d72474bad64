package ledger

// This file makes proofs and checks them, as texts that other programs read as well.

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	proofLine = "c2sp.org/tlog-proof@v1"
	maxProof  = 64 << 10 // bytes of a proof that is read
	maxHashes = 130      // two for each level of the tallest tree
)

// ErrProof says that a proof does not prove what it should.
var ErrProof = errors.New("proof does not hold")

// Prove proves that leaf, the nth of the log, is in the tree of a signed checkpoint. The proof is a text as
// c2sp.org/tlog-proof describes it, with the bytes of the leaf as its extra data.
func (l *Log) Prove(n int64, leaf []byte, signed []byte, c Checkpoint) ([]byte, error) {
	path, err := tlog.ProveRecord(c.Size, n, l)
	if err == nil {
		err = tlog.CheckRecord(path, c.Size, c.Root, n, tlog.RecordHash(leaf))
	}
	if err != nil {
		return nil, fmt.Errorf("prove leaf %d: %w", n, err)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nextra %s\nindex %d\n", proofLine, base64.StdEncoding.EncodeToString(leaf), n)
	for _, h := range path {
		fmt.Fprintf(&b, "%s\n", h)
	}
	b.WriteByte('\n')
	b.Write(signed)
	return b.Bytes(), nil
}

// Check checks that a proof proves leaf with a checkpoint that one of the known keys has signed, which it returns.
func Check(proof, leaf []byte, known note.Verifiers) (Checkpoint, error) {
	head, signed, err := cutProof(proof)
	if err != nil {
		return Checkpoint{}, err
	}
	if head[0] != proofLine || len(head) < 2 {
		return Checkpoint{}, fmt.Errorf("%w: it does not begin with %q", ErrProof, proofLine)
	}
	head = head[1:]
	if strings.HasPrefix(head[0], "extra ") {
		head = head[1:]
	}
	if len(head) == 0 {
		return Checkpoint{}, fmt.Errorf("%w: it has no index", ErrProof)
	}
	n, err := number(head[0], "index ")
	if err != nil {
		return Checkpoint{}, err
	}
	path, err := parseHashes(head[1:])
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := OpenCheckpoint(signed, known)
	if err == nil {
		err = tlog.CheckRecord(path, c.Size, c.Root, n, tlog.RecordHash(leaf))
	}
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrProof, err)
	}
	return c, nil
}

// ProveTree proves that the tree of a signed checkpoint continues the tree over the first old leaves. The proof is a text as
// c2sp.org/tlog-witness has it.
func (l *Log) ProveTree(old int64, signed []byte, c Checkpoint) ([]byte, error) {
	if old < 1 || old > c.Size {
		return nil, fmt.Errorf("prove tree: no tree of %d leaves comes before one of %d", old, c.Size)
	}
	path, err := tlog.ProveTree(c.Size, old, l)
	if err != nil {
		return nil, fmt.Errorf("prove tree: %w", err)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", old)
	for _, h := range path {
		fmt.Fprintf(&b, "%s\n", h)
	}
	b.WriteByte('\n')
	b.Write(signed)
	return b.Bytes(), nil
}

// CheckTree checks that a proof proves that its checkpoint, signed by one of the known keys, continues the tree of old.
func CheckTree(proof []byte, old Checkpoint, known note.Verifiers) (Checkpoint, error) {
	head, signed, err := cutProof(proof)
	if err != nil {
		return Checkpoint{}, err
	}
	n, err := number(head[0], "old ")
	if err != nil {
		return Checkpoint{}, err
	}
	path, err := parseHashes(head[1:])
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := OpenCheckpoint(signed, known)
	switch {
	case err != nil:
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrProof, err)
	case n != old.Size || c.Origin != old.Origin:
		return Checkpoint{}, fmt.Errorf("%w: it is about %d leaves of %s", ErrProof, n, c.Origin)
	}
	if err := tlog.CheckTree(path, c.Size, c.Root, old.Size, old.Root); err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrProof, err)
	}
	return c, nil
}

// cutProof splits a proof into its own lines, of which there is at least one, and the signed checkpoint.
func cutProof(proof []byte) (lines []string, signed []byte, err error) {
	if len(proof) > maxProof {
		return nil, nil, fmt.Errorf("%w: it is larger than %d bytes", ErrProof, maxProof)
	}
	head, signed, ok := bytes.Cut(proof, []byte("\n\n"))
	if !ok {
		return nil, nil, fmt.Errorf("%w: it has no checkpoint", ErrProof)
	}
	return strings.Split(string(head), "\n"), signed, nil
}

func number(line, before string) (int64, error) {
	text, ok := strings.CutPrefix(line, before)
	n, err := strconv.ParseUint(text, 10, 62)
	if !ok || err != nil || strconv.FormatUint(n, 10) != text {
		return 0, fmt.Errorf("%w: %.40q is not %q and a number", ErrProof, line, before)
	}
	return int64(n), nil
}

func parseHashes(lines []string) ([]Hash, error) {
	if len(lines) > maxHashes {
		return nil, fmt.Errorf("%w: it has %d hashes", ErrProof, len(lines))
	}
	var out []Hash
	for _, line := range lines {
		h, err := tlog.ParseHash(line)
		if err != nil || h.String() != line { // one hash, one text
			return nil, fmt.Errorf("%w: %.60q is no hash", ErrProof, line)
		}
		out = append(out, h)
	}
	return out, nil
}
