package fulltext

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/cmd/drittland/search"
	"github.com/drittland/drittland/snapshots"
)

// A town is services that each have a notice in one of five languages: 60 passages of about 50 words, of which three change with each version.
type town struct {
	services, versions int
	words              map[string][]string
}

var endings = map[string][]string{"en": {"", "s", "ed", "ing", "ation", "er"}, "de": {"", "en", "ung", "ungen", "er", "te"}, "fr": {"", "s", "é", "ées", "ation", "er"},
	"nl": {"", "en", "ing", "ingen", "t", "de"}, "bg": {"", "а", "ите", "ен", "ане", "о"}}

var languages = []string{"en", "de", "fr", "nl", "bg"}

func newTown(services, versions int) *town {
	c := &town{services, versions, map[string][]string{}}
	for i, language := range languages {
		r := rand.New(rand.NewPCG(uint64(i), 1))
		syllables := strings.Fields("ba den kor li mu ne po ras sti tal ver wo zen fra glo hin jam")
		if language == "bg" {
			syllables = strings.Fields("ба ден кор ли му не по рас сти тал вер во зен фра гло хин")
		}
		for len(c.words[language]) < 20000 {
			w := ""
			for range 1 + r.IntN(3) {
				w += syllables[r.IntN(len(syllables))]
			}
			c.words[language] = append(c.words[language], w+endings[language][r.IntN(6)])
		}
	}
	return c
}

func (c *town) terms(i int) snapshots.Terms { return privacy(fmt.Sprintf("Service %05d", i)) }

func (c *town) language(i int) string { return languages[i%len(languages)] }

// paragraph is passage p of service i, as it was written for the n-th time.
func (c *town) paragraph(i, p, n int) string {
	r := rand.New(rand.NewPCG(uint64(i), uint64(p*1000+n)))
	if p < 10 { // what all notices have from the same template
		r = rand.New(rand.NewPCG(uint64(i%50), uint64(p)))
	}
	list := c.words[c.language(i)]
	z := rand.NewZipf(r, 1.1, 4, uint64(len(list)-1))
	var b strings.Builder
	for j := range 30 + r.IntN(40) {
		if j > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(list[z.Uint64()])
	}
	return b.String() + "."
}

func (c *town) read(_ context.Context, t snapshots.Terms) ([]search.Line, func(int, int) ([]search.Text, error), error) {
	var i int
	if _, err := fmt.Sscanf(t.Service, "Service %d", &i); err != nil {
		return nil, nil, err
	}
	line := search.Line{}
	for v := range c.versions {
		line.Versions = append(line.Versions, search.Version{ID: fmt.Sprintf("%d-%d", i, v), Date: day(1).AddDate(0, v, i%28), Language: c.language(i)})
	}
	return []search.Line{line}, func(_, v int) ([]search.Text, error) {
		ps := make([]string, 60)
		for p := range ps {
			n := 0
			if p >= 10 {
				n = (v*3 + 50 - p + 10) / 50 // three of fifty with each version
			}
			ps[p] = c.paragraph(i, p, n)
		}
		return []search.Text{says(c.language(i), ps...)}, nil
	}, nil
}

// enter says that all services have new versions.
func (c *town) enter(b *testing.B, w *world) {
	var keys, numbers [][]byte
	for i := range c.services {
		keys, numbers = append(keys, termsKey(c.terms(i))), append(numbers, binary.BigEndian.AppendUint32(nil, uint32(i+1)))
	}
	for _, sql := range []string{"insert into kv_terms (key, value) select * from unnest($1::bytea[], $2::bytea[])", "insert into kv_timeline (key, value) select value || '\\x0000000000000000'::bytea, key from unnest($1::bytea[], $2::bytea[]) as t(key, value)"} {
		if _, err := w.db.Pool().Exec(b.Context(), sql, keys, numbers); err != nil {
			b.Fatal(err)
		}
	}
}

// queries are those of people: frequent and rare words, together, as phrases, with open ends, and within limits.
func (c *town) queries(n int) map[string][]string {
	r := rand.New(rand.NewPCG(1, 2))
	out := map[string][]string{}
	for range n {
		list := c.words[languages[r.IntN(5)]]
		frequent, middle, rare := list[r.IntN(10)], list[50+r.IntN(300)], list[8000+r.IntN(12000)]
		i := r.IntN(c.services)
		text := strings.Fields(c.paragraph(i, 20, 0))
		for kind, said := range map[string]string{"frequent word": frequent, "rare word": rare, "two words": middle + " " + list[50+r.IntN(300)], "frequent and rare": frequent + " " + rare,
			"phrase": fmt.Sprintf("%q", strings.Join(text[5:8], " ")), "phrase of frequent": fmt.Sprintf("%q", frequent+" "+list[r.IntN(10)]), "open end": middle[:min(len(middle), 6)] + "*", "excluded": middle + " -" + frequent,
			"in one service": frequent + fmt.Sprintf(` service:"service %05d"`, i), "last only": middle + " last:", "in a year": middle + " after:2024-06-01 before:2024-09-01"} {
			if _, err := search.Parse(said); err == nil {
				out[kind] = append(out[kind], said)
			}
		}
	}
	return out
}

// BenchmarkTown fills tables with 10,000 versions, adds one version of each service, and asks.
func BenchmarkTown(b *testing.B) {
	for b.Loop() {
		w := newWorld(b)
		c := newTown(500, 20)
		fill := func() time.Duration {
			began := time.Now()
			todo, err := w.tables.Pending(b.Context(), nil)
			if err == nil {
				err = w.tables.Fill(b.Context(), todo, c.read, 2, func() {})
			}
			if err != nil {
				b.Fatal(err)
			}
			return time.Since(began)
		}
		c.enter(b, w)
		b.ReportMetric(fill().Seconds(), "s/fill")
		c.versions++
		if _, err := w.db.Pool().Exec(b.Context(), "insert into search_stale (number) select number from search_terms"); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(fill().Seconds(), "s/500-more")
		if _, err := w.db.Pool().Exec(b.Context(), "vacuum (analyze) search_passages"); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(w.held("search_passages")), "passages")
		for name, sql := range map[string]string{"MB/table": "select pg_table_size('search_passages')", "MB/words": "select pg_relation_size('search_passages_words')", "MB/all": "select sum(pg_total_relation_size(oid))::bigint from pg_class where relname like 'search\\_%' and relkind = 'r'"} {
			var n int64
			if err := w.db.Pool().QueryRow(b.Context(), sql).Scan(&n); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(n)/1e6, name)
		}
		for kind, list := range c.queries(200) {
			var took []time.Duration
			hits := 0
			for _, said := range list {
				q, began := parsed(b, said), time.Now()
				found, err := w.tables.Find(b.Context(), q, 0, 20)
				if err != nil {
					b.Fatalf("%s: %v", said, err)
				}
				took, hits = append(took, time.Since(began)), hits+found.Total
			}
			slices.Sort(took)
			b.Logf("%-20s p50 %6.1f ms   p95 %6.1f ms   max %6.1f ms   %d passages each", kind, ms(took[len(took)/2]), ms(took[len(took)*95/100]), ms(took[len(took)-1]), hits/len(list))
		}
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
