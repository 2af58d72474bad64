package extract

// This file tells the language of a text: by its script where that decides, by the words that only Maltese has,
// otherwise by the most frequent trigrams of each language.

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	rare        = 118       // −10·ln p of a trigram that is not among the frequent ones of a language
	fewLetters  = 26        // below, an alphabetic text tells nothing
	hintBonus   = 120       // what a declared language counts for: 12 nats, a handful of telling trigrams
	tellingWord = 30        // what a word that only one of two close languages has counts for
	clearBy     = 40        // lead over the second best, in tenths of nats, below which the text is unclear
	poorFit     = 105       // mean cost of a trigram above which the text is in none of the languages
	sampleBytes = 3 * 2_500 // how much of a long text is looked at: its beginning, middle and end
	longBlock   = 240       // bytes from which the language of a block is told, and as much of it is looked at first
)

// Language tells the language of text as a BCP 47 primary subtag, "no" for Norwegian in both its forms. The hint is
// what the source declares ("de-AT", may be empty): it decides what is too short or unclear, and a clear text
// overrules it. The result is "und" when neither helps.
func Language(text, hint string) string {
	hint = baseLanguage(hint)
	if lang := tell(sampleOf(text, sampleBytes), hint); lang != "" {
		return lang
	}
	return orUndetermined(hint)
}

// tell is the language of s, "" if it is too short or unclear.
func tell(s, hint string) string {
	if lang, decided := byScript(s); decided {
		return lang
	}
	if isMaltese(s) {
		return "mt"
	}
	return byTrigrams(s, hint)
}

func orUndetermined(hint string) string {
	if hint == "" {
		return "und"
	}
	return hint
}

// baseLanguage is the primary subtag of a BCP 47 tag in lower case, "" if there is none.
func baseLanguage(tag string) string {
	tag, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	tag, _, _ = strings.Cut(tag, "_")
	if len(tag) < 2 || len(tag) > 3 || strings.Trim(tag, "abcdefghijklmnopqrstuvwxyz") != "" {
		return ""
	}
	switch tag {
	case "nb", "nn":
		return "no"
	case "und", "mul", "zxx":
		return ""
	case "iw":
		return "he"
	}
	return tag
}

// sampleOf is text itself if it has no more than size bytes, otherwise a third of that of its beginning, middle and end.
func sampleOf(text string, size int) string {
	if len(text) <= size {
		return text
	}
	third := size / 3
	mid := len(text) / 2
	return strings.ToValidUTF8(text[:third]+" "+text[mid:mid+third]+" "+text[len(text)-third:], " ")
}

// byScript decides the languages that have a script of their own. decided is false for Latin and Cyrillic text,
// where the letters alone do not tell; lang is "" when there are too few letters to say anything.
func byScript(s string) (lang string, decided bool) {
	var latin, cyrillic, greek, arabic, hebrew, thai, hangul, han, kana, persian, urdu int
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			if 'a' <= r|0x20 && r|0x20 <= 'z' {
				latin++
			}
		case !unicode.IsLetter(r):
		case unicode.Is(unicode.Latin, r):
			latin++
		case unicode.Is(unicode.Cyrillic, r):
			cyrillic++
		case unicode.Is(unicode.Greek, r):
			greek++
		case unicode.Is(unicode.Arabic, r):
			arabic++
			if strings.ContainsRune("پچژگ", r) {
				persian++
			} else if strings.ContainsRune("ٹڈڑےں", r) {
				urdu++
			}
		case unicode.Is(unicode.Hebrew, r):
			hebrew++
		case unicode.Is(unicode.Thai, r):
			thai++
		case unicode.Is(unicode.Hangul, r):
			hangul++
		case unicode.Is(unicode.Han, r):
			han++
		case unicode.In(r, unicode.Hiragana, unicode.Katakana):
			kana++
		}
	}
	// One ideograph says as much as several letters.
	total := latin + cyrillic + greek + arabic + hebrew + thai + hangul + 3*(han+kana)
	if total < fewLetters {
		return "", true
	}
	most := func(n int) bool { return 2*n > total }
	switch {
	case most(greek):
		return "el", true
	case most(arabic):
		return arabicScript(arabic, persian, urdu), true
	case most(hebrew):
		return "he", true
	case most(thai):
		return "th", true
	case most(hangul):
		return "ko", true
	case most(3 * (han + kana)):
		if 10*kana > han {
			return "ja", true
		}
		return "zh", true
	}
	return "", false
}

