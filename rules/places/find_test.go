package places

import (
	"fmt"
	"strings"
	"testing"

	"github.com/drittland/drittland/snapshots/text"
	"github.com/google/go-cmp/cmp"
)

// show writes matches as "US:U.S. CH:Swiss*", with a star for frameworks.
func show(s string, ms []Match) string {
	var out []string
	for _, m := range ms {
		star := ""
		if m.Framework {
			star = "*"
		}
		out = append(out, m.Country+":"+s[m.Start:m.End]+star)
	}
	return strings.Join(out, " | ")
}

func TestFindInEnglish(t *testing.T) {
	for _, c := range []struct{ s, want string }{
		// abbreviations
		{"Contact us. They told us that it stays with us.", ""},
		{"CONTACT US", ""}, {"Contact US at any time", ""}, {"PLEASE LET US KNOW", ""}, {"ABOUT US", ""},
		{"US", "US:US"}, {"EU, UK, US", "GB:UK | US:US"}, {"We process it in the US and the UK.", "US:US | GB:UK"},
		{"It costs US$ 10 or 10 US dollars, not ten U.S. dollars.", ""},
		{"in the U.S., the U.S.A. and the US.", "US:U.S. | US:U.S.A. | US:US"},
		{"STORED IN THE UNITED STATES", "US:UNITED STATES"},
		{"the u.s. is not us", ""},
		{"UAE, PRC and USA", "AE:UAE | CN:PRC | US:USA"},
		// one name within another
		{"in New Jersey, not on Jersey", "US:New Jersey | JE:Jersey"},
		{"South Sudan and Sudan", "SS:South Sudan | SD:Sudan"},
		{"Papua New Guinea, Equatorial Guinea, Guinea-Bissau and Guinea", "PG:Papua New Guinea | GQ:Equatorial Guinea | GW:Guinea-Bissau | GN:Guinea"},
		{"Niger and Nigeria", "NE:Niger | NG:Nigeria"},
		{"Dominica and the Dominican Republic", "DM:Dominica | DO:Dominican Republic"},
		{"the Democratic Republic of the Congo", "CD:Democratic Republic of the Congo"},
		{"New Mexico and Mexico", "US:New Mexico | MX:Mexico"},
		{"Northern Ireland and Ireland", "GB:Northern Ireland | IE:Ireland"},
		{"Korea, South Korea and North Korea", "KR:Korea | KR:South Korea | KP:North Korea"},
		{"Korea, Republic of", "KR:Korea, Republic of"},
		{"Hong Kong, China and Taiwan", "HK:Hong Kong | CN:China | TW:Taiwan"},
		{"the Republic of China (Taiwan) and the People’s Republic of China", "TW:Republic of China (Taiwan | CN:People’s Republic of China"},
		{"Hong Kong SAR, Macau, Mainland China", "HK:Hong Kong SAR | MO:Macau | CN:Mainland China"},
		{"British Virgin Islands, US Virgin Islands, American Samoa", "VG:British Virgin Islands | VI:US Virgin Islands | AS:American Samoa"},
		{"Bosnia and Herzegovina, Bosnia & Herzegovina", "BA:Bosnia and Herzegovina | BA:Bosnia & Herzegovina"},
		// phrases that mean no country
		{"in Latin America, North America and at the Bank of America ; Pixelfern America, Inc.", ""},
		{"on the Indian Ocean", ""},
		{"the United States of America", "US:United States of America"},
		// ordinary words
		{"turkey with chile on fine china, a jersey and a guinea pig", ""},
		{"Turkey, Chile, China, Jordan, Chad, Mali, Oman, Cuba and Lebanon", "TR:Turkey | CL:Chile | CN:China | JO:Jordan | TD:Chad | ML:Mali | OM:Oman | CU:Cuba | LB:Lebanon"},
		{"see https://example.com/brazil/privacy or brazil@example.com", ""},
		{"data in brazil", "BR:brazil"},
		// Georgia
		{"Atlanta, Georgia 30301", "US:Atlanta, Georgia"}, {"Macon, Georgia 31201, USA", "US:Georgia | US:USA"},
		{"residents of California, Georgia and Texas", "US:California | US:Georgia | US:Texas"},
		{"Armenia, Georgia and Azerbaijan", "AM:Armenia | GE:Georgia | AZ:Azerbaijan"},
		// addresses
		{"Clipzy Inc., 1 Example Street, Springfield, IL 62701", "US:IL"},
		{"IN 2024 we moved; CA is not an address; DE 10115 Berlin", "DE:Berlin"},
		{"Dublin, Ireland; Dublin, Ohio; London, Ontario", "IE:Dublin | IE:Ireland | US:Dublin, Ohio | CA:London, Ontario"},
		{"Northern Virginia, São Paulo, Zürich and Bengaluru", "US:Northern Virginia | BR:São Paulo | CH:Zürich | IN:Bengaluru"},
		// frameworks
		{"certified to the EU-U.S. Data Privacy Framework", "US:U.S.*"},
		{"the EU–US and Swiss-U.S. Privacy Shield", "US:US* | CH:Swiss* | US:U.S.*"},
		{"the UK Extension to the EU-U.S. DPF", "GB:UK* | US:U.S.*"},
		{"the U.S. Privacy Shield list", "US:U.S.*"},
		{"EU-US transfers", "US:US"},
		{"stored in the US. Our privacy team", "US:US"},
		{"stored in the United States. Privacy matters", "US:United States"},
		// over the end of a line or a cell
		{"New\nMexico", "MX:Mexico"}, {"South\tSudan", "SD:Sudan"}, {"Korea\nRepublic of", "KR:Korea"},
	} {
		if d := cmp.Diff(c.want, show(c.s, Find(c.s, "en"))); d != "" {
			t.Errorf("%q: %s", c.s, d)
		}
	}
}

