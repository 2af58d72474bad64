package archive

// This file compresses a text against the one before it, and keeps decoded texts at hand.

import (
	"bytes"
	"container/list"
	"errors"
	"fmt"
	"sync"

	"github.com/drittland/drittland/snapshots"
	"github.com/klauspost/compress/zstd"
)

// MaxBody is the largest body, and the largest document, that an archive takes, in bytes.
const MaxBody = 64 << 20

// window is the farthest that a frame refers back, in bytes. What a text has in common with another is rarely farther away, and each
// encoder holds a buffer of this size.
const window = 4 << 20

// small is the size of a frame, in bytes, that is not worth a second try.
const small = 2 << 10

// A codec makes and reads Zstandard frames, with or without a raw dictionary.
type codec struct {
	mu    sync.Mutex
	alone *zstd.Encoder // without a dictionary
	fast  *zstd.Encoder // with a dictionary: filling its tables with that is most of the work
	slow  *zstd.Encoder // with a dictionary, three times as long: for what has less in common with it
	dec   *zstd.Decoder
	free  *zstd.Decoder // without a dictionary: for several at a time, and without the lock
}

// codecs are those that no archive has at the moment: their buffers are large, and commands open archives often.
var codecs = sync.Pool{New: func() any { return makeCodec() }}

// newCodec gives a codec, which is to be put back into codecs when it is done with. More than one archive may use it at a time.
func newCodec() *codec { return codecs.Get().(*codec) }

func makeCodec() *codec {
	opts := []zstd.EOption{zstd.WithEncoderCRC(false), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(window)}
	alone, err1 := zstd.NewWriter(nil, append(opts, zstd.WithEncoderLevel(zstd.SpeedBetterCompression))...)
	fast, err2 := zstd.NewWriter(nil, append(opts, zstd.WithEncoderLevel(zstd.SpeedFastest))...)
	slow, err3 := zstd.NewWriter(nil, append(opts, zstd.WithEncoderLevel(zstd.SpeedBetterCompression))...)
	dec, err4 := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(MaxBody))
	free, err5 := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(MaxBody))
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		panic(err) // the options are constants
	}
	return &codec{alone: alone, fast: fast, slow: slow, dec: dec, free: free}
}

// encode compresses text against dict, which may be nil: fast, and what does not become small that way once more and well.
func (c *codec) encode(text, dict []byte) ([]byte, error) {
	if dict == nil {
		return c.encodeBy(c.alone, text, nil)
	}
	frame, err := c.quick(text, dict)
	if err != nil || len(frame) <= small {
		return frame, err
	}
	return c.well(text, dict)
}

func (c *codec) quick(text, dict []byte) ([]byte, error) { return c.encodeBy(c.fast, text, dict) }
func (c *codec) well(text, dict []byte) ([]byte, error)  { return c.encodeBy(c.slow, text, dict) }

// encodeBy compresses text against dict and makes sure that decoding gives text again.
func (c *codec) encodeBy(by *zstd.Encoder, text, dict []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	frame, err := encodeLocked(by, text, dict)
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	back, err := c.decodeLocked(frame, dict)
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if !bytes.Equal(back, text) {
		return nil, errors.New("compress: decoding gives other bytes")
	}
	return frame, nil
}

// encodeLocked makes the frame. A stream reads the dictionary once, EncodeAll would read it twice.
func encodeLocked(by *zstd.Encoder, text, dict []byte) ([]byte, error) {
	if dict == nil {
		return by.EncodeAll(text, nil), nil
	}
	var frame bytes.Buffer
	if err := by.ResetWithOptions(&frame, zstd.WithEncoderDictRaw(0, dict)); err != nil {
		return nil, err
	}
	by.ResetContentSize(&frame, int64(len(text)))
	if _, err := by.Write(text); err != nil {
		return nil, err
	}
	err := by.Close()
	return frame.Bytes(), err
}

// decode gives the body of a frame.
func (c *codec) decode(frame, dict []byte) ([]byte, error) {
	if dict == nil {
		body, err := c.free.DecodeAll(frame, nil)
		if err != nil {
			return nil, fmt.Errorf("decompress: %w", err)
		}
		return body, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.decodeLocked(frame, dict)
}

func (c *codec) decodeLocked(frame, dict []byte) ([]byte, error) {
	opt := zstd.WithDecoderDictDelete()
	if dict != nil {
		opt = zstd.WithDecoderDictRaw(0, dict)
	}
	if err := c.dec.ResetWithOptions(nil, opt); err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	body, err := c.dec.DecodeAll(frame, nil)
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	return body, nil
}

// close gives c to whoever opens the next archive.
func (c *codec) close() { codecs.Put(c) }

// A cache keeps the texts used last, up to a number of bytes.
type cache struct {
	mu    sync.Mutex
	size  int
	room  int
	order list.List // of cached, used last in front
	items map[uuid]*list.Element
}

type cached struct {
	id   uuid
	text []byte
	hash snapshots.Hash
}

func newCache(bytes int) *cache {
	return &cache{size: bytes, room: bytes, items: map[uuid]*list.Element{}}
}

// get is the text called id, which must not be changed, and its hash.
func (c *cache) get(id uuid) (text []byte, hash snapshots.Hash, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.items[id]
	if !ok {
		return nil, "", false
	}
	c.order.MoveToFront(e)
	at := e.Value.(cached)
	return at.text, at.hash, true
}

// put keeps text, which has the hash and must not be changed any more.
func (c *cache) put(id uuid, text []byte, hash snapshots.Hash) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.items[id]; ok || len(text) > c.size/4 {
		return
	}
	c.items[id] = c.order.PushFront(cached{id, text, hash})
	c.room -= len(text)
	for c.room < 0 {
		old := c.order.Remove(c.order.Back()).(cached)
		delete(c.items, old.id)
		c.room += len(old.text)
	}
}

// empty forgets all texts.
func (c *cache) empty() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.order.Init()
	clear(c.items)
	c.room = c.size
}
