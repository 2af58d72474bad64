// Package kv is what an index of an archive must be able to do: buckets of keys in byte order, changed by transactions. The embedded
// archive keeps it in a bbolt file, see Bolt; package pg keeps it in PostgreSQL.
//
// Reading gives no errors: a store that fails panics within the transaction, and View, Update and Append make an error of it.
package kv

// A DB is an index.
type DB interface {
	// View calls f with the index as it is at one moment.
	View(f func(Tx) error) error
	// Update calls f with the index to be changed: all that f does, or nothing if it fails. What is derived is changed by it.
	Update(f func(Tx) error) error
	// Append is Update for evidence. Of all processes that have the index open, one at a time is in it, and it sees what those
	// before it have left.
	Append(f func(Tx) error) error
	// Alone is Append, and nobody is in Update meanwhile: f may change anything.
	Alone(f func(Tx) error) error
	Close() error
}

// A Tx is one transaction. It is for one goroutine, and ends with the call that gave it.
type Tx interface {
	Bucket(name []byte) Bucket // nil if there is none
	CreateBucketIfNotExists(name []byte) (Bucket, error)
	DeleteBucket(name []byte) error // with all that is in it
}

// A Bucket maps keys to values. Keys and values are valid until the transaction ends and must not be changed; a key that is put must
// not be changed either until then. A bucket may hold others in the place of values, which have no value of their own.
type Bucket interface {
	Get(key []byte) []byte // nil if there is none
	Put(key, value []byte) error
	Delete(key []byte) error // no error if there is none
	Cursor() Cursor
	ForEach(f func(k, v []byte) error) error // in order; v is nil for a bucket; f must not change the bucket
	Len() int                                // number of keys, perhaps without those that this transaction has put; takes time with the size of the bucket

	Bucket(name []byte) Bucket // nil if there is none
	CreateBucketIfNotExists(name []byte) (Bucket, error)

	Sequence() uint64 // the last number that NextSequence gave
	NextSequence() (uint64, error)
	SetSequence(n uint64) error
}

// A Cursor goes through the keys of a bucket. A nil key says that there is no further one.
type Cursor interface {
	First() (k, v []byte)
	Last() (k, v []byte)
	Next() (k, v []byte)
	Prev() (k, v []byte)
	Seek(key []byte) (k, v []byte) // the first key that is not below key
}

// A Need is what a transaction will look at: some keys of a bucket, or its last ones. Sub is the bucket within it, if it holds buckets.
type Need struct {
	Bucket, Sub []byte
	Keys        [][]byte
	Last        int
}

// A Fetcher is a Tx that can get much with one question. Nothing depends on it but time.
type Fetcher interface {
	Fetch(needs ...Need) error
}

// Fetch has tx get what will be looked at, if it is a Fetcher.
func Fetch(tx Tx, needs ...Need) error {
	if f, ok := tx.(Fetcher); ok {
		return f.Fetch(needs...)
	}
	return nil
}
