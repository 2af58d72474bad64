package foreign

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/drittland/drittland/snapshots"
)

const (
	packageFile = "datapackage.json"
	digestFile  = "datapackage-digest.json"
)

// An entry is one file of a package.
type entry struct {
	name, content string
	method        uint16
	mode          fs.FileMode
}

// packed is a ZIP file.
func packed(t testing.TB, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: e.method}
		if e.mode != 0 {
			h.SetMode(e.mode)
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// listed is the list of a package that holds one WARC file, and its digest.
func listed(content string) []entry {
	list, _ := json.Marshal(map[string]any{"profile": "data-package", "wacz_version": "1.1.1", "software": "Clipzy Packer 1",
		"resources": []map[string]string{{"name": "data.warc.gz", "path": "archive/data.warc.gz", "hash": "sha256:" + string(snapshots.HashOf([]byte(content)))}}})
	return []entry{{name: packageFile, content: string(list)},
		{name: digestFile, content: fmt.Sprintf(`{"path":"datapackage.json","hash":"sha256:%s"}`, snapshots.HashOf(list))}}
}

var data = zipped(response1("1", "2026-01-01T00:00:00Z", "We keep your data."))

func TestWACZ(t *testing.T) {
	for name, method := range map[string]uint16{"stored": zip.Store, "compressed": zip.Deflate} {
		f := opened(t, written(t, "x.wacz", packed(t, append(listed(data), entry{name: "archive/data.warc.gz", content: data, method: method},
			entry{name: "pages/pages.jsonl", content: "{}", method: zip.Deflate})...)), Options{})
		got, refused := taken(t, f, page)
		if len(got) != 1 || string(got[0].Body) != "We keep your data." {
			t.Fatalf("%s: %+v, %q", name, got, refused)
		}
		if by := got[0].Snapshot.ThirdParty; by.Digests != "agree" || by.Within != "archive/data.warc.gz" || f.Software != "Clipzy Packer 1" {
			t.Errorf("%s: %+v", name, by)
		}
	}
}

// A packer that many use states a digest of its own, which tells as well whether a file is as it was.
func TestWACZWithDoubledDigest(t *testing.T) {
	large := data + zipped(record("resource", "big", "https://clipzy.example/x", "2026-01-01T00:00:00Z", strings.Repeat("0123456789abcdef", 10_000)))
	large += string(bytes.Repeat([]byte{0}, 150_000)) // filled up, as some writers do
	for name, content := range map[string]string{"one chunk": data, "several chunks": large} {
		sum := sha256.New()
		for rest := []byte(content); len(rest) > 0; rest = rest[min(len(rest), 64<<10):] {
			chunk := rest[:min(len(rest), 64<<10)]
			sum.Write(chunk)
			sum.Write(chunk)
		}
		list := []entry{{name: packageFile, content: fmt.Sprintf(`{"software":"js-wacz","resources":[{"path":"archive/data.warc.gz","hash":"sha256:%x"}]}`, sum.Sum(nil))}}
		got, refused := taken(t, opened(t, written(t, "x.wacz", packed(t, append(list, entry{name: "archive/data.warc.gz", content: content})...)), Options{}), page)
		if len(got) != 1 || got[0].Snapshot.ThirdParty.Digests != "agree" {
			t.Errorf("%s: %+v, %q", name, got, refused)
		}
		other := strings.Replace(content, content[len(data)-9:len(data)-8], "x", 1)
		if other == content {
			t.Fatal("nothing was changed")
		}
		path := written(t, "x.wacz", packed(t, append(list, entry{name: "archive/data.warc.gz", content: other})...))
		if _, err := OpenWACZ(context.Background(), path, Options{}); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s, changed: %v", name, err)
		}
	}
}

func TestWACZDamaged(t *testing.T) {
	other := zipped(response1("1", "2026-01-01T00:00:00Z", "We sell your data."))
	list := listed(data)
	for name, x := range map[string]struct {
		entries []entry
		says    string
	}{
		"another WARC file": {append(listed(data), entry{name: "archive/data.warc.gz", content: other}), "the digest of archive/data.warc.gz"},
		"one more":          {append(listed(data), entry{name: "archive/data.warc.gz", content: data}, entry{name: "archive/more.warc.gz", content: other}), "archive/more.warc.gz is not in the list"},
		"another list":      {append([]entry{{name: packageFile, content: strings.Replace(list[0].content, "Packer 1", "Packer 2", 1)}}, list[1], entry{name: "archive/data.warc.gz", content: data}), "the digest in datapackage-digest.json"},
	} {
		path := written(t, "x.wacz", packed(t, x.entries...))
		if _, err := OpenWACZ(context.Background(), path, Options{}); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s: %v", name, err)
		}
		got, _ := taken(t, opened(t, path, Options{Damaged: true}), page)
		if len(got) == 0 || !strings.Contains(strings.Join(got[0].Snapshot.ThirdParty.Faults, "\n"), x.says) {
			t.Errorf("%s, accepted: %+v", name, got)
		}
		if by := got[0].Snapshot.ThirdParty; name == "another WARC file" && by.Digests != "disagree" {
			t.Errorf("%s, accepted: %+v", name, by)
		}
	}
}

