package dates

// This file holds the words that stand about dates, by language. Alternatives are divided by "|"; "stem*" stands for a word that
// begins so and "*end" for one that ends so; ".." for up to five words. "@" is the date: words without it stand before the date,
// "@ in kraft" after it, and "ab dem @ gilt" right before and after.

// phrases are the words of one language.
type phrases struct {
	effective string // from the date on the text is in force
	updated   string // on the date it was last changed, published or dated
	until     string // it is in force up to the date
	older     string // what is dated is another, former text
	not       string // right before or after the date: it is the end of something, or its limit
	law       string // what is dated is a law, a judgment or a decision
	policy    string // what is dated is the text itself
	this      string // before the name of the text: it is the one at hand
	other     string // what is dated is a consent, a contract, an order: something of a reader or a customer
}

// wordsOf are the phrases of each language; they are looked for in texts of all languages, for many texts mix two.
var wordsOf = map[string]phrases{
	"en": {
		effective: "effective|effective date|effective as of|effective from|in force|in effect|into force|into effect|take* effect|valid from|valid as of|valid since|applicable from|applicable as of|applicable since|" +
			"appl* from|appl* as of|appl* as from|appl* since|entry into force|as of @ appl*|from @ appl*|as of @ will apply|from @ will apply|with effect from|starting @ appl*|starting @ will apply|" +
			"@ effective|@ takes effect|@ take effect|@ will take effect|@ come* into force|@ came into force|@ come* into effect|@ enter* into force",
		updated: "last updat*|last modif*|last revis*|last chang*|last review*|last amend*|last edit*|latest updat*|latest revis*|latest version|latest change*|updated|update|revised|revision|modified on|amended on|changed on|" +
			"version|version date|version dated|as of|current as of|as at|date of last|date modified|modified date|dated|published|publication date|posted|issued|issue date|date of issue|adopted on|approved on|created on|date created|release date|" +
			"reviewed|last change|status|@ updated|@ last updated|@ revised|@ version",
		until:  "appl* until|valid until|valid through|effective until|effective through|in force until|in effect until|applicable until|remain* .. until|continue* .. until|until @ appl*",
		older:  "previous*|prior|earlier|archive*|former*|old|older|superseded|replace*|supersede*|first|initial|initially|original*",
		not:    "until|up to|before|through|prior to|to|till|no later than",
		law:    "regulation*|directive*|act|law|laws|legislation|decision*|judgment|judgement|gdpr|ccpa|cpra|lgpd|ordinance|decree|convention|treaty|court|ruling|shield|framework|clauses|brexit|withdrawal|certif*|statute|bill|constitution",
		policy: "policy|policies|notice*|statement|declaration|document|terms|version|agreement|page|information|guidelines|faq",
		this:   "this|following",
		other:  "consent*|contract*|subscription*|account*|order|orders|purchase*|membership*|employment|withdrawal|retention|certification|offer|promotion|licen*",
	},
	"de": {
		effective: "gültig ab|gültig seit|gültig vom|gültigkeit|gültigkeit ab|gültigkeitsdatum|gilt .. ab|gelten .. ab|gilt seit|gelten seit|in kraft|in kraft seit|inkrafttreten|datum des inkrafttretens|wirksam ab|wirksam seit|wirksam zum|wirksamkeitsdatum|" +
			"wirkung zum|wirkung ab|wirkung vom|anwendbar ab|ab @ gilt|ab @ gelten|ab dem @ gilt|ab dem @ gelten|seit dem @ gilt|@ in kraft|@ wirksam",
		updated: "stand|stand vom|version vom|fassung|fassung vom|in der fassung vom|zuletzt .. aktualisiert|zuletzt .. geändert|zuletzt überarbeitet|zuletzt angepasst|zuletzt bearbeitet|zuletzt am|zuletzt|letzte aktualisierung|letzte änderung|letzte überarbeitung|" +
			"letzte anpassung|letzte fassung|letzte bearbeitung|letztes update|letzter stand|aktueller stand|aktualisiert|aktualisierung|geändert am|überarbeitet am|veröffentlicht am|veröffentlichungsdatum|datiert|erstellt am|" +
			"@ aktualisiert|@ geändert|@ überarbeitet|@ angepasst|@ veröffentlicht",
		until:  "gilt .. bis|gelten .. bis|gilt bis zum|gelten bis zum|gültig bis|gültig bis zum|in kraft bis|bis @ gilt|bis zum @ gilt|bis zum @ gelten",
		older:  "vorherige*|frühere*|bisherige*|ältere*|alte|archiv*|ersetzt|erste|ersten|erstmals|ursprünglich*",
		not:    "bis|bis zum|vor|vor dem|spätestens|spätestens am",
		law:    "*verordnung|richtlinie|*gesetz|*gesetzes|*gesetzen|dsgvo|gvo|bdsg|dsg|urteil*|beschluss*|entscheidung|abkommen|rechtsprechung|*schild|standardvertragsklauseln|zertifi*|bgbl|egmr|eugh|ttdsg|tddsg",
		policy: "*erklärung|*hinweise|*hinweisen|*bestimmungen|datenschutzrichtlinie*|version|fassung|*information|*informationen|dokument|*bedingungen|agb|*richtlinien|seite",
		this:   "diese|dieser|dieses|vorliegende*|nachfolgende*|folgende*",
		other:  "einwilligung*|vertrag|vertrags|verträge|abo|abonnement*|konto|kontos|bestellung*|mitgliedschaft*|widerruf*|kauf|speicherdauer|aufbewahrung*|arbeitsverhältnis*|aktion",
	},
	"fr": {
		effective: "en vigueur|entrée en vigueur|date d effet|prend effet|prendra effet|prennent effet|effet au|effet le|applicable* à partir|applicable* à compter|applicable* au|applicable* depuis|applicable* dès|s applique* à partir|s applique* à compter|" +
			"s applique* depuis|s appliquent à compter|valable* à partir|valable* à compter|valable* depuis|valide à partir|à compter du @ applique*|à partir du @ applique*|@ en vigueur|@ entrée en vigueur",
		updated: "mise à jour|mis à jour|mises à jour|dernière mise|dernière modification|dernière révision|dernière version|dernière actualisation|version|version du|version en date du|modifié* le|actualisé* le|révisé* le|publié* le|date de publication|" +
			"date de mise à jour|date de dernière|date de la dernière|en date du|daté* du|datée du|édition|@ mise à jour|@ mis à jour",
		until:  "applicable* jusqu|valable* jusqu|en vigueur jusqu|s applique* jusqu|applicable* jusqu au|valable* jusqu au|en vigueur jusqu au|s applique* jusqu au|jusqu au @ applique*",
		older:  "précédent*|antérieur*|ancien*|archiv*|remplace*|première|initiale*|originale",
		not:    "jusqu|jusqu au|jusqu à|avant le|avant|au plus tard le",
		law:    "règlement*|directive*|loi|lois|rgpd|décret|décision|arrêt|arrêté|ordonnance|délibération|convention|clauses|bouclier|jugement|code|cnil",
		policy: "politique*|notice|déclaration|charte|version|document|conditions|mentions|présente",
		this:   "présente|présent|présentes|cette",
		other:  "consentement*|contrat*|abonnement*|compte|comptes|commande*|adhésion|achat*|retrait|conservation|offre",
	},
	"nl": {
		effective: "van kracht|ingangsdatum|geldig vanaf|geldig sinds|geldt .. vanaf|gelden .. vanaf|geldig per|geldt per|gelden per|inwerkingtreding|datum inwerkingtreding|in werking|van toepassing vanaf|van toepassing per|van toepassing sinds|" +
			"effectief vanaf|effectief per|effectieve datum|ingaande|ingang van|met ingang van|gaat in op|vanaf @ geldt|vanaf @ gelden|per @ geldt|@ in werking|@ van kracht|@ van toepassing",
		updated: "laatst .. gewijzigd|laatst .. bijgewerkt|laatst .. aangepast|laatst .. herzien|laatst .. geactualiseerd|laatst geüpdatet|laatste wijziging|laatste update|laatste herziening|laatste aanpassing|laatste versie|laatste bewerking|bijgewerkt|gewijzigd op|" +
			"aangepast op|herzien op|versie|versie van|versiedatum|gepubliceerd op|publicatiedatum|opgesteld op|vastgesteld op|@ gewijzigd|@ bijgewerkt|@ aangepast|@ herzien",
		until:  "geldig tot|geldt .. tot|gelden .. tot|van kracht tot|van toepassing tot|geldig tot en met|van kracht tot en met|tot @ geldt|tot en met @ geldt",
		older:  "vorige|eerdere|oude|oudere|archief|gearchiveerd*|vervangt|voorgaande|eerste|oorspronkelijke",
		not:    "tot|tot en met|vóór|uiterlijk|uiterlijk op",
		law:    "*verordening|richtlijn*|wet|*wet|avg|besluit|arrest|uitspraak|vonnis|verdrag|*clausules|*schild",
		policy: "*beleid|*verklaring|versie|document|*voorwaarden|*statement|policy|*reglement|pagina",
		this:   "deze|dit|onderhavige",
		other:  "toestemming*|overeenkomst*|contract*|abonnement*|account*|bestelling*|lidmaatschap*|aankoop|aankopen|bewaartermijn*",
	},
	"es": {
		effective: "en vigor|entrada en vigor|vigente|vigente desde|vigencia|fecha de vigencia|fecha efectiva|fecha de efectividad|fecha de entrada|efectiv* a partir|efectiv* desde|se aplica* desde|se aplica* a partir|aplicable* desde|" +
			"aplicable* a partir|válid* desde|válid* a partir|surte* efecto*|surtirá* efecto*|a partir del @ se aplica*|desde el @ se aplica*|@ en vigor",
		updated: "última actualización|última modificación|última revisión|última versión|última vez|actualizad*|actualización|modificad* el|revisad* el|versión|versión de|versión del|fecha de actualización|fecha de publicación|publicad* el|" +
			"fecha de la última|fecha de última|fecha de revisión|a fecha de|@ actualizad*",
		until:  "vigente* hasta|en vigor hasta|válid* hasta|aplica* hasta|vigencia hasta|vigente* hasta el|en vigor hasta el|válid* hasta el|aplica* hasta el|hasta el @ se aplica*",
		older:  "anterior|anteriores|previa*|previo*|antigu*|archivad*|sustituye*|primera|inicial",
		not:    "hasta|hasta el|antes del|antes de|a más tardar el",
		law:    "reglamento*|directiva*|ley|leyes|rgpd|lopd*|decreto|decisión|sentencia|orden|resolución|convenio|cláusulas|escudo|código|gdd",
		policy: "política*|aviso|declaración|versión|documento|condiciones|términos|información",
		this:   "esta|este|presente",
		other:  "consentimiento*|contrato*|suscripción*|cuenta|cuentas|pedido*|compra|compras|retirada|conservación",
	},
	"it": {
		effective: "in vigore|entrata in vigore|valid* dal|validità dal|validità|efficace dal|efficace a partire|efficacia dal|efficacia|data di efficacia|decorrenza|decorre dal|a decorrere dal|applicabile dal|applicabile a partire|si applica* dal|" +
			"si applica* a partire|con effetto dal|effettiva dal|data effettiva|vigente dal|vigente|dal @ si applica*|@ in vigore",
		updated: "ultimo aggiornamento|ultima modifica|ultima revisione|ultima versione|ultima variazione|aggiornat*|aggiornamento|modificat* il|rivista il|revisione|data di aggiornamento|data di revisione|data ultimo|data dell ultim*|versione|" +
			"versione del|pubblicat* il|data di pubblicazione|redatt* il|@ aggiornat*",
		until:  "in vigore fino|in vigore fino al|valid* fino|valid* fino al|si applica* fino|si applica* fino al|applicabile fino al|vigente fino al|efficace fino al|fino al @ si applica*",
		older:  "precedent*|archivi*|sostituisce|vecchi*|anterior*|prima|iniziale|originale",
		not:    "fino al|fino a|fino|entro il|prima del|sino al",
		law:    "regolamento|direttiva|legge|gdpr|rgpd|decreto|decisione|sentenza|provvedimento|ordinanza|codice|convenzione|clausole|scudo|lgs",
		policy: "informativa|politica|policy|dichiarazione|versione|documento|condizioni|nota|termini",
		this:   "questa|questo|presente",
		other:  "consenso|consensi|contratto|contratti|abbonamento|abbonamenti|account|ordine|ordini|acquisto|conservazione|revoca",
	},
	"pt": {
		effective: "em vigor|entrada em vigor|vigente|vigência|data de vigência|data efetiva|data efectiva|efetiv* a partir|efetiv* desde|válid* a partir|válid* desde|aplicáve* a partir|aplicáve* desde|aplica* se a partir|aplica* se desde|" +
			"com efeitos a partir|produz efeitos|a partir de @ aplica*|@ em vigor",
		updated: "última atualização|última actualização|última alteração|última modificação|última revisão|última versão|última vez|atualizad*|actualizad*|atualização|alterad* em|modificad* em|revist* em|versão|versão de|data de atualização|data da última|" +
			"publicad* em|data de publicação|data da revisão|@ atualizad*",
		until:  "em vigor até|válid* até|aplica* até|aplica* se até|vigente até|em vigor até ao|válid* até ao|aplica* se até ao|até @ aplica*",
		older:  "anterior|anteriores|prévia*|antig*|arquiv*|substitui*|primeira|inicial",
		not:    "até|até ao|até a|antes de|o mais tardar em",
		law:    "regulamento*|diretiva*|directiva*|lei|leis|rgpd|lgpd|decreto*|decisão|acórdão|portaria|deliberação|convenção|cláusulas|escudo|sentença",
		policy: "política*|aviso|declaração|versão|documento|condições|termos|informação",
		this:   "esta|este|presente",
		other:  "consentimento*|contrato*|subscrição|subscrições|assinatura|conta|contas|encomenda*|compra|compras|conservação",
	},
	"da": {
		effective: "i kraft|ikrafttrædelse*|ikrafttræden|gælder .. fra|gældende fra|gælder pr|gældende pr|gælder siden|gældende siden|gyldig fra|gyldig pr|virkning fra|virkning pr|fra @ gælder|fra den @ gælder|fra og med @ gælder|@ i kraft",
		updated: "sidst opdateret|sidst ændret|sidst revideret|sidst redigeret|sidst vurderet|senest opdateret|senest ændret|senest revideret|seneste opdatering|seneste ændring|seneste revision|seneste version|sidste opdatering|sidste ændring|opdateret|" +
			"opdatering|revideret|ændret den|version|version af|udgivet|offentliggjort|dateret|@ opdateret",
		until:  "gælder .. til|gældende til|gyldig til|gælder indtil|gældende indtil|gyldig indtil|gælder frem til|i kraft indtil|indtil @ gælder|indtil den @ gælder",
		older:  "tidligere|forrige|gamle|ældre|arkiv*|erstatter|første|oprindelig*",
		not:    "indtil|til|til og med|inden|frem til|før|senest den",
		law:    "*forordning|*forordningen|direktiv*|lov|loven|*loven|gdpr|afgørelse*|dom|dommen|bekendtgørelse*|konvention*|*klausuler|skjold",
		policy: "*politik|*politikken|*erklæring|version|dokument|vilkår|*meddelelse|*oplysninger|*betingelser",
		this:   "denne|dette",
		other:  "samtykke*|kontrakt*|aftale|aftalen|abonnement*|konto|ordre*|køb|opbevaring*|medlemskab*",
	},
	"no": {
		effective: "i kraft|ikrafttredelse*|ikrafttreden|gjelder .. fra|gjeldende fra|gjelder per|gjelder pr|gjeldende per|gjeldende pr|gyldig fra|virkning fra|gjelder siden|fra @ gjelder|fra og med @ gjelder|@ i kraft",
		updated:   "sist oppdatert|sist endret|sist revidert|sist redigert|siste oppdatering|siste endring|siste revisjon|siste versjon|senest oppdatert|oppdatert|oppdatering|revidert|endret den|versjon|versjon av|publisert|datert|offentliggjort|@ oppdatert",
		until:     "gjelder .. til|gjeldende til|gyldig til|gjelder frem til|gjelder inntil|i kraft til|til @ gjelder",
		older:     "tidligere|forrige|gamle|eldre|arkiv*|erstatter|første|opprinnelig*",
		not:       "til|til og med|inntil|innen|frem til|før|senest",
		law:       "*forordning|*forordningen|direktiv*|lov|loven|*loven|gdpr|dom|dommen|avgjørelse*|vedtak*|forskrift*|konvensjon*",
		policy:    "*erklæring|*erklæringen|*politikk|versjon|dokument|*vilkår|*vilkårene|retningslinjer",
		this:      "denne|dette",
		other:     "samtykke*|kontrakt*|avtale|avtalen|abonnement*|konto|ordre*|kjøp|lagring*|medlemskap*",
	},
	"sv": {
		effective: "i kraft|ikraftträdande*|gäller .. från|gällande från|gäller fr o m|gäller från och med|gällande från och med|gäller sedan|gäller per|giltig från|giltig sedan|tillämpas från|tillämpas från och med|från @ gäller|från och med @ gäller|@ i kraft",
		updated: "senast uppdatera*|senast ändra*|senast reviderad*|senast granska*|senaste uppdatering*|senaste ändring*|senaste version*|senaste revidering*|uppdaterad*|uppdaterat|uppdatering|reviderad*|reviderat|ändrad|version|version av|fastställd*|" +
			"publicerad*|publicerat|daterad*|antagen|@ uppdaterad*|@ uppdaterat",
		until:  "gäller .. till|gäller till och med|gällande till|giltig till|gäller fram till|i kraft till|till och med @ gäller|fram till @ gäller",
		older:  "tidigare|föregående|gamla|äldre|arkiv*|ersätter|första|ursprunglig*",
		not:    "till|till och med|fram till|innan|före|senast den",
		law:    "*förordning|*förordningen|direktiv*|lag|lagen|*lagen|gdpr|dom|domen|beslut*|konvention*|*klausuler|skölden",
		policy: "*policy|*policyn|*meddelande|*meddelandet|*information|version|dokument|villkor|villkoren|*villkor|förklaring",
		this:   "denna|detta",
		other:  "samtycke*|avtal|avtalet|kontrakt*|abonnemang*|konto|kontot|beställning*|köp|lagring*|medlemskap*",
	},
	"fi": {
		effective: "voimassa|voimaan|voimaantulo*|sovelletaan @ alkaen|sovelletaan @ lähtien|voimassa @ alkaen|voimassa @ lähtien|@ alkaen sovelletaan|@ alkaen voimassa|@ voimaan|@ voimassa",
		updated: "päivitetty|viimeksi päivitetty|viimeisin päivitys|viimeksi muokattu|viimeksi muutettu|viimeksi tarkistettu|viimeinen päivitys|muokattu|muutettu viimeksi|laadittu|julkaistu|versio|päivitys|päivätty|laatimispäivä|tarkistettu|" +
			"@ päivitetty|@ laadittu|@ muokattu",
		until:  "voimassa @ asti|voimassa @ saakka|voimassa asti|sovelletaan @ asti|sovelletaan @ saakka|@ asti voimassa|@ asti sovelletaan",
		older:  "aiem*|aikaisem*|edelli*|vanha|vanhat|vanhan|arkist*|korvaa|ensimmäinen|alkuperäinen",
		not:    "ennen|viimeistään|@ asti|@ saakka|@ mennessä",
		law:    "*asetus|*asetuksen|*asetusta|direktiivi*|laki|lain|lakia|*laki|*lain|päätös|päätökse*|tuomio*|gdpr|yleissopimu*|*lausekkeet",
		policy: "*seloste|*selosteen|*käytäntö|*käytännön|*lausunto|versio|asiakirja|ehdot|*ilmoitus|*ilmoituksen",
		this:   "tämä|tämän|tätä",
		other:  "suostumu*|sopimu*|tilaus|tilauksen|tili|tilin|ostos|oston|jäsenyy*|säilyty*",
	},
	"cs": {
		effective: "účinn*|účinnosti|nabýv* účinnosti|nabude účinnosti|v platnost|v platnosti od|v platnost dne|platn* od|platnost od|platí .. od|platn* ke dni|účinn* od|datum účinnosti|od @ platí|ode dne @ platí|@ účinn*|@ v platnost",
		updated: "poslední aktualizace|poslední změna|poslední revize|poslední úprava|naposledy aktualizov*|naposledy upraven*|naposledy změněn*|aktualizov*|aktualizace|verze|verze ze dne|verze z|znění ze dne|ve znění ze dne|revize|vydáno|zveřejněno|" +
			"datum aktualizace|datum vydání|datum poslední|vytvořeno|@ aktualizov*",
		until:  "platn* do|platí .. do|účinn* do|v platnosti do|do @ platí",
		older:  "předchozí*|dřívější*|starší*|archiv*|nahrazuj*",
		not:    "do|až do|před|nejpozději",
		law:    "nařízení|směrnice|zákon*|gdpr|rozhodnutí|rozsud*|vyhlášk*|úmluv*|doložk*|dohod*|sb",
		policy: "zásad*|prohlášení|verze|dokument*|podmín*|oznámení|informace|informací|pravidla|pravidel|poučení|sdělení",
		this:   "tyto|toto|tato|tento",
		other:  "souhlas*|smlouv*|předplatné*|účet|účtu|objednáv*|nákup*|členství|uchovává*",
	},
	"sk": {
		effective: "účinn*|účinnosť|nadobúda* účinnosť|nadobudn* účinnosť|účinnosť dňa|platn* od|platnosť od|platí .. od|platia .. od|do platnosti|nadobúda* platnosť|dátum účinnosti|od @ platí|od @ platia|@ účinn*|@ účinnosť|@ do platnosti",
		updated: "posledná aktualizácia|posledná zmena|posledná revízia|posledná úprava|naposledy aktualizov*|naposledy upraven*|naposledy zmenen*|aktualizov*|aktualizácia|verzia|verzia zo dňa|znenie zo dňa|zverejnen*|vydan*|dátum aktualizácie|" +
			"dátum poslednej|revízia|@ aktualizov*",
		until:  "platn* do|platí .. do|platia .. do|účinn* do|do @ platí|do @ platia",
		older:  "predchádzajúc*|predošl*|staršia|staršie|skoršia|archív*|nahrádza*",
		not:    "do|až do|pred|najneskôr",
		law:    "nariadeni*|smernic*|zákon*|gdpr|rozhodnuti*|rozsud*|vyhlášk*|dohovor*|doložk*|dohod*|zz",
		policy: "zásad*|vyhlásenie|verzia|dokument*|podmien*|oznámeni*|informácie|pravidl*|poučenie",
		this:   "tieto|toto|táto|tento",
		other:  "súhlas*|zmluv*|predplatné*|účet|účtu|objednáv*|nákup*|členstv*|uchováva*",
	},
	"pl": {
		effective: "obowiązuj* od|obowiązuj*|wejści* w życie|wchodz* w życie|wejdzie w życie|wejdą w życie|weszł* w życie|ważn* od|data obowiązywania|stosuje się od|ze skutkiem od|od @ obowiązuj*|od dnia @ obowiązuj*|@ wchodzi w życie|@ wejdzie w życie|" +
			"@ wchodzą w życie",
		updated: "ostatni* aktualizacj*|ostatni* zmian*|ostatni* modyfikacj*|ostatnio aktualizowan*|ostatnio zaktualizowan*|ostatnio zmienion*|ostatnio modyfikowan*|zaktualizowan*|aktualizacj*|data aktualizacji|data ostatniej|data modyfikacji|" +
			"data publikacji|opublikowan*|wersja|wersja z|wersja z dnia|stan na|stan na dzień|data wersji|@ zaktualizowan*",
		until:  "obowiązuj* do|obowiązuj* .. do|ważn* do|do @ obowiązuj*|do dnia @ obowiązuj*",
		older:  "poprzedni*|wcześniejsz*|stara|starsz*|archiwal*|zastępuj*|pierwsz*|pierwotn*",
		not:    "do|do dnia|przed|aż do|najpóźniej",
		law:    "rozporządzeni*|dyrektyw*|ustaw*|rodo|gdpr|decyzj*|wyrok*|konwencj*|orzeczeni*|dz",
		policy: "polityk*|oświadczeni*|wersja|dokument*|regulamin*|zasady|informacj*|warunki|klauzula",
		this:   "niniejsz*|ta|ten|te",
		other:  "zgod*|umow*|umów|subskrypcj*|konto|konta|zamówieni*|zakup*|członkostw*|przechowywani*",
	},
	"hu": {
		effective: "hatályos|hatálybalépés*|hatályba lép*|hatálya|hatály kezdete|érvényes|érvényesség kezdete|érvényben|@ hatályos|@ lép hatályba|@ hatályba|@ érvényes|@ érvénybe|@ alkalmazandó",
		updated: "utolsó frissítés*|utolsó módosítás*|utolsó változtatás|utoljára frissít*|utoljára módosít*|frissítve|frissítés dátuma|frissítés|módosítva|módosítás dátuma|módosítás|legutóbbi frissítés*|legutóbbi módosítás*|legutóbb frissít*|verzió|változat|" +
			"közzététel*|közzétéve|kelt|kiadás dátuma|@ frissít*|@ módosít*|@ módosult",
		until:  "@ ig hatályos|@ ig érvényes|hatályos @ ig|érvényes @ ig|@ ig alkalmazandó",
		older:  "korábbi*|előző*|régi|régebbi*|archív*|felváltja",
		not:    "@ ig|@ előtt|legkésőbb",
		law:    "rendelet*|irányelv|törvény*|gdpr|határozat*|ítélet*|egyezmény*|infotv|*törvény|tv",
		policy: "*tájékoztató|*tájékoztatója|*tájékoztatót|szabályzat*|nyilatkozat*|verzió|dokumentum*|feltétel*|irányelvek",
		this:   "ez|jelen",
		other:  "hozzájárulás*|szerződés*|előfizetés*|fiók*|megrendelés*|vásárlás*|tagság*|megőrzés*",
	},
	"ro": {
		effective: "în vigoare|intrare în vigoare|intrării în vigoare|valabil* din|valabil* de la|valabil* începând|aplicabil* din|aplicabil* de la|aplicabil* începând|se aplică din|se aplică de la|se aplică începând|data efectivă|produce efecte|" +
			"începând cu @ se aplică|@ în vigoare",
		updated: "ultima actualizare|ultima modificare|ultima revizuire|ultima versiune|ultima dată|actualizat*|actualizare|modificat* la|revizuit*|versiune*|versiunea din|publicat* la|data actualizării|data publicării|data ultimei|@ actualizat*",
		until:   "valabil* până|valabil* până la|în vigoare până|în vigoare până la|se aplică până|se aplică până la|aplicabil* până la|până la @ se aplică",
		older:   "anterioar*|precedent*|vech*|arhiv*|înlocuiește",
		not:     "până|până la|înainte de|cel târziu",
		law:     "regulamentul*|directiv*|lege|legea|legii|rgpd|gdpr|decizi*|hotărâr*|ordonanț*|convenți*|clauze*",
		policy:  "politic*|notă|nota|notificare*|declarați*|versiune*|document*|condiți*|termen*|informare*",
		this:    "această|acest|prezenta|prezentul|aceasta",
		other:   "consimțământ*|contract*|abonament*|cont|contului|comand*|achiziți*|stocare*|păstrare*",
	},
	"bg": {
		effective: "в сила|в сила от|валидн* от|действа .. от|прилага се от|прилагат се от|дата на влизане в сила|дата на влизане|от @ се прилага|@ влиза в сила|@ влизат в сила|@ в сила",
		updated: "последна актуализация|последна промяна|последно актуализ*|последна редакция|последно изменен*|последна версия|последно обновяване|последно обновен*|актуализиран*|актуализация|обновена на|версия|версия от|редакция от|публикуван*|" +
			"изменена на|дата на актуализация|дата на публикуване|дата на последна*|@ актуализиран*",
		until:  "в сила до|валидн* до|действа .. до|прилага се до|прилагат се до|до @ се прилага",
		older:  "предишн*|предходн*|стара|стари|архив*|заменя",
		not:    "до|преди|най късно",
		law:    "регламент*|директив*|закон*|орзд|gdpr|решение*|наредб*|конвенци*|клаузи|дв",
		policy: "политик*|уведомлени*|декларация|версия|документ*|условия*|информация|правила",
		this:   "тази|това|настоящ*",
		other:  "съгласие*|договор*|абонамент*|акаунт*|поръчк*|покупк*|членств*|съхранени*",
	},
	"el": {
		effective: "σε ισχύ|σε ισχύ από|ισχύει|ισχύουν|ισχύει από|ισχύουν από|έναρξη ισχύος|έναρξης ισχύος|ημερομηνία ισχύος|εφαρμόζεται από|από @ ισχύει|από την @ ισχύει|από τις @ ισχύει|@ σε ισχύ",
		updated: "τελευταία ενημέρωση|τελευταία τροποποίηση|τελευταία αναθεώρηση|τελευταία αλλαγή|τελευταία έκδοση|τελευταία επικαιροποίηση|τελευταίας ενημέρωσης|τελευταίας τροποποίησης|ενημερώθηκε|επικαιροποιήθηκε|τροποποιήθηκε|αναθεωρήθηκε|" +
			"έκδοση|έκδοση της|δημοσιεύθηκε|δημοσιεύτηκε|ημερομηνία δημοσίευσης|ημερομηνία ενημέρωσης|@ ενημερώθηκε",
		until:  "ισχύει έως|ισχύει μέχρι|ισχύουν έως|ισχύουν μέχρι|σε ισχύ έως|σε ισχύ μέχρι|ισχύει έως τις|ισχύει έως την|ισχύει μέχρι τις|ισχύει μέχρι την|έως τις @ ισχύει",
		older:  "προηγούμεν*|παλαι*|αρχειοθετ*|αντικαθιστά",
		not:    "έως|μέχρι|πριν|έως τις|έως την|μέχρι τις|μέχρι την|πριν από",
		law:    "κανονισμ*|οδηγία|οδηγίας|νόμο*|γκπδ|gdpr|απόφαση*|διάταγμα|σύμβαση*|ρήτρες",
		policy: "πολιτικ*|δήλωση*|ειδοποίηση|έκδοση|έγγραφο*|όροι|ανακοίνωση",
		this:   "παρούσα|παρόν|αυτή|αυτό",
		other:  "συγκατάθεση*|συναίνεση*|σύμβαση|συμβόλαιο*|συνδρομή*|λογαριασμ*|παραγγελί*|αγορά*|διατήρηση*",
	},
	"hr": {
		effective: "na snagu|na snazi|na snazi od|vrijedi .. od|vrijede .. od|važi .. od|važeć* od|primjenjuje se od|primjenjuju se od|stupanja na snagu|od @ primjenjuje se|od @ vrijedi|@ na snagu",
		updated: "posljednja izmjena|posljednje ažuriranje|posljednja promjena|posljednja verzija|posljednja revizija|zadnja izmjena|zadnje ažuriranje|zadnja promjena|posljednji put ažuriran*|zadnji put ažuriran*|zadnje ažurirano|posljednji put izmijenjen*|" +
			"ažuriran*|ažuriranje|verzija|verzija od|inačica|objavljen*|datum objave|datum ažuriranja|datum posljednje*|@ ažuriran*",
		until:  "na snazi do|vrijedi .. do|vrijede .. do|važi do|primjenjuje se do|primjenjuju se do|do @ vrijedi|do @ primjenjuje se",
		older:  "prethodn*|ranij*|stara|stare|arhiv*|zamjenjuje",
		not:    "do|prije|najkasnije",
		law:    "uredb*|direktiv*|zakon*|gdpr|odluk*|presud*|pravilnik*|konvencij*|klauzul*|nn",
		policy: "politik*|izjav*|obavijest*|verzija|dokument*|uvjet*|pravila|informacije",
		this:   "ova|ovo|ovaj|ove",
		other:  "privol*|suglasnost*|ugovor*|pretplat*|račun|računa|narudžb*|kupnj*|članstv*|čuvanj*",
	},
	"sl": {
		effective: "velja .. od|veljajo .. od|veljavn* od|v veljavi|v veljavo|začne veljati|začnejo veljati|začetek veljavnosti|začetka veljavnosti|uporablja se od|uporabljajo se od|datum veljavnosti|veljavnost od|od @ velja|od @ veljajo|@ začne veljati|@ v veljavo",
		updated: "zadnja posodobitev|zadnja sprememba|zadnja različica|zadnje posodobljeno|zadnje spremembe|nazadnje posodobljen*|nazadnje spremenjen*|nazadnje|posodobljen*|posodobitev|različica|različica z dne|verzija|objavljen*|datum objave|datum zadnje*|" +
			"datum posodobitve|@ posodobljen*",
		until:  "velja .. do|veljajo .. do|veljavn* do|v veljavi do|uporablja se do|do @ velja",
		older:  "prejšnj*|predhodn*|stara|stare|starejš*|arhiv*|nadomešča",
		not:    "do|pred|najkasneje",
		law:    "uredb*|direktiv*|zakon*|gdpr|zvop|odločb*|sodb*|sklep*|konvencij*|klavzul*",
		policy: "politik*|izjav*|obvestil*|različic*|dokument*|pogoj*|pravila|informacije",
		this:   "ta|to|te",
		other:  "privolit*|soglasj*|pogodb*|naročnin*|račun|računa|naročil*|nakup*|članstv*|hramb*",
	},
	"et": {
		effective: "jõustub|jõustuvad|jõustunud|jõustus|jõustumi*|kehtib|kehtib alates|kehtivad alates|kehtiv alates|kehtima|kohaldatakse alates|alates @ kehti*|alates @ kohaldatakse|@ jõustu*|@ kehtima",
		updated: "viimati uuendatud|viimati muudetud|viimati täiendatud|viimati ajakohastatud|viimane uuendus|viimane muudatus|viimane versioon|viimane muutmine|viimase uuenduse|viimase muudatuse|uuendatud|muudetud|ajakohastatud|uuendamise kuupäev|versioon|" +
			"redaktsioon|avaldatud|koostatud|kinnitatud|@ uuendatud|@ muudetud|@ ajakohastatud",
		until:  "kehtib kuni|kehtivad kuni|kehtiv kuni|kuni @ kehti*",
		older:  "eelmi*|varasem*|vana|vanad|arhiiv*|asendab",
		not:    "kuni|enne|hiljemalt",
		law:    "*määrus|*määruse|direktiiv*|seadus|seaduse|*seadus|*seaduse|gdpr|otsus|otsuse|kohtuotsus*|konventsioon*",
		policy: "*põhimõtted|*põhimõtete|*tingimused|*teade|teatis|versioon|dokument*|*poliitika|teave|avaldus",
		this:   "see|käesolev*|need",
		other:  "nõusolek*|leping*|tellimus*|konto|konton|kontol|ost|ostu|liikmesus*|säilita*",
	},
	"lv": {
		effective: "spēkā|spēkā no|stājas spēkā|stāsies spēkā|spēkā stāšanās|spēkā stāšanās datums|piemēro no|piemērojam* no|no @ piemēro|@ stājas spēkā|@ spēkā",
		updated: "pēdējo reizi atjaunin*|pēdējo reizi atjaunot*|pēdējo reizi mainīt*|pēdējo reizi grozīt*|pēdējās izmaiņas|pēdējie grozījumi|pēdējā atjaunin*|pēdējais atjaunin*|atjaunin*|atjaunots|redakcija|versija|publicēt*|atjaunināšanas datums|apstiprināt*|" +
			"aktualizēt*|@ atjaunin*",
		until:  "spēkā līdz|piemēro līdz|līdz @ spēkā",
		older:  "iepriekšēj*|agrāk*|vecā|arhīv*|aizstāj",
		not:    "līdz|pirms|ne vēlāk kā",
		law:    "regula|regulas|regulu|regulā|*regula|direktīv*|likum*|vdar|gdpr|lēmum*|spriedum*|konvencij*|klauzul*",
		policy: "politik*|paziņojum*|deklarācij*|versija|redakcija|dokument*|noteikumi|informācija",
		this:   "šī|šis|šie",
		other:  "piekrišan*|līgum*|abonement*|konts|konta|pasūtījum*|pirkum*|dalīb*|glabāšan*",
	},
	"lt": {
		effective: "įsigalioja|įsigalios|įsigaliojo|įsigaliojim*|galioja .. nuo|galioja|galiojanti nuo|taikoma nuo|taikomos nuo|nuo @ galioja|nuo @ taikom*|@ įsigalioja|@ įsigalios",
		updated: "paskutinį kartą atnaujint*|paskutinį kartą keist*|paskutinis atnaujinimas|paskutinis pakeitimas|paskutiniai pakeitimai|paskutinio atnaujinimo|paskutinio pakeitimo|paskutinė redakcija|paskutinė versija|atnaujint*|atnaujinimo data|redakcija|" +
			"versija|paskelbt*|patvirtint*|@ atnaujint*|@ redakcija",
		until:  "galioja .. iki|galioja iki|taikoma iki|taikomos iki|galiojanti iki|iki @ galioja",
		older:  "ankstesn*|senoji|sena|archyv*|pakeičia",
		not:    "iki|prieš|ne vėliau kaip",
		law:    "reglament*|direktyv*|įstatym*|bdar|gdpr|sprendim*|nutarim*|įsakym*|konvencij*|sąlygos sutart*",
		policy: "politik*|pranešim*|pareiškim*|versija|redakcija|dokument*|taisykl*|informacija",
		this:   "ši|šis|šie",
		other:  "sutikim*|sutart*|prenumerat*|paskyr*|užsakym*|pirkim*|naryst*|saugojim*",
	},
	"mt": {
		effective: "fis seħħ|fis seħħ mil|fis seħħ minn|effettiv*|data effettiva|valid* minn|valid* mill|japplika* minn|tapplika minn|tapplika mill|minn @ tapplika|mill @ tapplika|@ fis seħħ",
		updated: "aġġornat*|l aħħar aġġornament|aħħar aġġornament|l aħħar aġġornat*|aħħar modifika|aħħar verżjoni|aħħar reviżjoni|l aħħar emendat*|verżjoni|verżjoni ta|pubblikat*|ippubblikat*|rivedut*|data tal aġġornament|data tal aħħar|emendat* fi*|" +
			"@ aġġornat*",
		until:  "fis seħħ sa|fis seħħ sal|valid* sa|valid* sal|tapplika sa|tapplika sal|japplika sa|japplika sal|sal @ tapplika",
		older:  "preċedenti|ta qabel|arkivj*|tissostitwixxi|antik*",
		not:    "sa|sal|sat|qabel|sa mhux aktar tard",
		law:    "regolament|regolamenti|direttiva|liġi|att|gdpr|deċiżjoni|sentenza|konvenzjoni|ordinanza|kap|klawżoli",
		policy: "politika|avviż|dikjarazzjoni|verżjoni|dokument|termini|kundizzjonijiet|stqarrija",
		this:   "din|dan|dawn",
		other:  "kunsens*|kuntratt*|abbonament*|kont|ordni|xiri|żamma|sħubija",
	},
	"ga": {
		effective: "i bhfeidhm|i bhfeidhm ó|i bhfeidhm ón|éifeachtach|éifeachtach ó|dáta éifeachta*|dáta feidhme|bailí ó|infheidhme ó|éifeacht ó|ó @ i bhfeidhm|ón @ i bhfeidhm|@ i bhfeidhm",
		updated:   "nuashonr*|an nuashonrú deireanach|nuashonrú deireanach|nuashonrú deiridh|athrú deireanach|leagan|leagan dar dáta|athbhreithn*|athbhreithniú deireanach|foilsithe|foilsíodh|dar dáta|dáta foilsithe|uasdát*|@ nuashonr*",
		until:     "i bhfeidhm go dtí|i bhfeidhm go dtí an|bailí go dtí|bailí go dtí an|infheidhme go dtí",
		older:     "roimhe|seanleagan*|cartlann*|in ionad",
		not:       "go dtí|go dtí an|roimh|roimh an|suas go",
		law:       "rialachán*|treoir|treorach|acht|achta|dlí|gdpr|rgcs|cinneadh|breithiúnas|coinbhinsiún|reachtaíocht|clásail",
		policy:    "*pholasaí|polasaí*|beartas|bheartas|fógra|ráiteas|leagan|doiciméad|téarmaí",
		this:      "seo",
		other:     "toiliú|toilithe|conradh|conartha|síntiús*|cuntas|cuntais|ordú|ceannach*|ballraíocht*|coinneáil*",
	},
	"is": {
		effective: "gildi|tekur gildi|taka gildi|tók gildi|öðlast gildi|gildistaka|gildistöku*|gildir .. frá|gilda .. frá|gildir frá og með|gilda frá og með|í gildi frá|frá @ gildir|frá og með @ gildir|@ gildi|@ tekur gildi",
		updated:   "síðast uppfær*|síðast breytt|síðast endurskoð*|síðasta uppfærsla|síðasta breyting|nýjasta útgáfa|uppfær*|endurskoð*|útgáfa|útgáfudagur|útgáfa frá|birt|birt þann|dagsett|samþykkt|breytt þann|@ uppfær*",
		until:     "gildir .. til|gilda .. til|gildir til og með|í gildi til|gildir þar til|til @ gildir",
		older:     "fyrri|eldri|gamla|arkiv*|í stað",
		not:       "til|þar til|fyrir|til og með|í síðasta lagi",
		law:       "*reglugerð|*reglugerðar|*reglugerðin|tilskipun*|lög|laga|lögum|*lög|gdpr|ákvörðun*|dómur|dómi|úrskurð*|samningsákvæði",
		policy:    "stefna|stefnan|stefnu|*stefna|*stefnan|*stefnu|yfirlýsing*|tilkynning*|útgáfa|skjal|*skilmálar|*skilmála",
		this:      "þessi|þetta|þessar|þessir",
		other:     "samþykki|samþykkis|samning*|áskrift*|reikning*|pöntun*|kaup|kaupa|aðild*|varðveisl*",
	},
	"ar": {
		effective: "تاريخ السريان|تاريخ سريان|تاريخ النفاذ|تاريخ نفاذ|*ساري المفعول|*سارية المفعول|*سارية|*ساري|*يسري|*تسري|حيز التنفيذ|حيز النفاذ|نافذة|نافذ|اعتبارا من|تطبق اعتبارا من|يعمل بها|يعمل بهذه|@ حيز التنفيذ|من @ تسري|من @ تطبق",
		updated:   "آخر تحديث|آخر تعديل|آخر مراجعة|أحدث تحديث|تاريخ التحديث|تاريخ آخر|تم التحديث|تم تحديث|تم آخر|حدثت|محدث*|تحديث|إصدار|الإصدار|نسخة|النسخة|نشر في|نشرت في|تاريخ النشر|تاريخ الإصدار|تم تعديل|مؤرخ*|جرى تحديث",
		until:     "*ساري* حتى|*سارية حتى|*تسري .. حتى|*يسري .. حتى|*سارية المفعول حتى|*ساري المفعول حتى|حتى @ تسري",
		older:     "السابق*|سابق*|القديم*|المؤرشف*|الأرشيف|محل",
		not:       "حتى|قبل|لغاية|في موعد أقصاه",
		law:       "*اللائحة|لائحة|*قانون|*توجيه|*قرار|*حكم|*مرسوم|تشريع|*اتفاقية|*النظام|محكمة",
		policy:    "*سياسة|*إشعار|*بيان|*إصدار|نسخة|النسخة|وثيقة|الوثيقة|الشروط",
		this:      "هذه|هذا",
		other:     "*موافقتك|*موافقتكم|*الموافقة|*العقد|*اشتراك*|*حسابك|*طلبك|*عضوية*|*الاحتفاظ",
	},
	"mul": {law: "gdpr|rgpd|dpf|scc|sccs|ccpa|cpra|lgpd|brexit"},
	"ca":  {effective: "en vigor|vigent|vigent des", updated: "darrera actualització|última actualització|actualitzad*|darrera modificació|versió"},
	"ru":  {effective: "в силу|вступает в силу|действует с|действительна с", updated: "последнее обновление|последние изменения|последнее изменение|обновлен*|редакция от|версия от", law: "закон*|регламент*"},
	"tr":  {effective: "yürürlük tarihi|yürürlüğe|geçerlilik tarihi|@ yürürlü*", updated: "son güncelle*|güncelleme tarihi|@ güncellen*", law: "kanun*|yasa"},
	"uk":  {effective: "набирає чинності|набуває чинності|чинна з", updated: "останнє оновлення|востаннє оновлено|оновлено|редакція від", law: "закон*|регламент*"},
}
