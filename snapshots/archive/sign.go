package archive

// This file signs the ledger: its key, its public keys, and the checkpoints.

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/ledger"
)

// ErrKey says that the ledger cannot be signed with the key that was given, or found.
var ErrKey = errors.New("no usable key for the ledger")

const (
	keyFile        = "key"     // PEM, readable by its owner only
	publicFile     = "key.pub" // a line for each key that has signed, the last one in use
	checkpointFile = "checkpoints"
	maxKey         = 16 << 10
	maxCheckpoints = 256 << 20 // bytes of all checkpoints
	maxCheckpoint  = 4 << 10   // bytes of one
	here           = "here"
	elsewhere      = "elsewhere"
)

// A publicKey is one line of key.pub.
type publicKey struct {
	verifier string
	where    string // here: its private half is in ledger/key; elsewhere: the user brings it
}

func (k publicKey) origin() string { origin, _, _ := strings.Cut(k.verifier, "+"); return origin }

// publicKeys are the keys that have signed the ledger, oldest first.
func (a *Archive) publicKeys() ([]publicKey, error) {
	b, err := a.files.small(publicFile, maxKey)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(string(b), "\n") {
		return nil, fmt.Errorf("%w: %s/%s is cut short", ErrDamaged, ledgerDir, publicFile)
	}
	var out []publicKey
	for i, line := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
		verifier, where, _ := strings.Cut(line, " ")
		if _, err := ledger.Verifiers(verifier); err != nil || where != here && where != elsewhere {
			return nil, fmt.Errorf("%w: %s/%s line %d is no public key", ErrDamaged, ledgerDir, publicFile, i+1)
		}
		out = append(out, publicKey{verifier, where})
	}
	return out, nil
}

// verifiers are those of the keys that have signed the ledger.
func verifiers(keys []publicKey) []string {
	var out []string
	for _, k := range keys {
		if !slices.Contains(out, k.verifier) {
			out = append(out, k.verifier)
		}
	}
	return out
}

// LedgerKey is the public key that the ledger is signed with, as verifiers of signed notes want it: name, hash and key.
// ErrNotFound says that nothing has been signed yet.
func (a *Archive) LedgerKey() (string, error) {
	var keys []publicKey
	err := a.steady(func(w *Archive) (err error) {
		keys, err = w.publicKeys()
		return err
	})
	if err != nil {
		return "", fmt.Errorf("key of the ledger: %w", err)
	}
	if len(keys) == 0 {
		return "", fmt.Errorf("key of the ledger: %w: it is made when the first record is written", ErrNotFound)
	}
	return keys[len(keys)-1].verifier, nil
}

// signingKey is the key to sign with, and the name of the log. A key is made on first use.
func (a *Archive) signingKey() (string, ed25519.PrivateKey, error) {
	known, err := a.publicKeys()
	if err != nil {
		return "", nil, err
	}
	last := publicKey{where: elsewhere}
	if a.opts.LedgerKey == "" {
		last.where = here
	}
	key, err := a.readKey()
	missing := errors.Is(err, os.ErrNotExist) && a.opts.LedgerKey == ""
	switch {
	case missing && len(known) > 0 && known[len(known)-1].where == elsewhere:
		return "", nil, fmt.Errorf("%w: this archive is signed with a key that is kept elsewhere", ErrKey)
	case missing && len(known) > 0:
		return "", nil, fmt.Errorf("%w: %s/%s is missing", ErrKey, ledgerDir, keyFile)
	case missing:
		key, err = a.makeKey()
	}
	if err != nil {
		return "", nil, err
	}
	origin := newOrigin()
	if len(known) > 0 {
		origin = known[0].origin()
	}
	if last.verifier, err = ledger.VerifierKey(origin, key); err != nil {
		return "", nil, err
	}
	if len(known) > 0 && known[len(known)-1] == last {
		return origin, key, nil
	}
	if len(known) > 0 && last.where == here && !slices.Contains(known, last) {
		return "", nil, fmt.Errorf("%w: %s/%s is not the key that has signed this ledger", ErrKey, ledgerDir, keyFile)
	}
	if len(known) > 0 {
		a.said("the ledger of %s is signed with another key from now on", a.dir)
	}
	return origin, key, a.writePublic(append(known, last))
}

