package recipients

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/drittland/drittland/snapshots/text"
)

// names lists what is found in s: names of the table, with the country of the seat.
func names(s string) string {
	var out []string
	for _, m := range Default().Find(s, text.Words(s), nil) {
		out = append(out, m.Name+" "+m.Row.Country)
	}
	return strings.Join(out, ", ")
}

func TestEmbeddedDataAreSound(t *testing.T) {
	rows := Default().Rows
	if len(rows) < 250 {
		t.Errorf("the table is short: %d rows", len(rows))
	}
	verified := 0
	for i := range rows {
		r := &rows[i]
		if r.Verified {
			verified++
		}
		if r.Verified == r.Checked.IsZero() || r.Verified == strings.HasPrefix(r.Source, fromMemory) {
			t.Errorf("%s: neither verified in a source on a day nor from memory", r.Entity)
		}
		for _, n := range r.Names {
			found := Default().Find(n, text.Words(n), nil)
			if len(found) != 1 || found[0].Row != r || found[0].End != len(text.Words(n)) {
				t.Errorf("%q is not found as itself: %v", n, found)
			}
		}
		if !hasForm(r.Entity) {
			t.Errorf("%s: a company without a legal form", r.Entity)
		}
		if i > 0 && strings.ToLower(rows[i-1].Group) > strings.ToLower(r.Group) {
			t.Errorf("%s stands after %s: rows are in order of groups", r.Group, rows[i-1].Group)
		}
	}
	if verified*3 < len(rows) {
		t.Errorf("%d of %d rows are verified", verified, len(rows))
	}
}

// hasForm reports whether a name holds a legal form.
func hasForm(name string) bool {
	words := text.Words(name)
	for i := 0; i < len(words); {
		tok := at(name, words, i)
		if tok.form {
			return true
		}
		i = tok.end
	}
	return false
}

// TestCompaniesInTheEEA holds each group that has companies on both sides against itself: the one in the EEA is not
// taken for its parent, whose name may be the beginning of its own.
func TestCompaniesInTheEEA(t *testing.T) {
	for i := range Default().Rows {
		r := &Default().Rows[i]
		if !r.EEA() {
			continue
		}
		for _, n := range r.Names {
			s := "We share your data with " + n + ", which helps us."
			for _, m := range Default().Find(s, text.Words(s), nil) {
				if !m.Row.EEA() {
					t.Errorf("%q is taken for %s in %s", n, m.Name, m.Row.Country)
				}
			}
		}
	}
}

func TestFind(t *testing.T) {
	for _, x := range []struct{ text, want string }{
		{"provided by Google LLC.", "Google LLC US"},
		{"provided by Google, Inc., a company", "Google Inc US"},
		{"provided by GOOGLE IRELAND LTD.", "Google Ireland Limited IE"},
		{"Google Ireland Limited and Google LLC", "Google Ireland Limited IE, Google LLC US"},
		{"AWS EMEA S.à.r.l., Adform A/S, Snap B.V.", "AWS EMEA SARL LU, Adform A/S DK, Snap B.V. NL"},
		{"DigitalOcean's servers", "DigitalOcean US"},
		{"Mailchimp, Vimeo", "Mailchimp US, Vimeo US"},
		{"Mailchimp GmbH", ""},                                  // some other company's name
		{"Mailchimp Nord Handels GmbH", ""},                     // likewise
		{"Mailchimp or Nordlicht GmbH", "Mailchimp US"},         // but not this
		{"a sentry at the gate; SENTRY", "Sentry US"},           // capitals, as the table has them
		{"https://vimeo.example/Vimeo, help@Vimeo.example", ""}, // addresses
		{"Mailchimps", ""},
		{"Google", "Google IE"},
		{"hosted by Cloudflare as a CDN", "Cloudflare US"},
	} {
		if got := names(x.text); got != x.want {
			t.Errorf("%q: found %q, want %q", x.text, got, x.want)
		}
	}
}

func TestHostileTextIsBounded(t *testing.T) {
	for _, s := range []string{"A.B.C.D.", "Vimeo/", "Google Cloud ", "AWS,", "Amazon Web Services EMEA ", "PayPal (Europe) S.à r.l. et "} {
		s = strings.Repeat(s, 1<<20/len(s))
		words := text.Words(s)
		start := time.Now()
		Default().Find(s, words, nil)
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%.20q…: %v for 1 MB", s, d)
		}
	}
}

func TestLookup(t *testing.T) {
	for _, x := range []struct{ name, want string }{{"google llc", "US"}, {"Google Inc.", "US"}, {"GOOGLE IRELAND LTD", "IE"}, {"pixelfern", ""}} {
		got := ""
		for _, r := range Default().Lookup(x.name) {
			got += r.Country
		}
		if got != x.want {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
	}
	if len(Default().Lookup("bytedance")) < 5 {
		t.Error("the name of a group does not give its companies")
	}
}

func TestReadIsStrict(t *testing.T) {
	good := "Pixelfern Inc,entity,Pixelfern Inc,Pixelfern,US,processor,maps,no,,from memory\n"
	for _, x := range []struct{ rows, want string }{
		{good, ""},
		{good + good, "stands twice"},
		{strings.Replace(good, "entity", "firm", 1), "form is"},
		{strings.Replace(good, "US", "USA", 1), "country is"},
		{strings.Replace(good, "processor", "friend", 1), "kind is"},
		{strings.Replace(good, "no,,from memory", "yes,,https://pixelfern.example", 1), "checked"},
		{strings.Replace(good, "no,,from memory", "yes,2026-01-01,from memory", 1), "want an address"},
		{strings.Replace(good, "no,,from memory", "no,2026-01-01,from memory", 1), "not verified"},
		{strings.Replace(good, "maps", " maps", 1), "white space"},
		{strings.Replace(good, "maps", "", 1), "about is empty"},
		{strings.Replace(good, "Pixelfern Inc,entity", "Pixelfern Inc;PIXELFERN Incorporated,entity", 1), "stands twice"},
		{strings.Replace(good, "Pixelfern Inc,entity", "(Pixelfern),entity", 1), "cannot be searched"},
		{"", ""},
	} {
		_, err := Read(fstest.MapFS{file: &fstest.MapFile{Data: []byte(header + "\n" + x.rows)}})
		if x.want == "" && err != nil || x.want != "" && (err == nil || !strings.Contains(err.Error(), x.want)) {
			t.Errorf("%q: %v, want %q", x.rows, err, x.want)
		}
	}
	if _, err := Read(fstest.MapFS{file: &fstest.MapFile{Data: []byte("names\n")}}); err == nil {
		t.Error("another header is read")
	}
}

// BenchmarkFind reads running text that seldom names a recipient, words being known.
func BenchmarkFind(b *testing.B) {
	s := strings.Repeat("We share what you give us with companies that help us to run the service, and with Nordlicht GmbH for maps. Some of it is kept by Mailchimp. ", 200)
	words := text.Words(s)
	var found []Match
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		found = Default().Find(s, words, found[:0])
	}
}
