package kv_test

import (
	"path/filepath"
	"testing"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/archive/kv/kvtest"
	bolt "go.etcd.io/bbolt"
)

func TestBolt(t *testing.T) {
	kvtest.Conformance(t, func(t testing.TB) kv.DB {
		db, err := bolt.Open(filepath.Join(t.TempDir(), "index.db"), 0o600, &bolt.Options{NoSync: true, InitialMmapSize: 64 << 20}) // growing would wait for views
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		index := kv.Bolt{DB: db}
		if err := index.Update(func(tx kv.Tx) error {
			for _, name := range []string{"records", "tellings"} {
				if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return index
	})
}
