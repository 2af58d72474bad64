package fulltext

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drittland/drittland/cmd/drittland/search"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/archive/pg"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// A world is an archive as far as the search sees it: the versions of terms, and rows in the tables that say that they have changed.
type world struct {
	t      testing.TB
	db     *pg.DB
	tables *Tables
	mu     sync.Mutex
	terms  map[snapshots.Terms]*history
	reads  int // texts that were read
	before func()
}

type history struct {
	lines []search.Line
	texts [][][]search.Text // by line and version
}

func newWorld(t testing.TB) *world {
	t.Helper()
	db, err := pg.Open(t.Context(), pgtest.Need(t).Database(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &world{t: t, db: db, tables: In(db), terms: map[snapshots.Terms]*history{}}
}

func privacy(service string) snapshots.Terms {
	return snapshots.Terms{Service: service, Type: "Privacy Policy"}
}

func day(n int) time.Time { return time.Date(2024, 1, n, 12, 0, 0, 0, time.UTC) }

// add puts a version at the end of a line.
func (w *world) add(t snapshots.Terms, line, language string, date time.Time, texts ...search.Text) {
	w.t.Helper()
	w.mu.Lock()
	h := w.terms[t]
	if h == nil {
		h = &history{lines: []search.Line{{}}, texts: [][][]search.Text{nil}}
		w.terms[t] = h
	}
	i := slices.IndexFunc(h.lines, func(l search.Line) bool { return l.Name == line })
	if i < 0 {
		i = len(h.lines)
		h.lines, h.texts = append(h.lines, search.Line{Name: line}), append(h.texts, nil)
	}
	n := len(h.lines[i].Versions) + 1
	h.lines[i].Versions = append(h.lines[i].Versions, search.Version{ID: fmt.Sprintf("%s-%s-%d", t.Service, line, n), Date: date, Language: language})
	h.texts[i] = append(h.texts[i], texts)
	w.mu.Unlock()
	w.mark(t, date)
}

// mark enters a version into the tables of the archive.
func (w *world) mark(t snapshots.Terms, date time.Time) {
	w.t.Helper()
	err := w.db.Update(func(tx kv.Tx) error {
		key, terms := []byte(t.Service+"\x00"+t.Type), tx.Bucket([]byte("terms"))
		number := terms.Get(key)
		if number == nil {
			n, err := terms.NextSequence()
			if err != nil {
				return err
			}
			number = binary.BigEndian.AppendUint32(nil, uint32(n))
			if err := terms.Put(key, number); err != nil {
				return err
			}
		}
		turn, err := tx.Bucket([]byte("timeline")).NextSequence()
		if err != nil {
			return err
		}
		at := binary.BigEndian.AppendUint64(slices.Clone(number), uint64(date.UnixMicro())^1<<63)
		return tx.Bucket([]byte("timeline")).Put(binary.BigEndian.AppendUint32(at, uint32(turn)), []byte("12345678"))
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// forget takes all versions of terms away, as an erasure does, and calls f before it ends.
func (w *world) forget(t snapshots.Terms, f func()) {
	w.t.Helper()
	err := w.db.Alone(func(tx kv.Tx) error {
		number := tx.Bucket([]byte("terms")).Get([]byte(t.Service + "\x00" + t.Type))
		b := tx.Bucket([]byte("timeline"))
		var keys [][]byte
		for k, _ := b.Cursor().Seek(number); k != nil; k, _ = b.Cursor().Seek(append(slices.Clone(k), 0)) {
			if string(k[:4]) == string(number) {
				keys = append(keys, k)
			}
		}
		for _, k := range keys {
			if err := b.Delete(k); err != nil {
				return err
			}
		}
		b.Len() // sends it
		if f != nil {
			f()
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// read is the Reader of a world.
func (w *world) read(_ context.Context, t snapshots.Terms) ([]search.Line, func(int, int) ([]search.Text, error), error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.before != nil {
		w.before()
	}
	h := w.terms[t]
	if h == nil {
		return nil, nil, fmt.Errorf("no terms %s", t)
	}
	lines, texts := slices.Clone(h.lines), h.texts
	for i := range lines {
		lines[i].Versions = slices.Clone(lines[i].Versions)
	}
	return lines, func(i, j int) ([]search.Text, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.reads++
		return texts[i][j], nil
	}, nil
}

// fill gathers all that is to be gathered.
func (w *world) fill() {
	w.t.Helper()
	todo, err := w.tables.Pending(w.t.Context(), nil)
	if err == nil {
		err = w.tables.Fill(w.t.Context(), todo, w.read, 2, func() {})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// shown is a hit as "service line numbers @start until day annex".
func shown(t snapshots.Terms, h *search.Hit) string {
	s := fmt.Sprintf("%s %s%s @%d", t.Service, h.Line, search.Numbers(h.Runs), h.Span.Start)
	if h.Source != "" {
		s += " annex"
	}
	if !h.Standing() {
		s += " until " + h.Until.Format(time.DateOnly)
	}
	return s + " " + h.First.ID + " " + h.First.Date.Format(time.DateOnly) + " " + h.Language
}

func parsed(t testing.TB, said string) *search.Query {
	t.Helper()
	q, err := search.Parse(said)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// onServer is what a query finds in the tables, in no order.
func (w *world) onServer(said string) (out []string) {
	w.t.Helper()
	found, err := w.tables.Find(w.t.Context(), parsed(w.t, said), 0, 1000)
	if err != nil {
		w.t.Fatalf("%s: %v", said, err)
	}
	if found.Total != len(found.Hits) || !found.Complete {
		w.t.Errorf("%s: %d hits of %d", said, len(found.Hits), found.Total)
	}
	for i := range found.Hits {
		out = append(out, shown(found.Hits[i].Terms, &found.Hits[i].Hit))
	}
	slices.Sort(out)
	return out
}

// embedded is what it finds in an index as an archive in a folder has it.
func (w *world) embedded(said string) (out []string) {
	w.t.Helper()
	return w.hits(parsed(w.t, said))
}

func (w *world) hits(q *search.Query) (out []string) {
	for t, h := range w.terms {
		if q.Service != "" && !strings.EqualFold(q.Service, t.Service) || q.Type != "" && !strings.EqualFold(q.Type, t.Type) {
			continue
		}
		x := &search.Index{}
		for i, l := range h.lines {
			for j, v := range l.Versions {
				x.Add(i, l.Name, v, h.texts[i][j])
			}
		}
		p, err := search.Open(x.Pack())
		if err != nil {
			w.t.Fatal(err)
		}
		hits, err := p.Find(q)
		if err != nil {
			w.t.Fatal(err)
		}
		for i := range hits {
			out = append(out, shown(t, &hits[i]))
		}
	}
	slices.Sort(out)
	return out
}

// says makes a text of paragraphs; tabs separate the cells of a row.
func says(language string, paragraphs ...string) search.Text {
	d := &snapshots.Document{Language: language}
	for i, p := range paragraphs {
		if i > 0 {
			d.Text += "\n"
		}
		cells := strings.Split(p, "\t")
		for j, c := range cells {
			if j > 0 {
				d.Text += "\t"
			}
			b := snapshots.Block{Kind: snapshots.Paragraph, Heading: -1, Span: snapshots.Span{Start: len(d.Text), End: len(d.Text) + len(c)}}
			if len(cells) > 1 {
				b.Kind, b.Place = snapshots.Cell, &snapshots.Place{Row: i, Column: j}
			}
			d.Blocks = append(d.Blocks, b)
			d.Text += c
		}
	}
	return search.Text{Document: d}
}

const annex = "https://clipzy.example/countries"

func at(source string, t search.Text) search.Text {
	t.Source = source
	return t
}

// collection is texts of several services in several languages.
func collection(t testing.TB) *world {
	w := newWorld(t)
	c := privacy("Clipzy")
	w.add(c, "", "en", day(1), says("en", "Privacy", "We keep your data in Ireland.", "Contact us."))
	w.add(c, "", "en", day(2), says("en", "Privacy", "Staff in India have remote access to your data.", "Contact us."),
		at(annex, says("en", "Country\tCompany", "India\tClipzy Private Limited")))
	w.add(c, "", "en", day(3), says("en", "Privacy", "We keep your data in Ireland."))
	w.add(c, "", "en", day(4), says("en", "Privacy", "We keep your data in IRELAND!", "Contact us.", "Contact us.", "We may be transferring records under Regulation (EU) 2016/679."))
	w.add(c, "de", "de-AT", day(3), says("de", "Übermittlung nach Indien", "Zugriff aus Indien: 国際移転.", "Die Übermittlungen erfolgen verschlüsselt."))
	w.add(snapshots.Terms{Service: "Clipzy", Type: "Cookie Policy"}, "", "en", day(6), says("en", "We use cookies and similar tools.", "It's consent-based: your e-mail stays in Ireland; see clipzy.example/privacy-notice?x=1e5."))
	p := privacy("Petit Panier")
	w.add(p, "", "fr", day(2), says("fr", "Les données sont transférées hors de l’Union européenne.", "Vous pouvez retirer votre consentement."))
	w.add(p, "", "fr", day(5), says("fr", "Le transfert de chaque donnée est encadré.", "Vous pouvez retirer votre consentement."))
	w.add(privacy("Fietsbel"), "", "nl", day(3), says("nl", "Wij delen persoonsgegevens met ontvangers in India.", "U kunt uw toestemming intrekken."))
	w.add(privacy("Липа"), "", "bg", day(4), says("bg", "Ние предаваме лични данни на трети държави.", "Данните се съхраняват в Ирландия."))
	w.add(privacy("Odd' \\ \"Names\""), "", "", day(7), says("", "Naming ' \\ & | ! <-> :* ~en NULL'); drop table search_terms; -- here", "~enkeep 'quoted' \\back"))
	w.fill()
	return w
}