func TestFindFrameworksInOtherLanguages(t *testing.T) {
	for _, c := range []struct{ lang, s, want string }{
		{"de", "nach dem EU-US-Datenschutzrahmen", "US:US*"}, {"de", "das EU-U.S. Data Privacy Framework", "US:U.S.*"},
		{"fr", "le bouclier de protection des données UE-États-Unis", "US:États-Unis*"},
		{"es", "el Marco de Privacidad de Datos UE-EE. UU.", "US:EE. UU.*"},
		{"bg", "Рамката за защита на личните данни ЕС-САЩ", "US:САЩ*"},
		{"el", "το πλαίσιο ΕΕ-ΗΠΑ για την προστασία δεδομένων", "US:ΗΠΑ*"},
		{"pl", "Tarcza Prywatności UE-USA", "US:USA*"},
		{"lt", "ES-JAV duomenų privatumo sistema", "US:JAV*"},
		{"fi", "EU–USA-tietosuojakehys", "US:USA*"},
		{"mt", "il-Qafas tal-Privatezza tad-Data bejn l-UE u l-USA", "US:USA*"},
		{"mt", "il-Qafas tal-Privatezza tad-Data bejn l-UE u l-Istati Uniti", "US:Istati Uniti*"},
		{"en", "the Data Privacy Framework between the EU and the US", "US:US*"},
		{"fr", "le Cadre de protection des données entre l’UE et les États-Unis", "US:États-Unis*"},
		{"fr", "dans le cadre des transferts entre l’UE et les États-Unis", "US:États-Unis"},
		{"de", "im Rahmen der Übermittlung zwischen der EU und den USA", "US:USA"},
		{"de", "der Datenschutzrahmen zwischen der EU und den USA", "US:USA*"},
		{"mt", "trasferimenti bejn l-UE u l-USA", "US:USA"},
		{"de", "Server in der EU, USA und Schweiz", "US:USA | CH:Schweiz"},
	} {
		if d := cmp.Diff(c.want, show(c.s, Find(c.s, c.lang, "en"))); d != "" {
			t.Errorf("%s %q: %s", c.lang, c.s, d)
		}
	}
}

func TestFindWordsOfOtherLanguages(t *testing.T) {
	for _, c := range []struct{ lang, s, want string }{
		{"hr", "sad možete birati", ""}, {"hr", "OD SADA I SAD I UVIJEK", ""}, {"hr", "tvrtke iz SAD-a", "US:SAD"},
		{"nl", "opslag vs. verwerking", ""}, {"nl", "AVG VS PRIVACYBELEID", ""},
		{"fr", "la réunion d'équipe, un verre d'eau", ""}, {"fr", "aux EAU et en Chine", "AE:EAU | CN:Chine"},
		{"ar", "معلومات مالية وسجل مالي", ""},
		{"es", "una china en el zapato", ""},
		{"et", "soome keel ja India", "IN:India"},
		{"fi", "kiina ja turkki ovat kieliä", ""},
		{"fr", "écrire à Maurice Martin, ou à Maurice", "MU:à Maurice"}, {"fr", "Maurice et Georgette", ""},
		{"ga", "in Albain agus san Albáin", "GB:Albain | AL:san Albáin"},
	} {
		got := Find(c.s, c.lang)
		var named []Match
		for _, m := range got {
			if m.Kind != Adjective {
				named = append(named, m)
			}
		}
		if d := cmp.Diff(c.want, show(c.s, named)); d != "" {
			t.Errorf("%s %q: %s", c.lang, c.s, d)
		}
	}
}

