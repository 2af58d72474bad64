package places

import (
	"strings"
	"testing"
)

var prose = map[string]string{
	"en": "We store the account data that you give us on servers in Ireland, and our support team in the United States may read it when you write to us about a problem with your subscription. " +
		"Nothing in this section limits the rights that you have under the law of the place where you live, and you can ask us at any time for a copy of what we hold. ",
	"el": "Τα δεδομένα του λογαριασμού σας φυλάσσονται σε διακομιστές στην Ιρλανδία, και η ομάδα υποστήριξης στις Ηνωμένες Πολιτείες μπορεί να τα δει όταν μας γράφετε για κάποιο πρόβλημα. ",
	"fi": "Tilitietosi säilytetään Irlannissa sijaitsevilla palvelimilla, ja tukitiimimme Yhdysvalloissa voi lukea niitä, kun kirjoitat meille tilaukseesi liittyvästä ongelmasta. ",
}

func BenchmarkFind(b *testing.B) {
	for _, lang := range []string{"en", "el", "fi"} {
		s := strings.Repeat(prose[lang], 60_000/len(prose[lang]))
		for _, langs := range [][]string{{lang}, {lang, "en"}} {
			b.Run(strings.Join(langs, "+"), func(b *testing.B) {
				Find(s, langs...)
				b.SetBytes(int64(len(s)))
				b.ReportAllocs()
				for b.Loop() {
					Find(s, langs...)
				}
			})
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, lang := range languages {
		b.Run(lang, func(b *testing.B) {
			for b.Loop() {
				if _, err := open(lang); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
