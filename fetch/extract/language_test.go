package extract

import (
	"strings"
	"testing"
)

// spoken holds one sentence of ours in each language that is told.
var spoken = map[string]string{
	"bg": "Ние предаваме вашите лични данни на получатели извън Европейското икономическо пространство само с подходящи гаранции.",
	"cs": "Vaše osobní údaje předáváme příjemcům mimo Evropský hospodářský prostor pouze na základě vhodných záruk.",
	"da": "Vi overfører kun dine personoplysninger til modtagere uden for Det Europæiske Økonomiske Samarbejdsområde med passende garantier.",
	"de": "Wir übermitteln Ihre personenbezogenen Daten nur mit geeigneten Garantien an Empfänger außerhalb des Europäischen Wirtschaftsraums.",
	"el": "Διαβιβάζουμε τα προσωπικά σας δεδομένα σε αποδέκτες εκτός του Ευρωπαϊκού Οικονομικού Χώρου μόνο με κατάλληλες εγγυήσεις.",
	"en": "We transfer your personal data to recipients outside the European Economic Area only with appropriate safeguards.",
	"es": "Solo transferimos sus datos personales a destinatarios fuera del Espacio Económico Europeo con garantías adecuadas.",
	"et": "Me edastame teie isikuandmeid väljapoole Euroopa Majanduspiirkonda ainult asjakohaste kaitsemeetmete olemasolul.",
	"fi": "Siirrämme henkilötietojasi Euroopan talousalueen ulkopuolelle vain asianmukaisia suojatoimia noudattaen.",
	"fr": "Nous ne transférons vos données personnelles à des destinataires hors de l’Espace économique européen qu’avec des garanties appropriées.",
	"ga": "Ní aistrímid do chuid sonraí pearsanta lasmuigh den Limistéar Eorpach Eacnamaíoch ach amháin faoi choimircí cuí.",
	"hr": "Vaše osobne podatke prenosimo primateljima izvan Europskog gospodarskog prostora samo uz odgovarajuće zaštitne mjere.",
	"hu": "Személyes adatait csak megfelelő garanciák mellett továbbítjuk az Európai Gazdasági Térségen kívüli címzetteknek.",
	"is": "Við flytjum persónuupplýsingar þínar til viðtakenda utan Evrópska efnahagssvæðisins aðeins með viðeigandi verndarráðstöfunum.",
	"it": "Trasferiamo i suoi dati personali a destinatari al di fuori dello Spazio economico europeo solo con garanzie adeguate.",
	"lt": "Jūsų asmens duomenis už Europos ekonominės erdvės ribų perduodame tik taikydami tinkamas apsaugos priemones.",
	"lv": "Mēs nododam jūsu personas datus saņēmējiem ārpus Eiropas Ekonomikas zonas tikai ar atbilstošām garantijām.",
	"mt": "Aħna nittrasferixxu d-data personali tiegħek lil riċevituri barra ż-Żona Ekonomika Ewropea biss b’salvagwardji xierqa.",
	"nl": "Wij geven uw persoonsgegevens alleen met passende waarborgen door aan ontvangers buiten de Europese Economische Ruimte.",
	"no": "Vi overfører bare personopplysningene dine til mottakere utenfor Det europeiske økonomiske samarbeidsområdet med nødvendige garantier.",
	"pl": "Przekazujemy Państwa dane osobowe odbiorcom spoza Europejskiego Obszaru Gospodarczego wyłącznie z odpowiednimi zabezpieczeniami.",
	"pt": "Só transferimos os seus dados pessoais para destinatários fora do Espaço Económico Europeu com garantias adequadas.",
	"ro": "Transferăm datele dumneavoastră cu caracter personal către destinatari din afara Spațiului Economic European numai cu garanții adecvate.",
	"sk": "Vaše osobné údaje prenášame príjemcom mimo Európskeho hospodárskeho priestoru iba na základe primeraných záruk.",
	"sl": "Vaše osebne podatke prenašamo prejemnikom zunaj Evropskega gospodarskega prostora le z ustreznimi zaščitnimi ukrepi.",
	"sv": "Vi överför dina personuppgifter till mottagare utanför Europeiska ekonomiska samarbetsområdet endast med lämpliga skyddsåtgärder.",
	"ar": "لا ننقل بياناتك الشخصية إلى مستلمين خارج المنطقة الاقتصادية الأوروبية إلا بضمانات مناسبة.",
	"fa": "ما داده‌های شخصی شما را فقط با تضمین‌های مناسب به گیرندگان خارج از اروپا منتقل می‌کنیم و پس از چهار هفته پاک می‌کنیم.",
	"he": "אנו מעבירים את המידע האישי שלך לנמענים מחוץ לאזור הכלכלי האירופי רק עם ערבויות מתאימות.",
	"ja": "当社は、適切な保護措置がある場合にのみ、お客様の個人データを欧州経済領域外の受領者に移転します。",
	"ko": "우리는 적절한 보호 조치가 있는 경우에만 귀하의 개인정보를 유럽경제지역 밖의 수령인에게 이전합니다.",
	"ru": "Мы передаём ваши персональные данные получателям за пределами Европейской экономической зоны только при наличии гарантий.",
	"th": "เราจะโอนข้อมูลส่วนบุคคลของคุณไปยังผู้รับนอกเขตเศรษฐกิจยุโรปเฉพาะเมื่อมีมาตรการคุ้มครองที่เหมาะสมเท่านั้น",
	"tr": "Kişisel verilerinizi Avrupa Ekonomik Alanı dışındaki alıcılara yalnızca uygun güvencelerle aktarıyoruz.",
	"uk": "Ми передаємо ваші персональні дані одержувачам за межами Європейської економічної зони лише за наявності гарантій.",
	"zh": "我们仅在采取适当保护措施的情况下，才会将您的个人数据传输给欧洲经济区以外的接收者。",
}

