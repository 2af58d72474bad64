package archive

// This file checks the files of the ledger: the tree against what was signed, its upper levels, the checkpoints and the keys.

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/drittland/drittland/snapshots/ledger"
)

// roots compares the tree with what was signed. It returns the hashes that agree: those in the ledger, or those of the records
// where these are what was signed; nil if neither are.
func (l *logCheck) roots(signed []ledger.Checkpoint) (func(int64, ledger.Hash) ledger.Hash, error) {
	var numbers []int64
	for n := range l.differ {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	stored := func(_ int64, h ledger.Hash) ledger.Hash { return h }
	bad, err := l.disagree(signed, stored)
	if err != nil {
		return nil, err
	}
	if bad != nil && l.agree(signed) {
		l.sound = true
		if len(numbers) == 0 {
			l.problem(ledger.LeavesFile, "is damaged: its leaves do not stand in the order that was signed, which is that of the records")
		}
		for _, n := range numbers {
			l.problem(ledger.LeavesFile, "leaf %d is damaged; record %s is as it was signed", n, uuid(l.differ[n].entry.ID))
		}
		return nil, nil
	}
	if bad == nil {
		for _, n := range numbers {
			l.blame(l.differ[n], "is not what was logged: its content or its head, such as its date, was changed later")
		}
		return stored, nil
	}
	recorded := func(n int64, h ledger.Hash) ledger.Hash {
		if d, ok := l.differ[n]; ok {
			return d.entry.Hash
		}
		return h
	}
	again, err := l.disagree(signed, recorded)
	if err != nil {
		return nil, err
	}
	if again == nil {
		for _, n := range numbers {
			l.problem(ledger.LeavesFile, "leaf %d is damaged; record %s is as it was signed", n, uuid(l.differ[n].entry.ID))
		}
		return recorded, nil
	}
	l.problem(ledger.LeavesFile, "is damaged: its first %d leaves do not have the root that was signed", bad.Size)
	for _, n := range numbers {
		l.blame(l.differ[n], "does not agree with leaf %d of the ledger", n)
	}
	return nil, nil
}

// agree reports whether the records, in their order, are what was signed.
func (l *logCheck) agree(signed []ledger.Checkpoint) bool {
	for _, c := range signed {
		if root, ok := l.rooted[c.Size]; !ok || root != c.Root {
			return false
		}
	}
	return true
}

// disagree is the first checkpoint that does not have the root of the tree, nil if all have.
func (l *logCheck) disagree(signed []ledger.Checkpoint, leaf func(int64, ledger.Hash) ledger.Hash) (*ledger.Checkpoint, error) {
	var roll ledger.Roll
	var bad *ledger.Checkpoint
	at := 0
	err := l.log.Entries(func(n int64, e ledger.Entry) error {
		roll.Add(leaf(n, e.Hash))
		for ; at < len(signed) && signed[at].Size == n+1; at++ {
			if bad == nil && roll.Root() != signed[at].Root {
				bad = &signed[at]
			}
		}
		return l.ctx.Err()
	})
	return bad, err
}

// levels compares the files of the upper levels with the tiles below.
func (l *logCheck) levels(leaf func(int64, ledger.Hash) ledger.Hash) error {
	var files [ledger.Levels][]byte
	for n := 1; n < len(files); n++ {
		b, err := l.a.files.small(ledger.LevelFile(n), maxCheckpoints)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		files[n] = b
	}
	var rolls [ledger.Levels]ledger.Roll
	var ends [ledger.Levels]int
	err := l.log.Entries(func(n int64, e ledger.Entry) error {
		h := leaf(n, e.Hash)
		for level := range rolls {
			at := ends[level]
			ends[level] += len(h)
			if level > 0 && len(files[level]) >= ends[level] && !bytes.Equal(files[level][at:ends[level]], h[:]) {
				l.problem(ledger.LevelFile(level), "hash %d is not that of its tile", at/len(h))
			}
			rolls[level].Add(h)
			if ends[level]/len(h)%ledger.TileWidth != 0 {
				break
			}
			h, rolls[level] = rolls[level].Root(), ledger.Roll{}
		}
		return l.ctx.Err()
	})
	if err != nil || l.log.Size() > l.leaves || l.cut {
		return err // a crash may have left the levels behind
	}
	for level := 1; level < len(files); level++ {
		if len(files[level]) != ends[level] {
			l.problem(ledger.LevelFile(level), "has %d bytes, not %d", len(files[level]), ends[level])
		}
	}
	return nil
}

// A keyCheck is what the checkpoints and the keys say of each other.
type keyCheck struct {
	keys     []publicKey
	unusable bool  // key.pub is damaged
	unknown  []int // checkpoints that no known key has signed
	verified bool  // one of the others is signed
}

// checkpoints checks each signature, the order of the checkpoints, and the keys. It returns those that count.
func (l *logCheck) checkpoints() ([]ledger.Checkpoint, error) {
	before := len(l.problems)
	size, err := l.a.files.Size(checkpointFile)
	if err != nil {
		return nil, err
	}
	if size < l.known.signed {
		l.problem(checkpointFile, "has %d bytes, the index knows %d", size, l.known.signed)
	}
	var b []byte
	if size > 0 {
		if b, err = l.a.files.small(checkpointFile, maxCheckpoints); err != nil {
			return nil, err
		}
	}
	var k keyCheck
	if k.keys, err = l.a.publicKeys(); errors.Is(err, ErrDamaged) {
		k.unusable = true
		l.problem(publicFile, "%v", err)
	} else if err != nil {
		return nil, err
	} else if len(k.keys) == 0 && size > 0 {
		k.unusable = true
		l.problem(publicFile, "is missing")
	}
	signed, err := l.verify(b, &k)
	if err != nil {
		return nil, err
	}
	l.keys(&k)
	if n := l.leaves - lastSize(signed); n > 0 && l.a.opts.ReadOnly && len(l.problems) == before && !l.cut && l.log.Size() == l.leaves {
		l.note("%d records are not signed yet; the next command that writes signs them", n)
	}
	return signed, nil
}

func lastSize(signed []ledger.Checkpoint) int64 {
	if len(signed) == 0 {
		return 0
	}
	return signed[len(signed)-1].Size
}

// verify reads the checkpoints in b.
func (l *logCheck) verify(b []byte, k *keyCheck) ([]ledger.Checkpoint, error) {
	if k.unusable {
		return nil, nil
	}
	known, err := ledger.Verifiers(verifiers(k.keys)...)
	if err != nil {
		return nil, err
	}
	var out []ledger.Checkpoint
	origin, _, _ := strings.Cut(string(b), "\n")
	if own := originOf(k.keys); bytes.Contains(b, []byte(own+"\n")) {
		origin = own
	}
	notes, torn := notesOf(b, origin)
	for i, signed := range notes {
		c, err := ledger.OpenCheckpoint(signed, known)
		switch {
		case errors.Is(err, ledger.ErrUnknownKey):
			k.unknown = append(k.unknown, i)
		case err != nil:
			l.problem(checkpointFile, "checkpoint %d is damaged: %v", i+1, err)
		case c.Size < lastSize(out):
			l.problem(checkpointFile, "checkpoint %d, over %d leaves, stands behind one over %d", i+1, c.Size, lastSize(out))
		case c.Size > l.log.Size() && l.cut:
		case c.Size > l.log.Size():
			l.problem(ledger.LeavesFile, "holds %d leaves, checkpoint %d is over %d", l.log.Size(), i+1, c.Size)
			l.cut = true
		default:
			out = append(out, c)
		}
		k.verified = k.verified || err == nil
	}
	if len(torn) > 0 && int64(len(b)-len(torn)) < l.known.signed && int64(len(b)) >= l.known.signed {
		l.problem(checkpointFile, "its end is damaged")
	}
	return out, nil
}

func originOf(keys []publicKey) string {
	if len(keys) == 0 {
		return ""
	}
	return keys[0].origin()
}

// notesOf splits checkpoints where the name of the log begins one, so that damage to one leaves the others alone.
func notesOf(b []byte, origin string) (notes [][]byte, torn []byte) {
	begin := []byte("\n" + origin + "\n")
	for len(b) > 0 {
		end := bytes.Index(b[min(1, len(b)):], begin)
		if end < 0 {
			if whole, rest := ledger.SplitCheckpoints(b); len(whole) == 1 {
				return append(notes, whole[0]), rest
			}
			return notes, b
		}
		note := bytes.TrimSuffix(b[:end+2], []byte("\n"))
		notes, b = append(notes, note), b[end+2:]
	}
	return notes, nil
}

// keys says whether the keys in the ledger are those that have signed it.
func (l *logCheck) keys(k *keyCheck) {
	key, err := keyIn(ledgerDir+"/"+keyFile, l.a.files.readKey)
	missing := errors.Is(err, os.ErrNotExist)
	here := len(k.keys) > 0 && k.keys[len(k.keys)-1].where == here
	agrees, readable := false, err == nil
	if readable && len(k.keys) > 0 {
		v, err := ledger.VerifierKey(originOf(k.keys), key)
		agrees = err == nil && slices.Contains(verifiers(k.keys), v)
	}
	pub := len(k.unknown) > 0 && (readable && !agrees || !readable && !k.verified)
	switch {
	case pub:
		l.problem(publicFile, "does not hold the key that has signed the checkpoints")
	default:
		for _, i := range k.unknown {
			l.problem(checkpointFile, "checkpoint %d is damaged: %v", i+1, ledger.ErrUnknownKey)
		}
	}
	switch {
	case missing && here:
		l.problem(keyFile, "is missing")
	case !missing && err != nil:
		l.problem(keyFile, "%v", err)
	case readable && here && !l.asMade(key):
		l.problem(keyFile, "is not as it was written, though it can be read")
	case readable && !agrees && !pub && !k.unusable && len(k.keys) > 0:
		l.problem(keyFile, "is not the key that has signed this ledger")
	}
}

// asMade reports whether the key stands there in the form in which drittland writes it.
func (l *logCheck) asMade(key ed25519.PrivateKey) bool {
	want, err1 := ledger.FormatKey(key)
	got, err2 := l.a.files.readKey()
	return err1 == nil && err2 == nil && bytes.Equal(want, got)
}
