package archive

// This file checks the index: the part that follows from the evidence against a fresh one, the rest in itself.

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
)

// index checks the whole index in tx.
func (c *checker) index(tx kv.Tx) error {
	err := c.fresh.View(func(fresh kv.Tx) error {
		for _, name := range evidenceBuckets {
			if c.lost && slices.ContainsFunc(secondary, func(b []byte) bool { return bytes.Equal(b, name) }) {
				continue // differences there follow from what is lost
			}
			if err := c.compare(string(name), fresh.Bucket(name), tx.Bucket(name)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if tx.Bucket(bucketMeta).Get(keyErasing) != nil {
		c.problems.add(Problem{File: indexFile, Note: true, What: "an erasure was cut off; the next command that writes to the archive finishes it"})
		return nil
	}
	if err := c.documents(tx); err != nil {
		return err
	}
	if err := c.versions(tx); err != nil {
		return err
	}
	derived := tx.Bucket(bucketDerived)
	return derived.ForEach(func(kind, _ []byte) error {
		return derived.Bucket(kind).ForEach(func(k, v []byte) error {
			if _, ok := unsealed(k, v); !ok {
				c.wrong("derived %s %s is damaged", show(kind), show(k))
			}
			return c.ctx.Err()
		})
	})
}

// secondary buckets hold nothing that another does not hold as well.
var secondary = [][]byte{bucketFiles, bucketTerms, bucketHistory, bucketAnnexes, bucketOrigins, bucketPaths, bucketJudged, bucketErased, bucketForgotten, bucketMoved}

func (c *checker) wrong(format string, args ...any) {
	c.problems.add(Problem{File: indexFile, What: fmt.Sprintf(format, args...)})
}

// compare walks two buckets side by side and names each key that is not the same in both.
func (c *checker) compare(name string, want, got kv.Bucket) error {
	if want == nil || got == nil {
		c.wrong("%s is missing from the %s", name, map[bool]string{true: "evidence", false: "index"}[want == nil])
		return nil
	}
	if want.Sequence() != got.Sequence() && !c.lost {
		c.wrong("%s counts %d, the evidence %d", name, got.Sequence(), want.Sequence())
	}
	cw, cg := want.Cursor(), got.Cursor()
	kw, vw := cw.First()
	kg, vg := cg.First()
	for kw != nil || kg != nil {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		order := bytes.Compare(kw, kg)
		switch {
		case kg == nil || kw != nil && order < 0:
			c.wrong("%s lacks %s, which is in the evidence", name, show(kw))
			kw, vw = cw.Next()
		case kw == nil || order > 0:
			c.wrong("%s holds %s, which is not in the evidence that can be read", name, show(kg))
			kg, vg = cg.Next()
		default:
			if vw == nil && vg == nil { // buckets
				if err := c.compare(name+" "+show(kw), want.Bucket(kw), got.Bucket(kg)); err != nil {
					return err
				}
			} else if !sameValue(name, vw, vg) {
				c.wrong("%s says something else about %s than the evidence", name, show(kg))
			}
			kw, vw = cw.Next()
			kg, vg = cg.Next()
		}
	}
	return nil
}

// sameValue reports whether two values of a bucket say the same. Another release may compress a line otherwise.
func sameValue(bucket string, a, b []byte) bool {
	if bytes.Equal(a, b) || bucket != string(bucketSnapshots) || len(a) < posLen || len(b) < posLen {
		return bytes.Equal(a, b)
	}
	x, err1 := unpackLine(a[posLen:])
	y, err2 := unpackLine(b[posLen:])
	return err1 == nil && err2 == nil && bytes.Equal(x, y) && bytes.Equal(a[:posLen], b[:posLen])
}

// show is a key for a person: an identifier, a text, or hexadecimal.
func show(key []byte) string {
	if len(key) == len(uuid{}) {
		return uuid(key).String()
	}
	for _, b := range key {
		if b < ' ' && b != 0 || b > '~' {
			return hex.EncodeToString(key)
		}
	}
	return fmt.Sprintf("%q", bytes.ReplaceAll(key, []byte{0}, []byte(" · ")))
}

// documents decodes every document.
func (c *checker) documents(tx kv.Tx) error {
	docs := tx.Bucket(bucketDocuments)
	total, done := int64(docs.Len()), int64(0)
	return docs.ForEach(func(k, _ []byte) error {
		if done++; done%100 == 0 {
			c.progress(Progress{"documents", done, total})
		}
		if err := c.ctx.Err(); err != nil {
			return err
		}
		if len(k) != len(uuid{}) {
			c.wrong("document %x has no name", k)
			return nil
		}
		err := c.document(tx, uuid(k))
		if e := unread(err); e != nil {
			return e
		}
		if err != nil {
			c.wrong("document %x…: %v", k, err)
		}
		return nil
	})
}

// document decodes one document from what is stored of it, even if it is at hand.
func (c *checker) document(tx kv.Tx, id uuid) error {
	p, err := stored(tx, id)
	if err != nil {
		return err
	}
	var before []byte
	if p.depth > 0 {
		dict, err := stored(tx, p.dict)
		if err != nil {
			return err
		}
		if dict.depth+1 != p.depth {
			return errors.New("its place in its chain is not behind its dictionary")
		}
		if before, err = c.a.documentBytes(tx, p.dict); err != nil {
			return err
		}
	}
	text, err := c.a.decodeDocument(tx, p, before)
	if err != nil {
		return err
	}
	got := snapshots.HashOf(text)
	if is, err := named(got); err != nil || is != id {
		return fmt.Errorf("decodes to one with hash %s", got)
	}
	c.a.bodies.put(id, text, got)
	return nil
}

// versions checks every version, its place in line, and that every snapshot has been read or is pending.
func (c *checker) versions(tx kv.Tx) error {
	read := map[string]bool{}
	err := tx.Bucket(bucketVersions).ForEach(func(k, b []byte) error {
		v, err := decodeVersion(tx, k, b)
		if err != nil {
			c.wrong("version %s: %v", show(k), err)
			return nil
		}
		read[v.Snapshot] = true
		if err := checkVersion(tx, v, hex.EncodeToString(k)); err != nil {
			c.wrong("version %s: %v", show(k), err)
		}
		return c.ctx.Err()
	})
	if err != nil {
		return err
	}
	inLine := 0
	var at []byte // terms and time of the last key
	turn := uint32(0)
	err = tx.Bucket(bucketTimeline).ForEach(func(k, id []byte) error {
		inLine++
		if len(k) == termsLen+timeLen+turnLen { // versions of one time are counted from 1
			if turn++; !bytes.Equal(k[:termsLen+timeLen], at) {
				turn, at = 1, bytes.Clone(k[:termsLen+timeLen])
			}
			if is := binary.BigEndian.Uint32(k[termsLen+timeLen:]); is != turn {
				c.wrong("timeline: a version stands at turn %d, where %d is next", is, turn)
				turn = is
			}
		}
		v, err := versionAt(tx, id)
		if err != nil {
			c.wrong("timeline: %v", err)
			return nil
		}
		terms, err := termsKey(v.Terms)
		if err != nil || len(k) != termsLen+timeLen+turnLen || !bytes.HasPrefix(k, termsNumber(tx, terms)) {
			c.wrong("timeline holds version %s of %s among those of other terms", v.ID, v.Terms)
		} else if !bytes.HasPrefix(k[termsLen:], timeKey(v.Date)) {
			c.wrong("timeline of %s has version %s on another date", v.Terms, v.ID)
		}
		return c.ctx.Err()
	})
	if err != nil {
		return err
	}
	if n := tx.Bucket(bucketVersions).Len(); n != inLine {
		c.wrong("%d versions, but %d of them stand in a timeline", n, inLine)
	}
	return c.pending(tx, read)
}

// checkVersion checks one version against its ID, its snapshot and its documents.
func checkVersion(tx kv.Tx, v snapshots.Version, id string) error {
	if err := v.Identify(); err != nil {
		return err
	}
	if v.ID != id {
		return fmt.Errorf("its content has the ID %s", v.ID)
	}
	if _, err := storedEntry(tx, v.Snapshot); err != nil {
		return err
	}
	for _, h := range append([]snapshots.Hash{v.Document}, annexDocuments(v)...) {
		if h == "" {
			continue
		}
		name, err := named(h)
		if err == nil {
			_, err = stored(tx, name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func annexDocuments(v snapshots.Version) []snapshots.Hash {
	var out []snapshots.Hash
	for _, x := range v.Annexes {
		out = append(out, x.Document)
	}
	return out
}

// pending checks that a snapshot is pending if and only if it is no annex and has no version.
func (c *checker) pending(tx kv.Tx, read map[string]bool) error {
	waiting := map[string]bool{}
	err := tx.Bucket(bucketPending).ForEach(func(k, id []byte) error {
		e, pos, err := decodeEntry(tx.Bucket(bucketSnapshots).Get(id))
		if err != nil {
			c.wrong("pending: %v", err)
			return nil
		}
		if !bytes.Equal(k, append(timeKey(e.Snapshot.At), pos...)) {
			c.wrong("pending: snapshot %s has another date or position", e.Snapshot.ID)
		}
		waiting[e.Snapshot.ID] = true
		return nil
	})
	if err != nil {
		return err
	}
	return tx.Bucket(bucketSnapshots).ForEach(func(k, b []byte) error {
		e, _, err := decodeEntry(b)
		if err != nil {
			c.wrong("snapshot %s: %v", show(k), err)
			return nil
		}
		s := e.Snapshot
		if due := s.AnnexOf == "" && !read[s.ID]; due != waiting[s.ID] {
			c.wrong("snapshot %s: pending is %v, should be %v", s.ID, waiting[s.ID], due)
		}
		return nil
	})
}