func TestLanguage(t *testing.T) {
	for want, s := range spoken {
		if got := Language(s, ""); got != want {
			t.Errorf("%s told as %s", want, got)
		}
		if got := Language(s, "en-GB"); got != want {
			t.Errorf("%s told as %s where en was declared", want, got)
		}
	}
}

func TestLanguageUnclear(t *testing.T) {
	for _, c := range []struct{ text, hint, want string }{
		{"", "", "und"}, {"Clipzy", "", "und"}, {"Clipzy", "de-AT", "de"}, {"Clipzy", "nb-NO", "no"}, {"Clipzy", "und", "und"},
		{"Clipzy", "not a tag", "und"}, {"12 345 – 67", "", "und"}, {"xkqz wvbn qqzx jjkw pzzt xvvq kkjz wqxy bbnk zzqx", "", "und"},
	} {
		if got := Language(c.text, c.hint); got != c.want {
			t.Errorf("%q with hint %q: %s, want %s", c.text, c.hint, got, c.want)
		}
	}
}

// A short sentence is told by its small words; menus, names and addresses are in no language.
func TestLanguageShort(t *testing.T) {
	for s, want := range map[string]string{
		"We store your personal data on servers in Brazil.":                   "en",
		"Your data may be transferred to India.":                              "en",
		"Wir geben Daten nach Indien weiter.":                                 "de",
		"Nordlicht Mail überträgt Daten in die USA.":                          "de",
		"Nous conservons vos données au Brésil.":                              "fr",
		"Wij geven uw gegevens door aan India.":                               "nl",
		"Trasferiamo i tuoi dati in India.":                                   "it",
		"Siirrämme tietosi Intiaan, jos annat luvan.":                         "fi",
		"Az adatokat Indiába továbbítjuk, ha szükséges.":                      "hu",
		"Home Products Pricing About us Contact Log in Sign up":               "und",
		"Privacy Policy Terms of Service Cookie Policy":                       "und",
		"Impressum Datenschutz AGB Kontakt Karriere":                          "und",
		"Clipzy Hosting Ltd, 12 Baker Street, London W1U 3BW, United Kingdom": "und",
		"Nordlicht Mail GmbH, Hauptstraße 5, 20095 Hamburg":                   "und",
		"Via della Conciliazione 4, 00193 Roma, Italia":                       "und",
		"Anna Schmidt, Datenschutzbeauftragte, Berlin":                        "und",
		"Copyright 2024 Clipzy Inc. All rights reserved.":                     "und",
	} {
		if got := Language(s, ""); got != want {
			t.Errorf("%q told as %s, want %s", s, got, want)
		}
		if got := Language(s, "pt-BR"); want == "und" && got != "pt" {
			t.Errorf("%q told as %s where pt was declared", s, got)
		}
	}
}

// A block is told by all of it where its script speaks, whatever its beginning is in.
func TestBlockLanguageByScript(t *testing.T) {
	mixed := "Clipzy Hosting Ltd, 12 Baker Street, London W1U 3BW, United Kingdom: " + strings.Repeat(spoken["ko"], 4) + " Clipzy Hosting Ltd, London, United Kingdom."
	d := mustRead(t, "text/html", "<html lang=en><main>"+prose(6)+"<p>"+mixed+"</p></main></html>")
	if got := d.Blocks[len(d.Blocks)-1].Language; got != "ko" {
		t.Errorf("block in %q", got)
	}
}

func TestBlockLanguage(t *testing.T) {
	german := strings.Repeat(spoken["de"]+" ", 3)
	d := mustRead(t, "text/html", `<html lang=en><main>`+prose(6)+"<p>"+german+"</p><p>"+spoken["fr"]+"</p></main></html>")
	n := len(d.Blocks)
	if d.Language != "en" || d.Blocks[0].Language != "" || d.Blocks[n-2].Language != "de" || d.Blocks[n-1].Language != "" {
		t.Errorf("document %s, blocks %q %q %q", d.Language, d.Blocks[0].Language, d.Blocks[n-2].Language, d.Blocks[n-1].Language)
	}
}
