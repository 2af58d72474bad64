package archive

// This file runs the tests of this package a second time, on archives in a PostgreSQL database.

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/archive/pg"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

// onServer has created make archives on a server; onJoined has opened join their parts as well.
var (
	onJoined = os.Getenv("DRITTLAND_TEST_GROUND") == "joined"
	onServer = onJoined || os.Getenv("DRITTLAND_TEST_GROUND") == "server"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

var (
	addressesLock sync.Mutex
	addresses     = map[string]string{} // with user, by that without
	stores        = map[string]string{} // folders of objects, by the address with user
)

// folderOnly skips a test that is about the files of an archive in a folder.
func folderOnly(t testing.TB) {
	if onServer {
		t.Skip("about files in a folder")
	}
}

// createdOnServer makes an empty archive in a database of its own and gives its address.
func createdOnServer(t testing.TB) string {
	t.Helper()
	address := pgtest.Need(t).Database(t)
	registered(t, address, t.TempDir())
	return address
}

func registered(t testing.TB, address, store string) {
	t.Helper()
	db, err := pg.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	addressesLock.Lock()
	addresses[db.String()], stores[address] = address, store
	addressesLock.Unlock()
	db.Close()
	if _, err := CreateShared(t.Context(), address, Options{Objects: "file://" + store}); err != nil {
		t.Fatal(err)
	}
}

// copiedOnServer is a copy of an archive on a server that nobody has open.
func copiedOnServer(t testing.TB, address string) string {
	t.Helper()
	store := t.TempDir()
	if err := os.CopyFS(store, os.DirFS(stores[address])); err != nil {
		t.Fatal(err)
	}
	other := pgtest.Need(t).Clone(t, address)
	registered(t, other, store)
	return other
}

// valuesOnServer are all values in the tables of an archive.
func valuesOnServer(t testing.TB, address string) (out [][]byte) {
	t.Helper()
	a := opened(t, address, Options{ReadOnly: true})
	defer closed(t, a)
	err := a.view(func(tx kv.Tx) error {
		for _, name := range append(slices.Clone(allBuckets), bucketMeta) {
			if err := tx.Bucket(name).ForEach(func(k, v []byte) error {
				if v != nil {
					out = append(out, v)
					return nil
				}
				return tx.Bucket(name).Bucket(k).ForEach(func(_, v []byte) error { out = append(out, v); return nil })
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What holds for an archive in a folder holds for one on a server.
func TestConformanceOnServer(t *testing.T) { conforms(t, "server", ".", 30) }

// What reads and changes capture files also holds where parts are joined each time that an archive is opened.
func TestConformanceJoined(t *testing.T) {
	conforms(t, "joined", "Annexes|Rotation|Backup|Erase|Exhibit|Prov|Prune|Rebuild|Revisit", 10)
}

func conforms(t *testing.T, ground, tests string, least int) {
	if onServer {
		t.Skip("this is the second time")
	}
	pgtest.Need(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.v", "-test.timeout=300s", "-test.run="+tests)
	cmd.Env = append(os.Environ(), "DRITTLAND_TEST_GROUND="+ground)
	out, err := cmd.CombinedOutput()
	passed := strings.Count(string(out), "\n--- PASS: ")
	if err != nil || passed < least {
		t.Errorf("%v, %d tests passed\n%s", err, passed, out)
	}
}
