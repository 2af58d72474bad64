package extract

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/fetch/extract/pdf"
)

// readFile reads a file of testdata as it comes from a server that says nothing of its type.
func readTestdata(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var itemNumber = regexp.MustCompile(`(?m)^(i\d+) \d+\. `)

// likeHTML wants the blocks of body to be those of testdata/policy.html. Numbers of items, which HTML does not hold, do not count;
// nor does which cells of a table are its header if the format does not say.
func likeHTML(t *testing.T, body []byte, opt Options) {
	t.Helper()
	want, err := Read(Input{Body: readTestdata(t, "policy.html"), MediaType: "text/html"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read(Input{Body: body}, opt)
	if err != nil {
		t.Fatal(err)
	}
	invariant(t, got)
	g, w := itemNumber.ReplaceAllString(dump(got), "$1 "), dump(want)
	if g != w {
		gs, ws := strings.Split(g, "\n"), strings.Split(w, "\n")
		for i := range max(len(gs), len(ws)) {
			if i >= len(gs) || i >= len(ws) || gs[i] != ws[i] {
				t.Fatalf("block %d differs:\n%s\nwant\n%s\n---\n%s", i, strings.Join(gs[i:min(i+1, len(gs))], ""), strings.Join(ws[i:min(i+1, len(ws))], ""), g)
			}
		}
	}
	if got.Title != want.Title || got.Language != want.Language || got.EffectiveDate != want.EffectiveDate || len(got.Warnings) > 0 {
		t.Errorf("title %q, language %q, date %q, warnings %q", got.Title, got.Language, got.EffectiveDate, got.Warnings)
	}
}

// TestFilesLikeHTML reads one policy as different programs saved it.
func TestFilesLikeHTML(t *testing.T) {
	for _, name := range []string{"policy-chromium.pdf", "policy-libreoffice.pdf", "policy.docx", "policy.odt"} {
		t.Run(name, func(t *testing.T) { likeHTML(t, readTestdata(t, name), Options{}) })
	}
}

func TestPDFLayout(t *testing.T) {
	long := "The transfers rest on the standard contractual clauses of the European"
	for _, c := range []struct{ name, content, want string }{
		{"hyphens at line ends", lines(50, 700, "We transfer personal data to recipients in third countries, on the con-", "tractual clauses of a third-party support centre, and to any other third-",
			"party in the EU-", "US framework of long-", "standing friends, until 2020-", "2021."),
			"p We transfer personal data to recipients in third countries, on the contractual clauses of a third-party support centre, and to any other third-party in the EU-US framework of longstanding friends, until 2020-2021.\n"},
		{"ligatures and names of glyphs", at(50, 700, "F3", 11, "o\x02ces, con\x01dential (M\x03rz, Stra\x04e) \x05"), "p offices, confidential (März, Straße) а\n"},
		{"headings by size, then bold", at(50, 760, "F1", 20, "Privacy Policy") + at(50, 720, "F1", 14, "Transfers") + lines(50, 700, long, "Commission.") + at(50, 660, "F2", 11, "Recipients") + lines(50, 646, long, "Commission."),
			"h1 Privacy Policy\nh2 Transfers\np " + long + " Commission.\nh6 Recipients\np " + long + " Commission.\n"},
		{"a new paragraph after a gap and after a short line", lines(50, 700, long, "Commission.", "We keep them for a year, and after that we erase all of the data at once.") + lines(50, 640, "Another."),
			"p " + long + " Commission.\np We keep them for a year, and after that we erase all of the data at once.\np Another.\n"},
		{"lists by bullets and indentation", lines(50, 700, "We collect:") + at(60, 686, "F4", 11, "\xb7") + at(75, 686, "F1", 11, "account data,") + at(75, 672, "F1", 11, "such as your name;") +
			at(80, 658, "F1", 11, "-") + at(95, 658, "F1", 11, "searches") + at(60, 644, "F4", 11, "\xb7") + at(75, 644, "F1", 11, "bills"),
			"p We collect:\ni1 account data, such as your name;\ni2 searches\ni1 bills\n"},
		{"a table by its columns", at(50, 700, "F2", 11, "Recipient") + at(200, 700, "F2", 11, "Country") + lines(50, 680, "Clipzy Hosting", "Limited") + lines(200, 680, "India") + lines(50, 646, "Pixelfern") + lines(200, 646, "Japan"),
			"c0.0.0h Recipient\nc0.0.1h Country\nc0.1.0 Clipzy Hosting Limited\nc0.1.1 India\nc0.2.0 Pixelfern\nc0.2.1 Japan\n"},
		{"two columns of text", lines(50, 700, "Clipzy transfers personal", "data to recipients in", "India and Japan.") + lines(50, 640, "It keeps them for a", "year.") + lines(320, 700, "You may ask for access", "to your data."),
			"p Clipzy transfers personal data to recipients in India and Japan.\np It keeps them for a year.\np You may ask for access to your data.\n"},
		{"a watermark across the page", "BT /F1 60 Tf 0.7 0.7 -0.7 0.7 100 100 Tm (DRAFT) Tj ET\n" + lines(50, 700, "We store data in India."), "p We store data in India.\n"},
		{"a superscript", lines(50, 700, "We store data in India") + at(157, 704, "F1", 7, "1") + at(164, 700, "F1", 11, "and Japan."), "p We store data in India1 and Japan.\n"},
		{"kerned and spaced words", "BT /F1 11 Tf 50 700 Td [(W) 80 (e) -300 (store) -278 (data)] TJ 0 -14 Td 3 Tw (in In) Tj (dia.) Tj ET\n", "p We store data in India.\n"},
		{"operators over inline pictures", "BI /W 1 /H 1 /BPC 8 ID \x00(EI EI\n" + lines(50, 700, "We store data in India."), "p We store data in India.\n"},
		{"an artifact", "/Artifact BMC\n" + lines(50, 720, "Printed on Monday") + "EMC\n" + lines(50, 700, "We store data in India."), "p We store data in India.\n"},
		{"replaced text", "/Span << /ActualText (\xfe\xff\x00I\x00n\x00d\x00i\x00a) >> BDC\n" + lines(50, 700, "1nd1a") + "EMC\n", "p India\n"},
		{"dots for bullets", "60 689 m 63 689 l 63 692 l 60 692 l h f\n" + lines(70, 686, "your name") + "60 675 3 3 re f\n" + lines(70, 672, "your bills"), "i1 your name\ni1 your bills\n"},
		{"a paragraph close below an item", at(60, 700, "F4", 11, "\xb7") + at(75, 700, "F1", 11, "account data") + lines(50, 686, "We keep them for a year."), "i1 account data\np We keep them for a year.\n"},
		{"mostly paragraphs of one line", lines(50, 700, "We keep the data of your account,") + lines(50, 676, "We keep the logs of your films,") + lines(50, 652, "We keep your bills and letters,") + lines(50, 628, "We keep the messages that you write to our centre", "of support for a year"),
			"p We keep the data of your account,\np We keep the logs of your films,\np We keep your bills and letters,\np We keep the messages that you write to our centre of support for a year\n"},
		{"a table of contents", lines(50, 700, "1. Transfers ............................ 3", "2. Rights .............................. 14"), "i1 1. Transfers\ni1 2. Rights\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for how, body := range map[string][]byte{"plain": newPDF().pages("", c.content).bytes(), "packed": newPDF().pages("", c.content).packed()} {
				d, err := Read(Input{Body: body, MediaType: "application/pdf"}, Options{})
				if err != nil {
					t.Fatalf("%s: %v", how, err)
				}
				invariant(t, d)
				if got := dump(d); got != c.want {
					t.Errorf("%s:\n%swant\n%s", how, got, c.want)
				}
			}
		})
	}
}

func TestPDFRunningLines(t *testing.T) {
	var pages []string
	for n := 1; n <= 5; n++ {
		text := lines(50, 700, fmt.Sprintf("Part %c says where the data go, and why they go there, in so many words as it takes", 'A'+n), "to say it all.")
		if n == 3 {
			text += lines(50, 60, "This sentence begins on one page, and it ends on the page that comes after,")
		}
		if n == 4 {
			text = lines(50, 740, "as sentences do.") + text
		}
		pages = append(pages, at(50, 810, "F1", 8, "Clipzy Ltd – Privacy Policy")+text+at(280, 20, "F1", 8, fmt.Sprintf("Page %d of 5", n)))
	}
	d, err := Read(Input{Body: newPDF().pages("", pages...).bytes()}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(d.Text, "Clipzy") || strings.Contains(d.Text, "Page") {
		t.Errorf("running lines are in the text:\n%s", d.Text)
	}
	if !strings.Contains(d.Text, "that comes after, as sentences do.\n") {
		t.Errorf("a sentence is torn between two pages:\n%s", d.Text)
	}
	if len(d.Blocks) != 6 {
		t.Errorf("%d blocks:\n%s", len(d.Blocks), dump(d))
	}
}

func TestPDFLinks(t *testing.T) {
	annots := "/Annots [ << /Subtype /Link /Rect [ 150 695 185 712 ] /A << /S /URI /URI (https://clipzy.example/countries) >> >> ]"
	d, err := Read(Input{Body: newPDF().pages(annots, lines(50, 700, "The countries stand")+at(152, 700, "F1", 11, "here.")).bytes()}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "p The countries stand here. [here. → https://clipzy.example/countries]\n"; dump(d) != want {
		t.Errorf("%swant %s", dump(d), want)
	}
}

// unmapped is a page in a font that does not say what its codes mean.
func unmapped() *pdfFile {
	f := newPDF().pages("", "BT /F1 11 Tf 50 700 Td <"+strings.Repeat("000100020003", 40)+"> Tj ET")
	f.objects[3] = "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [ << /Type /Font /Subtype /CIDFontType2 /DW 500 >> ] >>"
	return f
}

func TestPDFRefused(t *testing.T) {
	image := newPDF().pages("/Resources << /XObject << /I 9 0 R >> >>", "q 595 0 0 842 0 0 cm /I Do Q", "/I Do")
	image.objects[9] = streamObject("/Subtype /Image /Width 1 /Height 1", "x")
	locked := newPDF().pages("", lines(50, 700, "We store data."))
	locked.trailer = "/Encrypt << /Filter /Standard /V 2 /R 3 >>"
	whole := newPDF().pages("", lines(50, 700, "We store data.")).bytes()
	for _, c := range []struct {
		name  string
		body  []byte
		fault Fault
		want  string
	}{
		{"scanned", image.bytes(), Scanned, "the PDF cannot be read: it is scanned: 2 pages with pictures, and 0 words"},
		{"blank", newPDF().pages("", "").bytes(), Scanned, "the PDF cannot be read: it holds no text: 1 page without words"},
		{"encrypted", locked.bytes(), Encrypted, "the PDF cannot be read: it is encrypted"},
		{"encrypted and packed", locked.packed(), Encrypted, "the PDF cannot be read: it is encrypted"},
		{"cut off", whole[:40], Damaged, "the PDF cannot be read: it is damaged: no page is to be found in it"},
		{"nothing in it", []byte("%PDF-1.4\n"), Damaged, "the PDF cannot be read: it is damaged: no page is to be found in it"},
		{"codes without meaning", unmapped().bytes(), Coded, "the PDF cannot be read: of 120 characters the file does not say which they are"},
	} {
		_, err := Read(Input{Body: c.body}, Options{})
		var e ErrUnreadable
		if !errors.As(err, &e) || e.Fault != c.fault || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// TestPDFDamaged reads files as far as they can be read.
func TestPDFDamaged(t *testing.T) {
	whole := string(newPDF().pages("", lines(50, 700, "We store data in India.")).bytes())
	for name, body := range map[string]string{
		"no table of objects":       whole[:strings.Index(whole, "xref")],
		"a wrong table of objects":  strings.ReplaceAll(whole, "0000000", "0000999"),
		"junk at the end":           whole + strings.Repeat("<!-- served by Clipzy -->", 40),
		"junk before the beginning": "\r\n \xef\xbb\xbf" + whole,
		"wrong lengths of streams":  strings.ReplaceAll(whole, "/Length 5", "/Length 9"),
		"no tree of pages":          strings.Replace(whole, "/Kids [", "/Kinds [", 1),
		"changed later":             whole + "\n3 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>\nendobj\ntrailer\n<< /Root 1 0 R /Prev 9 >>\n%%EOF\n",
	} {
		d, err := Read(Input{Body: []byte(body)}, Options{})
		if err != nil || dump(d) != "p We store data in India.\n" {
			t.Errorf("%s: %v %v", name, d, err)
		}
	}
}

func TestPDFHelper(t *testing.T) {
	words := `<!DOCTYPE html><html><body><doc><page width="595" height="842"><word xMin="50" yMin="100" xMax="70" yMax="112">We</word>
<word xMin="73" yMin="100" xMax="100" yMax="112">store</word><word xMin="103" yMin="100" xMax="130" yMax="112">data.</word></page></doc></body></html>`
	asked := 0
	opt := Options{PDF: &Helper{Name: "words/1", Words: func([]byte) ([]byte, error) { asked++; return []byte(words), nil }}}
	d, reader, err := ReadNamed(Input{Body: unmapped().bytes()}, opt)
	if err != nil || d.Text != "We store data." || reader != Reader+"+words/1" {
		t.Errorf("%v %q %v", d, reader, err)
	}
	good := newPDF().pages("", lines(50, 700, "We store data in India.")).bytes()
	if d, reader, err = ReadNamed(Input{Body: good}, opt); err != nil || d.Text != "We store data in India." || reader != Reader || asked != 1 {
		t.Errorf("a file that reads well: %v %q %v, asked %d times", d, reader, err, asked)
	}
	opt.PDF.Always = true
	if d, reader, err = ReadNamed(Input{Body: good}, opt); err != nil || d.Text != "We store data." || reader != Reader+"+words/1" {
		t.Errorf("always: %v %q %v", d, reader, err)
	}
	for name, bad := range map[string]func([]byte) ([]byte, error){
		"fails":         func([]byte) ([]byte, error) { return nil, errors.New("no") },
		"says nothing":  func([]byte) ([]byte, error) { return nil, nil },
		"says nonsense": func([]byte) ([]byte, error) { return []byte("<page><word xMin='NaN'>\xff<word></page>"), nil },
	} {
		var e ErrUnreadable
		if _, reader, err := ReadNamed(Input{Body: unmapped().bytes()}, Options{PDF: &Helper{Name: "x", Words: bad}}); !errors.As(err, &e) || reader != Reader {
			t.Errorf("a helper that %s: %q %v", name, reader, err)
		}
	}
}

// TestPDFBounded reads files that are made to be costly.
func TestPDFBounded(t *testing.T) {
	bomb := newPDF().pages("", "")
	for n := range bomb.objects {
		if strings.Contains(bomb.objects[n], "stream") {
			bomb.objects[n] = streamObject("/Filter [ /FlateDecode /FlateDecode ]", deflate(deflate(strings.Repeat(" ", 150<<20))))
		}
	}
	loop := newPDF().pages("/Resources << /XObject << /X 9 0 R >> /Font << /F1 3 0 R >> >>", "/X Do")
	loop.objects[9] = streamObject("/Subtype /Form", strings.Repeat("/X Do ", 100)+lines(50, 700, "We store data."))
	tree := newPDF().pages("", lines(50, 700, "We store data."))
	tree.objects[1] = "<< /Type /Catalog /Pages 2 0 R /StructTreeRoot 7 0 R >>"
	tree.objects[7] = "<< /K 8 0 R >>"
	tree.objects[8] = "<< /S /P /K [ 8 0 R 7 0 R 8 0 R ] >>"
	wide := newPDF().pages("", lines(50, 700, "We store data."))
	wide.objects[3] = "<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [ << /W [" + strings.Repeat(" 0 65535 500", 20_000) + " ] >> ] >>"
	for name, f := range map[string]*pdfFile{"a bomb": bomb, "forms within forms": loop, "a structure that holds itself": tree, "endless widths": wide,
		"brackets": newPDF().pages("", strings.Repeat("[<<", 200_000)), "states": newPDF().pages("", strings.Repeat("q /Span BMC ", 300_000)+lines(50, 700, "We store data."))} {
		at := time.Now()
		d, err := Read(Input{Body: f.bytes()}, Options{})
		took := time.Since(at)
		t.Logf("%s: %v, %v", name, took, err)
		if took > 20*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
		var big ErrTooBig
		var bad ErrUnreadable
		if err != nil && !errors.As(err, &big) && !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
		}
		if d != nil {
			invariant(t, d)
		}
	}
	var many []string
	for range 30 {
		many = append(many, lines(50, 700, "We store data."))
	}
	if _, err := pdf.Read(newPDF().pages("", many...).bytes(), pdf.Limits{Pages: 20}); !errors.Is(err, pdf.ErrTooBig) {
		t.Errorf("30 pages where 20 are the limit: %v", err)
	}
}

func FuzzPDF(f *testing.F) {
	f.Add(newPDF().pages("/Annots [ << /Subtype /Link /Rect [ 40 690 85 712 ] /A << /S /URI /URI (x) >> >> ]", at(50, 700, "F2", 11, "1. Transfers")+lines(50, 680, "We store da-", "ta in India")+lines(200, 680, "x")+lines(50, 640, "We")+lines(200, 640, "y")).bytes())
	f.Add(newPDF().pages("/Rotate 90", "/P << /MCID 0 >> BDC "+at(50, 700, "F3", 11, "o\x02ces")+" EMC q 2 0 0 2 0 0 cm /X Do Q BI ID x EI").packed())
	f.Add(unmapped().bytes())
	tagged := newPDF().pages("", "/P << /MCID 0 >> BDC "+lines(50, 700, "We store data")+" EMC /P << /MCID 1 >> BDC "+lines(50, 660, "in India")+" EMC")
	tagged.objects[1] = "<< /Type /Catalog /Pages 2 0 R /StructTreeRoot << /RoleMap << /X /TD >> /K [ << /S /Table /K << /S /TR /K [ << /S /X /Pg 12 0 R /K 0 >> << /S /TH /A << /ColSpan 3 >> /Pg 12 0 R /K [ 1 ] >> ] >> >> ] >> >>"
	f.Add(tagged.bytes())
	f.Fuzz(func(t *testing.T, body []byte) { fuzzed(t, "application/pdf", append([]byte("%PDF-1.4\n"), body...)) })
}
