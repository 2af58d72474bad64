package archive

// This file compresses a text against the one before it, and keeps decoded texts at hand.

import (
	"bytes"
	"container/list"
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// MaxBody is the largest body, and the largest document, that an archive takes, in bytes.
const MaxBody = 64 << 20

// A codec makes and reads Zstandard frames, with or without a raw dictionary.
type codec struct {
	mu    sync.Mutex
	plain *zstd.Encoder
	with  *zstd.Encoder // of a faster level: filling its tables with the dictionary is most of the work
	dec   *zstd.Decoder
}

func newCodec() *codec {
	opts := []zstd.EOption{zstd.WithEncoderCRC(false), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true)}
	plain, err1 := zstd.NewWriter(nil, append(opts, zstd.WithEncoderLevel(zstd.SpeedBetterCompression))...)
	with, err2 := zstd.NewWriter(nil, append(opts, zstd.WithEncoderLevel(zstd.SpeedDefault))...)
	dec, err3 := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(MaxBody))
	if err := errors.Join(err1, err2, err3); err != nil {
		panic(err) // the options are constants
	}
	return &codec{plain: plain, with: with, dec: dec}
}

// encode compresses body against dict, which may be nil, and makes sure that decoding gives body again.
func (c *codec) encode(body, dict []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	frame, err := c.encodeLocked(body, dict)
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	back, err := c.decodeLocked(frame, dict)
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if !bytes.Equal(back, body) {
		return nil, errors.New("compress: decoding gives other bytes")
	}
	return frame, nil
}

// encodeLocked makes the frame. A stream reads the dictionary once, EncodeAll would read it twice.
func (c *codec) encodeLocked(body, dict []byte) ([]byte, error) {
	if dict == nil {
		return c.plain.EncodeAll(body, nil), nil
	}
	var frame bytes.Buffer
	if err := c.with.ResetWithOptions(&frame, zstd.WithEncoderDictRaw(0, dict)); err != nil {
		return nil, err
	}
	c.with.ResetContentSize(&frame, int64(len(body)))
	if _, err := c.with.Write(body); err != nil {
		return nil, err
	}
	err := c.with.Close()
	return frame.Bytes(), err
}

// decode gives the body of a frame.
func (c *codec) decode(frame, dict []byte) ([]byte, error) {
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

func (c *codec) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dec.Close()
}

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
}

func newCache(bytes int) *cache {
	return &cache{size: bytes, room: bytes, items: map[uuid]*list.Element{}}
}

// get is the text called id. It must not be changed.
func (c *cache) get(id uuid) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.items[id]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(cached).text, true
}

// put keeps text, which must not be changed any more.
func (c *cache) put(id uuid, text []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.items[id]; ok || len(text) > c.size/4 {
		return
	}
	c.items[id] = c.order.PushFront(cached{id, text})
	c.room -= len(text)
	for c.room < 0 {
		old := c.order.Remove(c.order.Back()).(cached)
		delete(c.items, old.id)
		c.room += len(old.text)
	}
}