// newOrigin is a name for a log that no other has.
func newOrigin() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return "drittland-ledger/" + hex.EncodeToString(b[:])
}

func (a *Archive) makeKey() (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	b, err := ledger.FormatKey(key)
	if err != nil {
		return nil, err
	}
	return key, a.files.makeKey(b)
}

// readKey is the key to sign with: the one that was brought, or that of the ledger.
func (a *Archive) readKey() (ed25519.PrivateKey, error) {
	path, read := a.opts.LedgerKey, func() ([]byte, error) { return readPrivate(a.opts.LedgerKey) }
	if path == "" {
		path, read = ledgerDir+"/"+keyFile, a.files.readKey
	}
	return keyIn(path, read)
}

func keyIn(path string, read func() ([]byte, error)) (ed25519.PrivateKey, error) {
	b, err := read()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	key, err := ledger.ParseKey(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrKey, path, err)
	}
	return key, nil
}

// keyIsPrivate refuses a key that others may read, or that was brought and cannot be read, before anything is recorded.
func (a *Archive) keyIsPrivate() error {
	if a.opts.LedgerKey == "" {
		return a.files.private()
	}
	_, err := a.readKey()
	return err
}

// writePublic writes key.pub anew.
func (a *Archive) writePublic(keys []publicKey) error {
	var b strings.Builder
	for _, k := range keys {
		b.WriteString(k.verifier + " " + k.where + "\n")
	}
	return a.files.replace(publicFile, []byte(b.String()))
}

// lastCheckpoint is the last signed checkpoint. ErrNotFound says that there is none.
func (a *Archive) lastCheckpoint() ([]byte, ledger.Checkpoint, error) {
	whole, _, err := a.checkpoints(max(a.logged.signed-maxCheckpoint, 0))
	if err != nil {
		return nil, ledger.Checkpoint{}, err
	}
	if len(whole) == 0 {
		return nil, ledger.Checkpoint{}, fmt.Errorf("checkpoint of the ledger: %w: nothing has been signed yet", ErrNotFound)
	}
	last := whole[len(whole)-1]
	c, err := a.openCheckpoint(last)
	return last, c, err
}

// openCheckpoint reads a checkpoint that one of the keys of the ledger has signed.
func (a *Archive) openCheckpoint(signed []byte) (ledger.Checkpoint, error) {
	keys, err := a.publicKeys()
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	known, err := ledger.Verifiers(verifiers(keys)...)
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	c, err := ledger.OpenCheckpoint(signed, known)
	if err != nil {
		err = fmt.Errorf("%w: %s/%s: %w", ErrDamaged, ledgerDir, checkpointFile, err)
	}
	return c, err
}

// checkpoints are those behind an offset, and the offset at which the last one ends.
func (a *Archive) checkpoints(from int64) ([][]byte, int64, error) {
	size, err := a.files.Size(checkpointFile)
	if err != nil || size <= from {
		return nil, 0, err
	}
	if size-from > maxCheckpoints {
		return nil, 0, fmt.Errorf("%w: %s/%s has %d bytes", ErrDamaged, ledgerDir, checkpointFile, size)
	}
	b := make([]byte, size-from)
	if err := a.files.ReadAt(checkpointFile, b, from); err != nil {
		return nil, 0, err
	}
	cut := 0
	if from > 0 { // begin with a whole one: the last that ends where the index says
		end := max(a.logged.signed-from, 0)
		first := bytes.LastIndex(b[:end], []byte("\n\n"))
		for range 2 {
			first = bytes.LastIndex(b[:max(first, 0)], []byte("\n\n"))
		}
		cut = max(first+2, 0)
	}
	whole, torn := ledger.SplitCheckpoints(b[cut:])
	return whole, size - int64(len(torn)), nil
}

