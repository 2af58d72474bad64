package extract

// This file weighs the small words of a short text, in which there are too few trigrams to go by: a sentence has several of
// its language, a menu, a name or an address has none.

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	shortText  = 80  // letters below which the small words must speak for the language
	smallWord  = 60  // what one of them counts for
	clearAlone = 100 // lead over the second best below which one small word is not enough
	wordsToAsk = 40  // no short text has more
)

// smallWords are pronouns, auxiliary verbs, conjunctions and prepositions of each language; not those that stand in names,
// addresses and menus as well ("of", "in", "la", "us").
var smallWords = map[string]map[string]bool{
	"bg": wordSet("ние вие ви вашите вашата ваши нашите на за от със се са ще които който може не или към по"),
	"cs": wordSet("my vy vaše vaši vašich naše našich na pro od se si jsou je bude které který může nebo jsme při mimo vás vám"),
	"da": wordSet("vi du dig dine din dit vores og til af er som kan ikke eller har med fra hvis blive bliver at når"),
	"de": wordSet("wir sie ihre ihrer ihren ihr unsere unser unserer und auf auch ist sind werden wird nicht oder mit für zu wenn können kann den dem das dass die uns ihnen"),
	"el": wordSet("εμείς σας μας και στο στη για από είναι που μπορεί δεν με θα τα το"),
	"en": wordSet("we you your our their they and to on the is are be may can will not or with for if when that which it this have has by from"),
	"es": wordSet("sus su usted nosotros nuestros nuestra nuestro en que son es puede no con para si cuando los las por se tus tu un una"),
	"et": wordSet("me teie meie ja on kui või võib ei mis oma kes saab ning siis kas see need"),
	"fi": wordSet("me te sinun teidän meidän ja on ovat jos tai voi ei joka jotka voimme kun sekä että"),
	"fr": wordSet("nous vous vos votre nos notre et sur est sont qui que peut ne pas ou avec pour si aux dans des les une ces leur leurs être"),
	"ga": wordSet("do chuid ár agus ar is tá nó le más na go ní atá linn sinn muid againn agat"),
	"hr": wordSet("mi vi vaše vaših naše naših na za od su je koje koji može ne ili smo kada će se vas vam"),
	"hu": wordSet("az és mi ön önnek hogy nem vagy is egy ha amely amelyek lehet kell ezek ezt meg"),
	"is": wordSet("við þú þínar þínum þín okkar og til er eru sem getur ekki eða með frá ef verða að"),
	"it": wordSet("noi lei suoi tuoi sua tua nostri nostra nostro su sono che può non con per se quando gli dei delle le un una"),
	"lt": wordSet("mes jūs jūsų mūsų ir yra kad gali ne arba su iš jei kurie kuriuos nuo apie bus"),
	"lv": wordSet("mēs jūs jūsu mūsu un ir ka var nav vai ar no ja kas kuri uz par tiek tiks"),
	"nl": wordSet("wij we uw je jouw onze ons en op is zijn worden wordt niet of met voor te als wanneer kunnen kan dat die het een naar"),
	"no": wordSet("vi du deg dine din ditt våre vår og til av er som kan ikke eller har med fra hvis blir bli at når"),
	"pl": wordSet("my państwa twoje twoich nasze naszych na są jest które który może nie lub albo przez dla do jeśli oraz się że"),
	"pt": wordSet("nós seus sua seu suas nossos nossa nosso são que pode não ou com para se quando os as dos das por um uma em"),
	"ro": wordSet("noi dumneavoastră dvs noastre nostru și pe sunt este care poate nu sau cu pentru dacă când vă ale în la"),
	"ru": wordSet("мы вы ваши ваших наши на для от со это которые может не или если будет по"),
	"sk": wordSet("my vy vaše vašich naše našich na pre od sa sú je bude ktoré ktorý môže alebo sme pri mimo vás vám"),
	"sl": wordSet("mi vi vaše vaših naše naših in na za od so je ki lahko ne ali smo kadar se bo vas vam"),
	"sv": wordSet("vi du dig dina din ditt våra vår och till av är som kan inte eller har med från om blir att när"),
	"tr": wordSet("biz siz sizin bizim ve ile için bir bu veya olarak değil da de ya"),
	"uk": wordSet("ми ви ваші ваших наші та на для від це які може не або якщо буде до по"),
}

// letters is the number of letters in s, counted up to shortText.
func letters(s string) (n int) {
	for _, r := range s {
		if r < utf8.RuneSelf && 'a' <= r|0x20 && r|0x20 <= 'z' || r >= utf8.RuneSelf && unicode.IsLetter(r) {
			if n++; n == shortText {
				break
			}
		}
	}
	return n
}

// addSmall makes the languages cheaper whose small words stand in s, and gives the number of these words by language.
func (t *trigramTable) addSmall(total []int, s string) []int {
	own := make([]int, len(total))
	n := 0
	for w := range strings.FieldsFuncSeq(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if n++; n > wordsToAsk {
			break
		}
		for i, code := range t.codes {
			if smallWords[code][w] {
				own[i]++
				total[i] -= smallWord
			}
		}
	}
	return own
}

// isSentence reports whether a short text with so many small words of the language that leads is a sentence in it. Of some
// languages we know no small words.
func isSentence(small int, language string, lead int) bool {
	return small > 1 || small == 1 && lead >= clearAlone || smallWords[language] == nil
}
