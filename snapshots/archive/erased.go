package archive

// This file knows what stands in the place of a record whose content was erased: the head that it had, and zeros, in as many bytes as
// before, so that its leaf in the ledger can still be proved and nothing else moves.

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/warc"
)

// ErrErased says that the content of a record, or of a snapshot, was erased.
var ErrErased = errors.New("erased")

// An ErasedError is the ErrErased of a snapshot.
type ErasedError struct {
	snapshots.Erasure // without IDs
}

func (e *ErasedError) Error() string {
	return fmt.Sprintf("erased on %s: %s", e.At.Format(time.DateOnly), e.Why)
}

// Is makes it an ErrErased.
func (e *ErasedError) Is(target error) bool { return target == ErrErased }

// An erasedRecord is the ErrErased of a record.
type erasedRecord string

func erased(id string) error { return erasedRecord(id) }

func (e erasedRecord) Error() string { return "record " + string(e) + " is erased" }

func (e erasedRecord) Is(target error) bool { return target == ErrErased }

// insteadOf is the field of a body record that names the one that it stands in for.
const insteadOf = "Drittland-Stands-In"

// isErased reports whether nothing but zeros stands where the block of rec was. An entries record is never erased.
func isErased(rec *warc.Record) bool {
	return rec != nil && len(rec.Block) > 0 && rec.Block[0] == 0 && rec.Type() != "metadata" &&
		len(bytes.Trim(rec.Block, "\x00")) == 0 && rec.CheckDigest() != nil
}

// asWritten is a record that was read at p, with the digests that the ledger holds of it: of an erased one, that of the block in its head.
func asWritten(p place, rec *warc.Record, d warc.Digests) written {
	if !isErased(rec) {
		return written{place: p, rec: rec, digests: d}
	}
	h, _ := strings.CutPrefix(rec.Header.Get("WARC-Block-Digest"), "sha256:")
	d.Block = [sha256.Size]byte{}
	_, _ = hex.Decode(d.Block[:], []byte(h[:min(len(h), 2*sha256.Size)])) // one that is none agrees with no leaf
	return written{place: p, rec: rec, digests: d, erased: true}
}

// headOf is the version line and the header of the record in a gzip member, with the empty line that ends it, as it stands there.
func headOf(member []byte) ([]byte, error) {
	r := flate.NewReader(bytes.NewReader(member[10:])) // the members that drittland writes have no fields in front
	if member[3] != 0 {
		return nil, fmt.Errorf("%w: gzip member with fields", ErrDamaged)
	}
	head, err := io.ReadAll(io.LimitReader(r, 64<<10))
	end := bytes.Index(head, []byte("\r\n\r\n"))
	if err != nil || end < 0 {
		return nil, fmt.Errorf("%w: record has no head: %w", ErrDamaged, err)
	}
	return head[:end+4], nil
}

// blank is what stands in the place of a member once its content is erased: a member of the same length, with the same head and a block of
// zeros.
func blank(member []byte, rec *warc.Record) ([]byte, error) {
	head, err := headOf(member)
	if err != nil {
		return nil, err
	}
	text := slices.Concat(head, make([]byte, len(rec.Block)), []byte("\r\n\r\n"))
	var body bytes.Buffer
	w, err := flate.NewWriter(&body, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(text)
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	room := len(member) - body.Len() - 18
	if room < 0 {
		return nil, fmt.Errorf("record %s cannot be erased: a block of zeros takes %d bytes more", rec.ID(), -room)
	}
	const empty = "\x00\x00\x00\xff\xff" // a stored block of no bytes
	out := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}
	if n := room % len(empty); n > 0 { // a comment, which ends with a zero
		out[3] = 0x10
		out = append(out, "----"[:n-1]+"\x00"...)
	}
	out = append(out, strings.Repeat(empty, room/len(empty))...)
	out = append(out, body.Bytes()...)
	out = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(text))
	return binary.LittleEndian.AppendUint32(out, uint32(len(text))), nil
}

// erasureOf is the erasure of a snapshot, if its content was erased.
func erasureOf(tx kv.Tx, snapshot string) (snapshots.Erasure, bool, error) {
	id, err := parseUUID(snapshot)
	if err != nil {
		return snapshots.Erasure{}, false, err
	}
	return erasureAt(tx.Bucket(bucketForgotten).Get(id[:]))
}

func erasureAt(b []byte) (x snapshots.Erasure, ok bool, err error) {
	if b == nil {
		return x, false, nil
	}
	if err = json.Unmarshal(b, &x); err != nil {
		err = fmt.Errorf("%w: erasure in the index: %w", ErrDamaged, err)
	}
	return x, true, err
}