// America is the US in most languages, but no part of the two continents is.
func TestFindAmerica(t *testing.T) {
	for lang, list := range map[string]string{
		"pl": "w Ameryce Północnej ; z Ameryki Łacińskiej", "cs": "v Latinské Americe ; do Severní Ameriky", "sk": "v Latinskej Amerike ; do Južnej Ameriky",
		"sl": "v Latinski Ameriki ; iz Severne Amerike", "hr": "u Južnoj Americi ; iz Sjeverne Amerike ; u Latinskoj Americi", "lt": "Lotynų Amerikoje ; į Šiaurės Ameriką",
		"lv": "Ziemeļamerikā ; Latīņu Amerikā", "et": "Põhja-Ameerikas ; Ladina-Ameerikast", "fi": "Pohjois-Amerikassa ; Latinalaisessa Amerikassa ; Etelä-Amerikkaan",
		"hu": "Észak-Amerikában ; Latin-Amerikából", "el": "στη Λατινική Αμερική ; της Βόρειας Αμερικής", "is": "í Norður-Ameríku ; til Suður-Ameríku",
		"ro": "în America de Nord ; Americii Latine ; Bank of America", "bg": "в Латинска Америка ; от Северна Америка", "ga": "i Meiriceá Theas ; go Meiriceá Thuaidh",
		"mt": "fl-Amerika Latina ; lejn l-Amerika ta’ Fuq", "ar": "في أمريكا اللاتينية ; بأمريكا الشمالية ; وأميركا الجنوبية", "de": "in Nordamerika und Lateinamerika",
		"nl": "in Noord- en Zuid-Amerika ; Latijns-Amerika", "sv": "i Nordamerika", "da": "i Sydamerika", "no": "i Nord-Amerika ; til Latin-Amerika",
	} {
		for s := range strings.SplitSeq(list, " ; ") {
			if ms := Find(s, lang, "en"); len(ms) > 0 {
				t.Errorf("%s %q: %s", lang, s, show(s, ms))
			}
		}
	}
}

func TestFindKinds(t *testing.T) {
	s := "US, the United States, American, California, Seattle, CA 94103"
	var got []string
	for _, m := range Find(s, "en") {
		got = append(got, fmt.Sprintf("%s %s %s", m.Country, m.Kind, m.Form))
	}
	want := []string{"US short US", "US name United States", "US adjective American", "US region California", "US city Seattle", "US region CA"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if ms := Find("in China", "en", "en-GB", "xx"); len(ms) != 1 {
		t.Errorf("with the same language twice: %v", ms)
	}
	if ms := Find("in China"); ms != nil {
		t.Errorf("without a language: %v", ms)
	}
}

// The scanner must agree with package text on every word.
func FuzzFind(f *testing.F) {
	for _, s := range []string{"the U.S. and Öster\u00adreich", "l’Inde — ﬁle ẋ\u200b Ж́", "Korea, Republic of", "EU-U.S. \xff\xfeDPF", "ΗΠΑ الولايات المتحدة", "Georgia 30301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := text.Words(s)
		i, table := 0, letters()
		for _, w := range want {
			got, key, ok := nextWord(s, i, nil, table)
			if !ok || got != w || string(key) != text.Fold(s[w.Start:w.End]) {
				t.Fatalf("%q: word %v %q, want %v %q", s, got, key, w, text.Fold(s[w.Start:w.End]))
			}
			i = w.End
		}
		if _, _, ok := nextWord(s, i, nil, table); ok {
			t.Fatalf("%q: a word after the last", s)
		}
		last := 0
		for _, m := range Find(s, "en", "el", "ar", "de") {
			if m.Start < last || m.End <= m.Start || m.End > len(s) || m.Country == "" {
				t.Fatalf("%q: %+v after %d", s, m, last)
			}
			last = m.End
		}
	})
}
