package text

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWords(t *testing.T) {
	s := "l’Inde, the U.S. über\u00admittlung 2021/914 третите"
	var got []string
	for _, w := range Words(s) {
		got = append(got, s[w.Start:w.End])
	}
	want := []string{"l", "Inde", "the", "U", "S", "über\u00admittlung", "2021", "914", "третите"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Übermittlung": "ubermittlung", "über\u00admittlung": "ubermittlung", "ADÉQUATION": "adequation",
		"plain": "plain", "Straße": "strasse", "Ευρωπαϊκής": "ευρωπαικησ", "ﬁle": "file", "Țară": "tara", "Łódź": "lodz",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSentences(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"We rely on Art. 46 of the GDPR. We store data.", []string{"We rely on Art. 46 of the GDPR.", "We store data."}},
		{"Clipzy Inc. and Clipzy Ltd. may access it. See No. 5 below.", []string{"Clipzy Inc. and Clipzy Ltd. may access it.", "See No. 5 below."}},
		{"Wir übermitteln Daten, z. B. in die USA. Gemäß Art. 49 Abs. 1 DSGVO geht das.", []string{"Wir übermitteln Daten, z. B. in die USA.", "Gemäß Art. 49 Abs. 1 DSGVO geht das."}},
		{"Data go to the U.S. and Canada.", []string{"Data go to the U.S. and Canada."}},
		{"Shared with Clipzy Inc. We also share it.", []string{"Shared with Clipzy Inc.", "We also share it."}},
		{"3. Transfers abroad", []string{"3. Transfers abroad"}},
		{"See https://clipzy.example/?uri=CELEX!x for more. Done.", []string{"See https://clipzy.example/?uri=CELEX!x for more.", "Done."}},
		{"Beschluss vom 4. Juni 2021 i. V. m. Art. 46 DSGVO. Danach.", []string{"Beschluss vom 4. Juni 2021 i. V. m. Art. 46 DSGVO.", "Danach."}},
		{"Andmeid hoitakse USA-s. Sel juhul kehtib see.", []string{"Andmeid hoitakse USA-s.", "Sel juhul kehtib see."}},
		{"Data go to Pixelfern Inc. USA, our partner. More below.", []string{"Data go to Pixelfern Inc. USA, our partner.", "More below."}},
		{"  ", nil},
		{"Yes. No. Maybe!", []string{"Yes.", "No.", "Maybe!"}},
	} {
		var got []string
		for _, w := range Sentences(c.in, nil) {
			got = append(got, c.in[w.Start:w.End])
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%q: %s", c.in, d)
		}
	}
}

func BenchmarkSentences(b *testing.B) {
	s := "We rely on Art. 46 of the GDPR. We store data in the U.S. and elsewhere. "
	for len(s) < 50_000 {
		s += s
	}
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		Sentences(s, nil)
	}
}