// Erased is when and why the content of the snapshot called id was erased; ok is false if it was not.
func (a *Archive) Erased(id string) (x snapshots.Erasure, ok bool, err error) {
	err = a.view(func(tx kv.Tx) error {
		x, ok, err = erasureOf(tx, id)
		return err
	})
	return x, ok, err
}

// ErasedSnapshots are all erasures, by the ID of the snapshot.
func (a *Archive) ErasedSnapshots() (map[string]snapshots.Erasure, error) {
	out := map[string]snapshots.Erasure{}
	err := a.view(func(tx kv.Tx) error {
		return tx.Bucket(bucketForgotten).ForEach(func(k, b []byte) error {
			x, _, err := erasureAt(b)
			out[uuid(k).String()] = x
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list erasures: %w", err)
	}
	return out, nil
}

// ErasedAmong are the erasures of some snapshots, by their IDs.
func (a *Archive) ErasedAmong(ids []string) (map[string]snapshots.Erasure, error) {
	out := map[string]snapshots.Erasure{}
	err := a.view(func(tx kv.Tx) error {
		need := kv.Need{Bucket: bucketForgotten}
		for _, name := range ids {
			id, err := parseUUID(name)
			if err != nil {
				return err
			}
			need.Keys = append(need.Keys, id[:])
		}
		if err := kv.Fetch(tx, need); err != nil {
			return err
		}
		for i, k := range need.Keys {
			x, gone, err := erasureAt(tx.Bucket(bucketForgotten).Get(k))
			if err != nil {
				return err
			}
			if gone {
				out[ids[i]] = x
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for erasures: %w", err)
	}
	return out, nil
}

// standsIn is the body record that holds the body of the one called id: another one if that was compressed against one that is erased.
func standsIn(tx kv.Tx, id uuid) uuid {
	if b := tx.Bucket(bucketMoved).Get(id[:]); len(b) == len(id) {
		return uuid(b)
	}
	return id
}

func standInName(tx kv.Tx, name string) string {
	id, err := parseUUID(name)
	if err != nil {
		return name // as will be said
	}
	return standsIn(tx, id).String()
}

// standingIn is the record called name among some, or the body record that stands in for it.
func standingIn(records map[string]*warc.Record, name string) *warc.Record {
	if rec := records[name]; rec != nil {
		return rec
	}
	for _, rec := range records {
		if warc.Bare(rec.Header.Get(insteadOf)) == name {
			return rec
		}
	}
	return nil
}

// indexMoved enters that a body record stands in for another.
func indexMoved(tx kv.Tx, rec *warc.Record, id uuid) error {
	name := warc.Bare(rec.Header.Get(insteadOf))
	if name == "" {
		return nil
	}
	old, err := parseUUID(name)
	if err == nil {
		_, err = locate(tx, old)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errEntry, err)
	}
	return tx.Bucket(bucketMoved).Put(old[:], id[:])
}

// indexErasure enters an erasure. That its records are blank is made sure of later.
func indexErasure(tx kv.Tx, x *snapshots.Erasure) error {
	if x.At.IsZero() || x.Why == "" || len(x.Snapshots) == 0 {
		return fmt.Errorf("%w: erasure without a date, a reason or a snapshot", errEntry)
	}
	b, err := snapshots.Encode(snapshots.Erasure{At: x.At, Why: x.Why})
	if err != nil {
		return fmt.Errorf("%w: %w", errEntry, err)
	}
	gone := map[uuid]bool{}
	for _, name := range x.Records {
		id, err := parseUUID(name)
		if err == nil {
			_, err = locate(tx, id)
		}
		if err != nil {
			return fmt.Errorf("%w: erasure: %w", errEntry, err)
		}
		gone[id] = true
		if err := putNew(tx.Bucket(bucketErased), id[:], b); err != nil {
			return err
		}
	}
	for _, name := range x.Snapshots {
		e, err := storedEntry(tx, name)
		if err != nil {
			return fmt.Errorf("%w: erasure: %w", errEntry, err)
		}
		id, _ := parseUUID(name) // it was found by it
		key, err := hashKey(e.Snapshot.Body)
		if at := tx.Bucket(bucketBodies).Get(key); err == nil && len(at) == len(id) && gone[uuid(at)] {
			err = tx.Bucket(bucketBodies).Delete(key)
		}
		if err = errors.Join(err, putNew(tx.Bucket(bucketForgotten), id[:], b)); err != nil {
			return err
		}
	}
	return tx.Bucket(bucketMeta).Put(keyErasing, b)
}
