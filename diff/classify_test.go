package diff

import (
	"strings"
	"testing"
)

// notice is the policy of a fictional service, which the cases alter by swap.
const notice = `# Privacy notice of Clipzy
Last updated: 3 May 2023
Clipzy AS, Storgata 1, 0155 Oslo, Norway, is the controller of the personal data that we process when you watch or upload clips with our app.
# What we collect
We collect:
- your name
- the clips that you upload, with the time and place of recording
- the address of your device
We do not collect:
- your contacts
# How long we keep it
We will delete your clips 30 days after you close your account, and your messages once nobody who received them has an account.
# Who receives it
We share usage statistics with Nordlicht Mail GmbH, which sends our newsletters and which stores the list of readers on servers in Norway.
| Recipient | Country | Days
| Beacon Hosting | Norway | 30
# Your rights
You may ask for a copy of your data, have them corrected or erased, and complain to the authority of the country in which you live or work.
`

// swap is the notice with each first text of a pair replaced by the second.
func swap(pairs ...string) string {
	s := notice
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(s, pairs[i]) {
			panic("not in the notice: " + pairs[i])
		}
		s = strings.Replace(s, pairs[i], pairs[i+1], 1)
	}
	return s
}

var (
	menu   = "- [Home](https://clipzy.example/)\n- [Clips](https://clipzy.example/clips)\n- [Shop](https://clipzy.example/shop)\n- [Help](https://clipzy.example/help)\n"
	posts  = "- Where are my clips?\n-- by Ada\n-- 3 hours ago\n- I want my account back\n-- [Resolved] by Bo\n-- 2 days ago\n- How do I write a clip?\n-- by Cy\n-- 1 week ago\n"
	later  = "- Nobody answers my letters to the station\n-- by Dora\n-- 5 minutes ago\n" + posts
	banner = "- [Home](https://clipzy.example/)\n- [Clips](https://clipzy.example/clips)\n- [Summer Sale](https://clipzy.example/sale)\n- [Shop](https://clipzy.example/shop)\n- [Help](https://clipzy.example/help)\n"
	other  = strings.Repeat("The operators of the video kiosk in the harbour keep a paper list of every visitor for the harbour master alone.\nThey hand the list over each evening without making copies of any page in it.\n", 5)
)

