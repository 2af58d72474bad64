package kv

import bolt "go.etcd.io/bbolt"

// Bolt is an index in a bbolt file, which one process at a time may write.
type Bolt struct{ *bolt.DB }

// View is that of a DB.
func (b Bolt) View(f func(Tx) error) error {
	return b.DB.View(func(tx *bolt.Tx) error { return f(BoltTx{tx}) })
}

// Update is that of a DB.
func (b Bolt) Update(f func(Tx) error) error {
	return b.DB.Update(func(tx *bolt.Tx) error { return f(BoltTx{tx}) })
}

// Append is that of a DB.
func (b Bolt) Append(f func(Tx) error) error { return b.Update(f) }

// Alone is that of a DB.
func (b Bolt) Alone(f func(Tx) error) error { return b.Update(f) }

// BoltTx is a transaction of bbolt.
type BoltTx struct{ *bolt.Tx }

// Bucket is that of a Tx.
func (t BoltTx) Bucket(name []byte) Bucket { return bucket(t.Tx.Bucket(name)) }

// CreateBucketIfNotExists is that of a Tx.
func (t BoltTx) CreateBucketIfNotExists(name []byte) (Bucket, error) {
	b, err := t.Tx.CreateBucketIfNotExists(name)
	return bucket(b), err
}

type inner = bolt.Bucket

type boltBucket struct{ *inner }

func bucket(b *bolt.Bucket) Bucket {
	if b == nil {
		return nil
	}
	return boltBucket{b}
}

func (b boltBucket) Bucket(name []byte) Bucket { return bucket(b.inner.Bucket(name)) }

func (b boltBucket) CreateBucketIfNotExists(name []byte) (Bucket, error) {
	made, err := b.inner.CreateBucketIfNotExists(name)
	return bucket(made), err
}

func (b boltBucket) Cursor() Cursor { return b.inner.Cursor() }

func (b boltBucket) Len() int { return b.Stats().KeyN }
