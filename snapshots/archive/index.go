package archive

// This file lays out the index: its buckets, their keys, and what a record of evidence adds to them.

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/warc"
)

const layout = "drittland-index/7"

var (
	keyLayout  = []byte("layout")
	bucketMeta = []byte("meta")

	// These follow from the capture files alone.
	bucketFiles        = []byte("files")        // number (4 bytes) → indexed end (8)
	bucketRecords      = []byte("records")      // UUID → place
	bucketBodies       = []byte("bodies")       // hash → UUID of the record that holds the body, where that is not named by the hash
	bucketSnapshots    = []byte("snapshots")    // UUID → position, entry as a packed line
	bucketTerms        = []byte("terms")        // terms → number (4)
	bucketHistory      = []byte("history")      // number of terms, time, position → UUID of a snapshot
	bucketAnnexes      = []byte("annexes")      // UUID of the policy, time, position → UUID of a snapshot
	bucketOrigins      = []byte("origins")      // collection, commit, path, hashed → UUID of a snapshot
	bucketPaths        = []byte("paths")        // path or address, hashed → hash of the last body there
	bucketDeclarations = []byte("declarations") // terms → JSON
	bucketCursors      = []byte("cursors")      // collection → commit
	bucketAttempts     = []byte("attempts")     // terms → { time, position → JSON }
	bucketDecisions    = []byte("decisions")    // terms → { position → JSON }
	bucketJudged       = []byte("judged")       // terms, variant, what a decision is about and its fingerprint, hashed → position of the last decision
	bucketOpinions     = []byte("opinions")     // terms → { position → JSON }: what was recorded together, without the opinions

	bucketTellings  = []byte("tellings")  // terms → { position → JSON }
	bucketErased    = []byte("erased")    // UUID of an erased record → JSON
	bucketForgotten = []byte("forgotten") // UUID of a snapshot whose content was erased → JSON
	bucketMoved     = []byte("moved")     // UUID of a body record → that of the one that stands in its place

	// These are derived by reading the snapshots.
	bucketPending   = []byte("pending")   // time, position → UUID of a snapshot
	bucketVersions  = []byte("versions")  // ID (8) → packed line
	bucketTimeline  = []byte("timeline")  // number of terms, time, turn (4) → ID of a version (8)
	bucketDocuments = []byte("documents") // hash (16) → depth, what it builds upon, frame
	bucketDerived   = []byte("derived")   // kind → { key → value }

	evidenceBuckets = [][]byte{bucketFiles, bucketRecords, bucketBodies, bucketSnapshots, bucketTerms, bucketHistory, bucketAnnexes,
		bucketOrigins, bucketPaths, bucketDeclarations, bucketCursors, bucketAttempts, bucketDecisions, bucketJudged,
		bucketOpinions, bucketTellings, bucketErased, bucketForgotten, bucketMoved}
	derivedBuckets = [][]byte{bucketPending, bucketVersions, bucketTimeline, bucketDocuments, bucketDerived}
	allBuckets     = append(evidenceBuckets[:len(evidenceBuckets):len(evidenceBuckets)], derivedBuckets...)
)