func arabicScript(all, persian, urdu int) string {
	switch {
	case 100*urdu > 2*all:
		return "ur"
	case 100*persian > 2*all:
		return "fa"
	}
	return "ar"
}

// isMaltese tells Maltese by its letter ħ, which no other language of Europe writes, and by its function words.
func isMaltese(s string) bool {
	if !strings.Contains(s, "ħ") && !strings.Contains(s, "Ħ") {
		return false
	}
	words, barred, function := 0, 0, 0
	for w := range strings.FieldsFuncSeq(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) }) {
		words++
		if strings.ContainsRune(w, 'ħ') {
			barred++
		}
		if malteseWords[w] {
			function++
		}
	}
	return words >= 6 && (100*barred >= 4*words && 100*function >= 8*words || 100*function >= 30*words && barred > 0)
}

// malteseWords are frequent words of Maltese, the article with its assimilated and prepositional forms among them.
var malteseWords = wordSet(`il l li u ta tal tad tas tan tar tat taż tax tagħna tagħha tagħhom tiegħek tiegħu tagħkom
	għal għall għan għandna għandek għandu għandha minn mill mid mis min mir mit fi fil fid fis fin fir fit fuq ma mal mad
	mas man mar mat bi bil bid bis bin bir bit lil lill lid lis lin lir lit dan din dawn dawk dak dik jew jekk biex kif meta
	fejn kull kollha huwa hija huma aħna inti aħjar wara qabel bejn ieħor oħra oħrajn biss ukoll wkoll dwar mhux mhumiex iżda
	iktar aktar skont permezz bħal bħala waqt tista jista nistgħu jistgħu jkun tkun ikun sakemm hemm dejjem għax peress x b f`)

func wordSet(s string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		m[w] = true
	}
	return m
}

// byTrigrams finds the language in which the trigrams of s cost least, "" if two come close or none fits.
func byTrigrams(s, hint string) string {
	t := trigrams()
	total, n, cyrillic := t.costs(s)
	if i := slices.Index(t.codes, hint); i >= 0 {
		total[i] -= hintBonus
	}
	var small []int // by language; nil for a text that is long enough without them
	if letters(s) < shortText {
		small = t.addSmall(total, s)
	}
	first, _ := t.cheapest(total, 2*cyrillic > n)
	if n > 0 && telling[t.codes[first]] != nil {
		t.addTelling(total, s)
	}
	first, second := t.cheapest(total, 2*cyrillic > n)
	lead := total[second] - total[first]
	if n == 0 || total[first] > poorFit*n || lead < clearBy || small != nil && !isSentence(small[first], t.codes[first], lead) {
		return ""
	}
	return t.codes[first]
}

// telling are frequent words of languages that share most of their trigrams.
var telling = map[string]map[string]bool{
	"da": wordSet(`af uden efter kun nogle noget sidst inden hvad blive bliver dig dit oplysninger personoplysninger opbevares opbevarer
		behandles brug bruges hjemmeside virksomhed myndigheder overførsel overførsler oversigt adgang gælder mulighed`),
	"no": wordSet(`av uten etter bare noen noe sist innen hva bli blir deg ditt opplysninger personopplysninger lagres lagrer
		behandles bruk brukes nettsted nettsiden selskap myndigheter overføring overføringer oversikt tilgang gjelder mulighet`),
}

// addTelling makes the languages cheaper whose telling words stand in s.
func (t *trigramTable) addTelling(total []int, s string) {
	for i, code := range t.codes {
		words := telling[code]
		if words == nil {
			continue
		}
		for w := range strings.FieldsFuncSeq(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) }) {
			if words[w] {
				total[i] -= tellingWord
			}
		}
	}
}