func TestHostileWACZ(t *testing.T) {
	warcs := entry{name: "archive/data.warc.gz", content: data}
	with := func(e ...entry) string { return packed(t, append(append(listed(data), warcs), e...)...) }
	var crowd []entry
	for i := range 12_000 {
		crowd = append(crowd, entry{name: fmt.Sprint(i)})
	}
	big := make([]entry, 0, 300) // a list of files that is larger than it may be, of few files
	for i := range 300 {
		big = append(big, entry{name: fmt.Sprint(i) + strings.Repeat("x", 40_000)})
	}
	encrypted := []byte(with())
	for i := 0; ; i++ { // the flag of each file in the list at the end
		n := bytes.Index(encrypted[i:], []byte("PK\x01\x02"))
		if n < 0 {
			break
		}
		i += n
		encrypted[i+8] |= 1
	}
	overlapping := []byte(with())
	for i := 0; ; i++ {
		n := bytes.Index(overlapping[i:], []byte("PK\x01\x02"))
		if n < 0 {
			break
		}
		i += n
		overlapping[i+22], overlapping[i+23] = 0xff, 0x0f // the compressed size
	}
	for name, x := range map[string]struct {
		content, says string
		want          error
	}{
		"slip":                {with(entry{name: "archive/../../x.warc.gz"}), "leads out of the package", ErrWACZ},
		"slip, plainly":       {with(entry{name: "../x"}), "leads out of the package", ErrWACZ},
		"backslashes":         {with(entry{name: "archive\\..\\..\\x"}), "leads out of the package", ErrWACZ},
		"absolute":            {with(entry{name: "/etc/x"}), "absolute path", ErrWACZ},
		"a drive":             {with(entry{name: "C:x"}), "absolute path", ErrWACZ},
		"control characters":  {with(entry{name: "a\x1b[31m"}), "no proper name", ErrWACZ},
		"a link":              {with(entry{name: "archive/l.warc.gz", content: "/etc/passwd", mode: fs.ModeSymlink | 0o777}), "no plain file", ErrWACZ},
		"twice the same name": {with(warcs), "two files called", ErrWACZ},
		"many files":          {with(crowd...), "10000 are read", ErrTooMuch},
		"a long list":         {with(big...), "its list of files is longer", ErrTooMuch},
		"a bomb of a list":    {packed(t, entry{name: packageFile, content: strings.Repeat(" ", 40<<20), method: zip.Deflate}), "more than 16777216 bytes", ErrTooMuch},
		"encrypted":           {string(encrypted), "encrypted", ErrWACZ},
		"overlapping":         {string(overlapping), "overlap", ErrWACZ},
		"no list":             {packed(t, warcs), "holds no datapackage.json", ErrWACZ},
		"no JSON":             {packed(t, entry{name: packageFile, content: "{"}), "datapackage.json", ErrWACZ},
		"deep JSON":           {packed(t, entry{name: packageFile, content: strings.Repeat("[", 1<<20)}), "datapackage.json", ErrWACZ},
		"no WARC":             {packed(t, listed(data)...), "holds no WARC file", ErrWACZ},
		"several packages":    {packed(t, entry{name: packageFile, content: `{"profile":"multi-wacz-package"}`}), "list of several", ErrWACZ},
		"a WARC file":         {data, "", ErrWACZ},
		"nothing":             {"", "", ErrWACZ},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := OpenWACZ(context.Background(), written(t, "x.wacz", x.content), Options{Damaged: true})
			if !errors.Is(err, x.want) || !strings.Contains(err.Error(), x.says) {
				t.Errorf("%v; want %v, %q", err, x.want, x.says)
			}
			if err == nil {
				f.Close()
			}
		})
	}
}

// A WARC file within a package that unpacks to far more than it says is given up.
func TestWACZBomb(t *testing.T) {
	z := packed(t, append(listed(data), entry{name: "archive/data.warc", content: strings.Repeat("\x00", 32<<20), method: zip.Deflate})...)
	lie := []byte(z)
	for i, n := 0, 0; n >= 0; i++ {
		if n = bytes.Index(lie[i:], []byte("PK\x01\x02")); n >= 0 {
			i += n
			copy(lie[i+24:], []byte{0, 0, 1, 0}) // the size says 64 KiB
		}
	}
	for name, content := range map[string]string{"as it says": z, "with a lie": string(lie)} {
		if f, err := OpenWACZ(context.Background(), written(t, "x.wacz", content), Options{Damaged: true}); err == nil {
			f.Close()
			t.Errorf("%s: was read", name)
		}
	}
}

func FuzzWACZ(f *testing.F) {
	f.Add([]byte(packed(f, append(listed(data), entry{name: "archive/data.warc.gz", content: data})...)))
	f.Add([]byte(packed(f, append(listed(data), entry{name: "archive/data.warc.gz", content: data, method: zip.Deflate})...)))
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, in []byte) {
		file := &File{opts: Options{Damaged: true, MaxBody: 1 << 16, MaxRows: 1 << 20}, in: bytes.NewReader(in), size: int64(len(in)), close: func() error { return nil }}
		defer file.Close()
		if err := file.read(context.Background(), (*File).unzip); err != nil {
			return
		}
		for _, p := range file.Pages() {
			_ = file.Take(context.Background(), p.URL, func(*Capture) error { return nil }, func(*Refusal) {})
		}
	})
}