// Checkpoint is the last signed checkpoint of the ledger. In an archive that is open for writing it is one over all records.
// ErrNotFound says that there is none yet.
func (a *Archive) Checkpoint() ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var signed []byte
	last := func(w *Archive) (c ledger.Checkpoint, err error) {
		if err := w.sign(); err != nil {
			return c, err
		}
		signed, c, err = w.lastCheckpoint()
		return c, err
	}
	var err error
	if a.shared != nil && !a.opts.ReadOnly {
		err = a.db.Append(func(tx kv.Tx) error { return a.hold(tx, last) })
	} else {
		err = a.steady(func(w *Archive) error { _, err := last(w); return err })
	}
	if err != nil {
		return nil, fmt.Errorf("checkpoint of %s: %w", a.dir, err)
	}
	return signed, nil
}

// hold notes that a checkpoint is handed out, so that no later one takes its place.
func (a *Archive) hold(tx kv.Tx, last func(*Archive) (ledger.Checkpoint, error)) error {
	w, err := a.within(tx)
	if err != nil {
		return err
	}
	c, err := last(w)
	if err != nil {
		return err
	}
	return tx.Bucket(bucketMeta).Put(keyHeld, chunkKey(c.Size))
}

// sign signs a checkpoint over what was logged since the last one, if anything. One that does not continue the last is not signed.
func (a *Archive) sign() error {
	if a.opts.ReadOnly || a.log == nil || a.log.Size() == 0 {
		return nil
	}
	before, last, err := a.lastCheckpoint()
	if err != nil && !errors.Is(err, ErrNotFound) || last.Size == a.log.Size() {
		return err
	}
	if last.Size > 0 {
		if root, err := a.log.Root(last.Size); err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		} else if root != last.Root {
			return fmt.Errorf("%w: the ledger does not continue its last checkpoint", ErrDamaged)
		}
	}
	origin, key, err := a.signingKey()
	if err != nil {
		return err
	}
	root, err := a.log.Root(a.log.Size())
	if err != nil {
		return err
	}
	signed, err := ledger.Checkpoint{Origin: origin, Size: a.log.Size(), Root: root}.Sign(key)
	if err != nil {
		return err
	}
	_, end, err := a.checkpoints(max(a.logged.signed-maxCheckpoint, 0))
	if err != nil {
		return err
	}
	if end, err = a.instead(end, before, last); err != nil {
		return err
	}
	if err := a.files.Append(checkpointFile, append(signed, '\n'), end); err != nil {
		return err
	}
	a.logged.signed = end + int64(len(signed)) + 1
	return a.update(a.noteSigned)
}

// noteSigned keeps how far is signed, and nothing else: of records that were logged and could not be indexed, the index must not know.
func (a *Archive) noteSigned(tx kv.Tx) error {
	p, err := readProgress(tx)
	if err != nil {
		return err
	}
	p.signed = a.logged.signed
	return p.put(tx)
}

// between is how many leaves are between two checkpoints of an archive on a server that stay, where nobody asks for one.
const between = 10_000

// instead is where the next checkpoint goes: behind the last one, which ends at end, or in its place. On a server every put signs one.
func (a *Archive) instead(end int64, before []byte, last ledger.Checkpoint) (int64, error) {
	if a.shared == nil || before == nil {
		return end, nil
	}
	kept, held := int64(0), int64(0)
	err := a.view(func(tx kv.Tx) error {
		for key, n := range map[*[]byte]*int64{&keyKept: &kept, &keyHeld: &held} {
			if b := tx.Bucket(bucketMeta).Get(*key); len(b) == 8 {
				*n = int64(binary.BigEndian.Uint64(b))
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if last.Size != held && a.log.Size()-kept < between {
		return end - int64(len(before)) - 1, nil
	}
	return end, a.update(func(tx kv.Tx) error { return tx.Bucket(bucketMeta).Put(keyKept, chunkKey(last.Size)) })
}