func makeBuckets(tx kv.Tx) error {
	for _, name := range append(allBuckets[:len(allBuckets):len(allBuckets)], bucketMeta) {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return tx.Bucket(bucketMeta).Put(keyLayout, []byte(layout))
}

const (
	bodyURI     = "urn:drittland:body:sha256:"
	entriesURI  = "urn:drittland:entries" // where there is no address of a page
	chainURI    = "urn:drittland:tls-chain:sha256:"
	typeZstd    = "application/zstd"
	typeEntries = "application/vnd.drittland.entries"
	pictureURI  = "urn:drittland:" // and the kind of the picture, a colon and the address of the page
	dictionary  = "Drittland-Dictionary"

	noBody = 255 // depth of a record that is no body record
)

// A place is where a record stands, and how many bodies a body record builds upon.
type place struct {
	file   uint32
	extent warc.Extent
	depth  byte
}

func (p place) encode() []byte {
	b := []byte{p.depth}
	for _, n := range []uint64{uint64(p.file), uint64(p.extent.Offset), uint64(p.extent.Length)} {
		b = binary.AppendUvarint(b, n)
	}
	return b
}

func decodePlace(b []byte) (place, error) {
	damaged := fmt.Errorf("%w: place of %d bytes in the index", ErrDamaged, len(b))
	if len(b) == 0 {
		return place{}, damaged
	}
	var n [3]uint64
	rest := b[1:]
	for i := range n {
		v, size := binary.Uvarint(rest)
		if size <= 0 || v > 1<<62 {
			return place{}, damaged
		}
		n[i], rest = v, rest[size:]
	}
	if len(rest) > 0 || n[0] > 1<<32-1 {
		return place{}, damaged
	}
	return place{depth: b[0], file: uint32(n[0]), extent: warc.Extent{Offset: int64(n[1]), Length: int64(n[2])}}, nil
}

// An entry is one line of an entries record.
type entry struct {
	Declaration *snapshots.Declaration `json:"declaration,omitempty"`
	Snapshot    *snapshots.Snapshot    `json:"snapshot,omitempty"`
	Record      string                 `json:"record,omitempty"`  // holds the body, if it is not the record of its hash; the opinions
	Records     []string               `json:"records,omitempty"` // the exchanges of a capture, then the pictures of its rendering
	Cursor      *Cursor                `json:"cursor,omitempty"`
	Attempt     *snapshots.Attempt     `json:"attempt,omitempty"`
	Decision    *snapshots.Decision    `json:"decision,omitempty"`
	Opinions    *snapshots.Opinions    `json:"opinions,omitempty"`
	Erasure     *snapshots.Erasure     `json:"erasure,omitempty"`
	Telling     *snapshots.Telling     `json:"telling,omitempty"`
}

// A uuid is an identifier in its 16 bytes.
type uuid [16]byte

// identify derives an identifier from parts.
func identify(parts ...string) uuid {
	b, _ := snapshots.Encode(parts) // strings always encode
	sum := sha256.Sum256(b)
	u := uuid(sum[:16])
	u[6] = u[6]&0x0f | 0x80 // version 8: derived in a way of our own
	u[8] = u[8]&0x3f | 0x80
	return u
}

func (u uuid) String() string {
	h := hex.EncodeToString(u[:])
	return "urn:uuid:" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func parseUUID(s string) (uuid, error) {
	h, ok := strings.CutPrefix(s, "urn:uuid:")
	b, err := hex.DecodeString(strings.ReplaceAll(h, "-", ""))
	if !ok || err != nil || len(b) != 16 || uuid(b).String() != s {
		return uuid{}, fmt.Errorf("%.60q is no identifier of a record", s)
	}
	return uuid(b), nil
}

// hashKey is h in its 32 bytes.
func hashKey(h snapshots.Hash) ([]byte, error) {
	b, err := hex.DecodeString(string(h))
	if err != nil || len(b) != sha256.Size || hex.EncodeToString(b) != string(h) {
		return nil, fmt.Errorf("%.80q is no hash", h)
	}
	return b, nil
}

// termsKey is t as a key.
func termsKey(t snapshots.Terms) ([]byte, error) {
	for _, s := range []string{t.Service, t.Type} {
		if s == "" || len(s) > 1000 || !utf8.ValidString(s) || strings.ContainsFunc(s, func(c rune) bool { return c < ' ' }) {
			return nil, fmt.Errorf("%.80q is no name of a service or of a type of terms", s)
		}
	}
	return []byte(t.Service + "\x00" + t.Type), nil
}

func keyTerms(key []byte) snapshots.Terms {
	service, typ, _ := strings.Cut(string(key), "\x00")
	return snapshots.Terms{Service: service, Type: typ}
}

func originKey(o *snapshots.Origin) []byte {
	u := identify("origin", o.Repo, o.Commit, o.Path)
	return u[:]
}

// pathKey is the line of bodies that s belongs to, each of which is likely to resemble the one before it.
func pathKey(s *snapshots.Snapshot) []byte {
	u := identify("url", s.Terms.Service, s.Terms.Type, s.URL)
	if s.Origin != nil {
		u = identify("path", s.Origin.Repo, s.Origin.Path)
	}
	return u[:]
}

// errEntry says that a record is framed well but its content makes no sense; the rest of the evidence does.
var errEntry = errors.New("record cannot be indexed")

// index enters one record of evidence. The same records in the same order make the same index, whether they
// have just been written or are read back.
func index(tx kv.Tx, p place, rec *warc.Record) error {
	id, err := parseUUID(rec.ID())
	if err != nil {
		return fmt.Errorf("%w: %w", errEntry, err)
	}
	p.depth = noBody
	hash, isBody := bodyHash(rec)
	if isBody {
		if p.depth, err = chainDepth(tx, rec); err != nil {
			return fmt.Errorf("%w: %w", errEntry, err)
		}
	}
	if err := tx.Bucket(bucketRecords).Put(id[:], p.encode()); err != nil {
		return err
	}
	if isBody {
		if err := indexMoved(tx, rec, id); err != nil {
			return err
		}
		return putHolder(tx, hash, id)
	}
	if rec.Type() != "metadata" || rec.Header.Get("Content-Type") != typeEntries {
		return nil
	}
	if _, err := tx.Bucket(bucketRecords).NextSequence(); err != nil {
		return err
	}
	var wrong error
	for i, line := range bytes.Split(bytes.TrimSuffix(rec.Block, []byte("\n")), []byte("\n")) {
		if err := indexLine(tx, p, i, line); errors.Is(err, errEntry) {
			wrong = errors.Join(wrong, fmt.Errorf("line %d: %w", i+1, err))
		} else if err != nil {
			return err
		}
	}
	return wrong
}

// bodyHash is the hash that a body record states.
func bodyHash(rec *warc.Record) ([]byte, bool) {
	h, ok := strings.CutPrefix(warc.Bare(rec.Header.Get("WARC-Target-URI")), bodyURI)
	if !ok || rec.Type() != "resource" || rec.Header.Get("Content-Type") != typeZstd {
		return nil, false
	}
	key, err := hashKey(snapshots.Hash(h))
	return key, err == nil
}

// chainDepth is the number of bodies that a body record builds upon.
func chainDepth(tx kv.Tx, rec *warc.Record) (byte, error) {
	name := warc.Bare(rec.Header.Get(dictionary))
	if name == "" {
		return 0, nil
	}
	id, err := parseUUID(name)
	if err != nil {
		return 0, err
	}
	p, err := locate(tx, id)
	if err != nil {
		return 0, fmt.Errorf("dictionary: %w", err)
	}
	if p.depth >= maxChain-1 {
		return 0, fmt.Errorf("dictionary %s is no body record, or its chain is too long", id)
	}
	return p.depth + 1, nil
}

// locate is the place of the record called id.
func locate(tx kv.Tx, id uuid) (place, error) {
	b := tx.Bucket(bucketRecords).Get(id[:])
	if b == nil {
		return place{}, fmt.Errorf("record %s: %w", id, ErrNotFound)
	}
	return decodePlace(b)
}

func putNew(b kv.Bucket, key, value []byte) error {
	if b.Get(key) != nil {
		return nil
	}
	return b.Put(key, value)
}

func indexLine(tx kv.Tx, p place, n int, line []byte) error {
	var e entry
	if err := json.Unmarshal(line, &e); err != nil {
		return fmt.Errorf("%w: %w", errEntry, err)
	}
	switch {
	case e.Declaration != nil:
		return indexDeclaration(tx, e.Declaration)
	case e.Cursor != nil:
		if err := e.Cursor.check(); err != nil {
			return fmt.Errorf("%w: %w", errEntry, err)
		}
		return tx.Bucket(bucketCursors).Put([]byte(e.Cursor.Repo), []byte(e.Cursor.Commit))
	case e.Attempt != nil:
		return indexAttempt(tx, position(p, n), e.Attempt)
	case e.Decision != nil:
		return indexDecision(tx, position(p, n), e.Decision)
	case e.Opinions != nil:
		return indexOpinions(tx, position(p, n), &e)
	case e.Telling != nil:
		return indexTelling(tx, position(p, n), e.Telling)
	case e.Erasure != nil:
		return indexErasure(tx, e.Erasure)
	case e.Snapshot != nil:
		return indexSnapshot(tx, position(p, n), line, &e)
	}
	return nil // of a kind that this release does not know
}

func indexDeclaration(tx kv.Tx, d *snapshots.Declaration) error {
	key, err := termsKey(snapshots.Terms{Service: d.Service, Type: d.TermsType})
	if err != nil {
		return fmt.Errorf("%w: %w", errEntry, err)
	}
	b, err := snapshots.Encode(d)
	if err != nil {
		return fmt.Errorf("%w: %w", errEntry, err)
	}
	return tx.Bucket(bucketDeclarations).Put(key, b)
}

func indexSnapshot(tx kv.Tx, pos, line []byte, e *entry) error {
	s := e.Snapshot
	k, err := keysOf(e)
	if err != nil {
		return fmt.Errorf("%w: snapshot: %w", errEntry, err)
	}
	if tx.Bucket(bucketSnapshots).Get(k.id[:]) != nil {
		return nil // the first one holds
	}
	terms, err := numberTerms(tx, k.terms)
	if err != nil {
		return err
	}
	when := append(timeKey(s.At), pos...)
	err = errors.Join(
		tx.Bucket(bucketSnapshots).Put(k.id[:], append(pos[:len(pos):len(pos)], packLine(line)...)),
		tx.Bucket(bucketHistory).Put(append(terms, when...), k.id[:]))
	if s.AnnexOf != "" {
		err = errors.Join(err, tx.Bucket(bucketAnnexes).Put(append(k.policy[:], when...), k.id[:]))
	} else {
		err = errors.Join(err, tx.Bucket(bucketPending).Put(when, k.id[:]))
	}
	if s.Origin != nil {
		err = errors.Join(err, tx.Bucket(bucketOrigins).Put(originKey(s.Origin), k.id[:]))
	}
	if s.Size > 0 {
		err = errors.Join(err, tx.Bucket(bucketPaths).Put(pathKey(s), k.body))
	}
	if e.Record != "" {
		err = errors.Join(err, putHolder(tx, k.body, k.record))
	}
	return err
}

// keys are the identifiers within an entry of a snapshot, in their bytes.
type keys struct {
	id, policy, record uuid
	terms, body        []byte
}

func keysOf(e *entry) (k keys, err error) {
	if k.id, err = parseUUID(e.Snapshot.ID); err != nil {
		return k, err
	}
	if e.Snapshot.AnnexOf != "" {
		if k.policy, err = parseUUID(e.Snapshot.AnnexOf); err != nil {
			return k, err
		}
	}
	if e.Record != "" {
		if k.record, err = parseUUID(e.Record); err != nil {
			return k, err
		}
	}
	if k.terms, err = termsKey(e.Snapshot.Terms); err != nil {
		return k, err
	}
	k.body, err = hashKey(e.Snapshot.Body)
	return k, err
}