var classified = []struct {
	name     string
	old, new string
	want     Class
}{
	{"same", notice, notice, None},
	{"heading became paragraph", notice, swap("# Your rights", "Your rights"), Cosmetic},
	{"punctuation and case", notice, swap("Last updated: 3", "LAST UPDATED 3", "or work.", "or work"), Cosmetic},
	{"mark of a footnote", notice, swap("You may ask", "You may ask [1]"), Cosmetic},
	{"scrap of a link", swap("You may ask", "You may ask (mailto:"), notice, Cosmetic},
	{"enumerator", swap("You may ask", "a) You may ask"), swap("You may ask", "b) You may ask"), Cosmetic},
	{"section in another place", notice, swap("# How long we keep it\n", "", "We will delete your clips 30 days after you close your account, and your messages once nobody who received them has an account.\n", "") +
		"# How long we keep it\nWe will delete your clips 30 days after you close your account, and your messages once nobody who received them has an account.\n", Cosmetic},
	{"posts beside it", notice + posts, notice + later, Extraction},
	{"date", notice, swap("3 May 2023", "14 June 2024"), DateOnly},
	{"year of the date", notice, swap("3 May 2023", "3 May 2024"), DateOnly},
	{"version line", swap("Last updated: 3 May 2023", "Version 1.7"), swap("Last updated: 3 May 2023", "Version 1.8"), DateOnly},
	{"notice of entry into force", "Our new privacy policy takes effect on 1 June 2024. Click here to view our current privacy policy.\n" + notice, notice, DateOnly},
	{"menu captured", notice, menu + notice, Extraction},
	{"menu entry", menu + notice, banner + notice, Extraction},
	{"button", notice, notice + "Cookie settings", Extraction},
	{"contents captured", notice, strings.Replace(notice, "Last updated", "- What we collect\n- How long we keep it\n- Who receives it\n- Your rights\nLast updated", 1), Extraction},
	{"text twice", notice, notice + notice, Extraction},
	{"second document", notice, notice + "# Notice of the harbour kiosk\n" + other, Extraction},
	{"half a capture", notice + other, notice, Extraction},
	{"nothing captured", notice, "", Extraction},
	{"flowed into one block", notice, strings.Join(strings.Fields(strings.NewReplacer("# ", "", "- ", "", "|", "").Replace(notice)), " "), Extraction},
	{"another ending", notice, swap("who received", "that received"), Editorial},
	{"small word", notice, swap("and which stores", "and stores"), Editorial},

	{"company", notice, swap("Clipzy AS, Stor", "Clipzy Media Group AS, Stor"), ContactOrEntity},
	{"recipient", notice, swap("Nordlicht Mail GmbH", "Petit Panier SAS"), ContactOrEntity},
	{"country", notice, swap("servers in Norway", "servers in Singapore"), ContactOrEntity},
	{"nearly the same country", swap("servers in Norway", "servers in Austria"), swap("servers in Norway", "servers in Australia"), ContactOrEntity},
	{"country of a cell", notice, swap("| Norway", "| India"), ContactOrEntity},
	{"address", notice, swap("Storgata 1, 0155", "Havnegata 17, 0150"), ContactOrEntity},
	{"mail", notice + "Write to privacy@clipzy.example.", notice + "Write to dpo@clipzy.example.", ContactOrEntity},

	{"may", notice, swap("We will delete", "We may delete"), SubstantiveOther},
	{"not", notice, swap("We share usage", "We do not share usage"), SubstantiveOther},
	{"days", notice, swap("30 days", "60 days"), SubstantiveOther},
	{"days of a cell", notice, swap("| 30", "| 90"), SubstantiveOther},
	{"days at the beginning", swap("You may ask", "30 days are enough. You may ask"), swap("You may ask", "60 days are enough. You may ask"), SubstantiveOther},
	{"one letter", swap("your contacts", "the content of your messages"), swap("your contacts", "the consent of your messages"), SubstantiveOther},
	{"sign", swap("or work.", "or work. A second copy costs 5 €."), swap("or work.", "or work. A second copy costs 5 $."), SubstantiveOther},
	{"new item", notice, swap("- your name\n", "- your name\n- your heartbeat\n"), SubstantiveOther},
	{"item known from elsewhere", notice, swap("- your contacts", "- your contacts\n- the address of your device"), SubstantiveOther},
	{"item to the other list", notice, swap("We do not collect:\n- your contacts\n", "", "- your name\n", "- your name\n- your contacts\n") + "We do not collect:\n- your shoe size\n", SubstantiveOther},
	{"item changed lists", swap("- your contacts", "- the colour of your shoes\n- your contacts"),
		swap("- your name", "- your name\n- the colour of your shoes"), SubstantiveOther},
	{"new sentence", notice, swap("or work.", "or work. We also sell your heartbeat to insurers."), SubstantiveOther},
	{"sentence gone", notice, swap(", and complain to the authority of the country in which you live or work", ""), SubstantiveOther},
	{"clause known from elsewhere", notice, swap("has an account.", "has an account that we process when you watch or upload clips."), SubstantiveOther},
	{"moved and a change", notice, swap("We share usage statistics with Nordlicht Mail GmbH, which sends our newsletters and which stores the list of readers on servers in Norway.\n", "") +
		"We share usage statistics with Nordlicht Mail GmbH, which sends our newsletters and which may store the list of readers on servers in Norway.\n", SubstantiveOther},
	{"sentence moved and changed", notice, swap("We share usage statistics with Nordlicht Mail GmbH, which sends our newsletters and which stores the list of readers on servers in Norway.\n", "",
		"or work.", "or work. We share usage statistics with Nordlicht Mail GmbH, which sends our newsletters and which may store the list of readers on servers in Norway."), SubstantiveOther},
	{"words in another order", notice, swap("for a copy of your data, have them corrected or erased, and complain to the authority", "to complain or have them copied, corrected and erased; of your data, the authority for a"), SubstantiveOther},
	{"date and a change", notice, swap("3 May 2023", "3 May 2024", "We will delete", "We may delete"), SubstantiveOther},
	{"menu and a change", notice, menu + swap("We will delete", "We may delete"), SubstantiveOther},
	{"twice and a change", notice, notice + swap("We will delete your clips 30 days", "We sell all that you upload to insurers and advertisers, and then delete your clips within 300 days"), SubstantiveOther},
	{"date of a promise", swap("or work.", "or work. We store no clips abroad until 31 December 2027."), swap("or work.", "or work. We store no clips abroad until 31 March 2025."), SubstantiveOther},
}

func TestClassify(t *testing.T) {
	for _, c := range classified {
		t.Run(c.name, func(t *testing.T) {
			r := Compare(page(c.old), page(c.new), Options{})
			check(t, r)
			v := Classify(r)
			if v.Class != c.want {
				t.Errorf("got %s, want %s: %s\n%v\n%s", v.Class, c.want, v.Why, v.Words, show(r))
			}
			if v.Alert != c.want.Alert() {
				t.Errorf("alert %v of class %s", v.Alert, v.Class)
			}
			if v.Why == "" || len(v.Each) != len(r.Changes) {
				t.Errorf("incomplete: %+v", v)
			}
		})
	}
}

func TestClassifyLanguages(t *testing.T) {
	de := page("# Datenschutz\nClipzy verarbeitet Ihre Daten nur, solange Sie ein Konto haben, und löscht sie danach sofort.\n")
	de.Language = "de"
	r := Compare(page("# Privacy\nClipzy keeps your data only as long as you have an account, and erases them at once thereafter.\n"), de, Options{})
	if v := Classify(r); v.Class != FlipLocale || v.Alert {
		t.Errorf("%+v", v)
	}
}

func TestClassifyLinks(t *testing.T) {
	r := Compare(page("See [the list](https://clipzy.example/a)."), page("See [the list](https://clipzy.example/b)."), Options{})
	if v := Classify(r); v.Class != Cosmetic || !strings.Contains(v.Why, "the list") {
		t.Errorf("%+v", v)
	}
}
