package extract

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// archiveOf is a ZIP archive of files given as name and content in turn.
func archiveOf(files ...string) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			panic(err)
		}
		_, _ = w.Write([]byte(files[i+1]))
	}
	_ = z.Close()
	return out.Bytes()
}

const docxTypes = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`

// docx is a DOCX file with the body and more files.
func docx(body string, files ...string) []byte {
	doc := `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="w" xmlns:r="r" xmlns:mc="mc"><w:body>` + body + `</w:body></w:document>`
	return archiveOf(append([]string{"[Content_Types].xml", docxTypes, "word/document.xml", doc}, files...)...)
}

func par(props string, runs ...string) string {
	return "<w:p><w:pPr>" + props + "</w:pPr>" + strings.Join(runs, "") + "</w:p>"
}

func words(s string) string { return `<w:r><w:t xml:space="preserve">` + s + `</w:t></w:r>` }

// styles are those of a German Word: the ids are German, the names are not.
const styles = `<w:styles xmlns:w="w"><w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/><w:basedOn w:val="Standard"/><w:rPr><w:b/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Kapitel"><w:name w:val="Kapitel"/><w:basedOn w:val="berschrift2"/></w:style>
<w:style w:type="paragraph" w:styleId="Stufe"><w:name w:val="Stufe"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Titel"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="Verzeichnis1"><w:name w:val="toc 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Liste"><w:name w:val="List Bullet"/><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>
<w:style w:type="character" w:styleId="Fett"><w:name w:val="Strong"/><w:rPr><w:b/></w:rPr></w:style>
<w:style w:type="table" w:styleId="Gitter"><w:name w:val="Grid Table"/><w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr></w:tblStylePr></w:style>
<w:style w:styleId="Kreis"><w:basedOn w:val="Kreis"/></w:style></w:styles>`

func TestDOCX(t *testing.T) {
	style := func(id string) string { return `<w:pStyle w:val="` + id + `"/>` }
	cellOf := func(props, s string) string {
		return "<w:tc><w:tcPr>" + props + "</w:tcPr>" + par("", words(s)) + "</w:tc>"
	}
	for _, c := range []struct{ name, body, want string }{
		{"headings by styles, whatever their ids", par(style("Titel"), words("Datenschutz")) + par(style("berschrift2"), words("Zwecke")) + par(style("Kapitel"), words("Dritte")) + par(style("Stufe"), words("Indien")) +
			par(`<w:outlineLvl w:val="3"/>`, words("Japan")) + par(style("Kreis"), words("Wir speichern.")),
			"h1 Datenschutz\nh2 Zwecke\nh2 Dritte\nh3 Indien\nh4 Japan\np Wir speichern.\n"},
		{"lists", par(`<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>`, words("your name")) + par(`<w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr>`, words("your bills")) + par(style("Liste"), words("logs")) +
			par(style("Liste")+`<w:numPr><w:numId w:val="0"/></w:numPr>`, words("No item.")), "i1 your name\ni2 your bills\ni1 logs\np No item.\n"},
		{"tracked changes are taken as accepted", par("", words("We store data in "), `<w:del w:author="x"><w:r><w:delText>Ireland</w:delText></w:r></w:del>`, `<w:ins w:author="x">`+words("India")+`</w:ins>`, words(".")) +
			par(`<w:rPr><w:del w:author="x"/></w:rPr>`, words("One ")) + par("", words("paragraph.")) + par("", `<w:moveFrom>`+words("Moved.")+`</w:moveFrom>`) + par("", `<w:moveTo>`+words("Moved.")+`</w:moveTo>`),
			"p We store data in India.\np One paragraph.\np Moved.\n"},
		{"links", par("", words("See "), `<w:hyperlink r:id="rId7">`+words("the list")+`</w:hyperlink>`, words(" and "), `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "https://clipzy.example/in" </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>`,
			words("India"), `<w:r><w:fldChar w:fldCharType="end"/></w:r>`, words(" and "), `<w:hyperlink w:anchor="rights">`+words("rights")+`</w:hyperlink>`, words(".")) + par("", `<w:bookmarkStart w:id="0" w:name="rights"/>`, words("Rights.")),
			"p See the list and India and rights. [the list → https://clipzy.example/countries] [India → https://clipzy.example/in] [rights → #rights]\np Rights. #rights\n"},
		{"tables with merged cells and a header", "<w:tbl><w:tr><w:trPr><w:tblHeader/></w:trPr>" + cellOf("", "Recipient") + cellOf(`<w:gridSpan w:val="2"/>`, "Countries") + "</w:tr><w:tr>" + cellOf(`<w:vMerge w:val="restart"/>`, "Clipzy Ltd") + cellOf("", "India") + cellOf("", "Japan") +
			"</w:tr><w:tr>" + cellOf(`<w:vMerge/>`, "") + cellOf("", "Chile") + cellOf("", "Peru") + "</w:tr><w:tr><w:trPr><w:del/></w:trPr>" + cellOf("", "gone") + cellOf("", "gone") + "</w:tr></w:tbl>",
			"c0.0.0h Recipient\nc0.0.1h Countries\nc0.0.2h Countries\nc0.1.0 Clipzy Ltd\nc0.1.1 India\nc0.1.2 Japan\nc0.2.0 Clipzy Ltd\nc0.2.1 Chile\nc0.2.2 Peru\n"},
		{"a table whose style has a header", `<w:tbl><w:tblPr><w:tblStyle w:val="Gitter"/><w:tblLook w:firstRow="1"/></w:tblPr><w:tr>` + cellOf("", "Recipient") + cellOf("", "Country") + "</w:tr><w:tr>" + cellOf("", "Clipzy") + cellOf("", "India") + "</w:tr></w:tbl>",
			"c0.0.0h Recipient\nc0.0.1h Country\nc0.1.0 Clipzy\nc0.1.1 India\n"},
		{"a table that lays out", "<w:tbl><w:tr><w:tc>" + par("", words("We store data.")) + par("", words("In India.")) + "</w:tc></w:tr></w:tbl>", "p We store data.\np In India.\n"},
		{"notes at the end", par("", words("We store data"), `<w:r><w:footnoteReference w:id="2"/></w:r>`, words(" in India.")) + par("", words("And more.")), "p We store data in India.\np And more.\np Since 2024.\n"},
		{"bold lines are headings", par("", `<w:r><w:rPr><w:b/></w:rPr><w:t>Transfers</w:t></w:r>`) + par("", words("We store data in India.")) + par("", `<w:r><w:rPr><w:rStyle w:val="Fett"/></w:rPr><w:t>Rights</w:t></w:r>`) + par("", words("You may ask for access.")),
			"h6 Transfers\np We store data in India.\nh6 Rights\np You may ask for access.\n"},
		{"what does not show", par("", `<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>`, words("We store data.")) + par(style("Verzeichnis1"), words("Transfers"), words("3")) +
			par("", `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>`), "p We store data.\n"},
		{"a box of text, once", par("", words("Before. "), `<w:r><mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent>`+par("", words("In the box."))+`</w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>`+par("", words("In the box."))+
			`</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r>`, words("After.")), "p In the box.\np Before. After.\n"},
		{"controls, breaks and marks", `<w:sdt><w:sdtPr/><w:sdtContent>` + par("", words("One"), `<w:r><w:tab/></w:r>`, words("two non"), `<w:r><w:noBreakHyphen/></w:r>`, words("three")) + `</w:sdtContent></w:sdt>`, "p One two non-three\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := docx(c.body, "word/styles.xml", styles, "word/_rels/document.xml.rels", `<Relationships><Relationship Id="rId7" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink" Target="https://clipzy.example/countries" TargetMode="External"/></Relationships>`,
				"word/footnotes.xml", `<w:footnotes xmlns:w="w"><w:footnote w:id="1">`+par("", words("not referred to"))+`</w:footnote><w:footnote w:id="2">`+par("", words("Since 2024."))+`</w:footnote></w:footnotes>`)
			d, err := Read(Input{Body: body, MediaType: "application/octet-stream"}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			invariant(t, d)
			if got := dump(d); got != c.want {
				t.Errorf("%swant\n%s", got, c.want)
			}
		})
	}
}

func TestODT(t *testing.T) {
	content := `<office:document-content xmlns:office="o" xmlns:text="t" xmlns:table="b" xmlns:xlink="x"><office:automatic-styles><style:style style:name="T1"><style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="P9" style:parent-style-name="Title"/></office:automatic-styles><office:body><office:text>
<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion></text:changed-region></text:tracked-changes>
<text:p text:style-name="P9">Privacy</text:p><text:h text:outline-level="2">Transfers</text:h><text:p>We store<text:s/>data in <text:a xlink:href="https://clipzy.example/in">India</text:a><text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Since 2024.</text:p></text:note-body></text:note>.</text:p>
<text:list><text:list-item><text:p>one</text:p><text:list><text:list-item><text:p>two</text:p></text:list-item></text:list></text:list-item></text:list>
<text:p><text:span text:style-name="T1">Recipients</text:span></text:p>
<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>Name</text:p></table:table-cell><table:table-cell><text:p>Country</text:p></table:table-cell></table:table-row></table:table-header-rows>
<table:table-row><table:table-cell><text:p>Clipzy</text:p></table:table-cell><table:table-cell><text:p>India</text:p></table:table-cell></table:table-row></table:table></office:text></office:body></office:document-content>`
	d, err := Read(Input{Body: archiveOf("mimetype", "application/vnd.oasis.opendocument.text", "content.xml", content, "meta.xml", `<office:document-meta><office:meta><dc:title>Privacy of Clipzy</dc:title></office:meta></office:document-meta>`)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	invariant(t, d)
	want := "h1 Privacy\nh2 Transfers\np We store data in India. [India → https://clipzy.example/in]\ni1 one\ni2 two\nh6 Recipients\nc0.0.0h Name\nc0.0.1h Country\nc0.1.0 Clipzy\nc0.1.1 India\np Since 2024.\n"
	if got := dump(d); got != want {
		t.Errorf("%swant\n%s", got, want)
	}
}

func TestOfficeRefused(t *testing.T) {
	whole := docx(par("", words("We store data.")))
	var unreadable ErrUnreadable
	var big ErrTooBig
	var binary ErrBinary
	for _, c := range []struct {
		name string
		body []byte
		as   any
		want string
	}{
		{"cut off", whole[:len(whole)-40], &unreadable, "the DOCX cannot be read: it is damaged: its archive cannot be opened"},
		{"XML that breaks off", archiveOf("[Content_Types].xml", docxTypes, "word/document.xml", "<w:document><w:body><w:p><w:r><w:t>a &"), &unreadable, "the DOCX cannot be read: it is damaged: a part of it cannot be unpacked"},
		{"encrypted", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"), &unreadable, "the DOCX cannot be read: it is encrypted"},
		{"an old file", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..."), &binary, "not a text: it looks like an old Microsoft Office file (DOC, XLS)"},
		{"a sheet", archiveOf("[Content_Types].xml", docxTypes, "xl/workbook.xml", "<x/>"), &binary, "not a text: it looks like an XLSX file"},
		{"another archive", archiveOf("readme.txt", "We store data."), &binary, "not a text: it looks like a ZIP archive"},
		{"a bomb", docx(strings.Repeat(" ", 60<<20)), &big, "too big to read: more than 50331648 bytes in one part of the file"},
		{"endless nesting", docx(strings.Repeat("<w:sdt><w:sdtContent>", 5000)), &big, "too big to read: more than 300 levels of elements"},
		{"endless elements", docx(strings.Repeat("<w:p/>", 2_000_000)), &big, "too big to read: more than 1500000 elements"},
	} {
		_, err := Read(Input{Body: c.body}, Options{})
		if err == nil || !errors.As(err, c.as) || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	if _, err := Read(Input{Body: docx("<w:p/>")}, Options{}); !errors.Is(err, ErrEmpty) {
		t.Errorf("an empty file: %v", err)
	}
}

func FuzzDOCX(f *testing.F) {
	f.Add(par(`<w:pStyle w:val="berschrift2"/>`, words("Transfers")) + par("", `<w:hyperlink r:id="rId7">`+words("a")+`</w:hyperlink><w:ins>`+words("b")+`</w:ins>`))
	f.Add(`<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="3"/><w:vMerge/></w:tcPr><w:p/></w:tc><w:tc>` + par("", words("x")) + `</w:tc></w:tr></w:tbl>`)
	f.Add(`<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>HYPERLINK "x"</w:instrText><w:fldChar w:fldCharType="separate"/><w:t>a</w:t></w:r></w:p><w:p><w:hyperlink w:anchor="q"><w:r><w:fldChar w:fldCharType="end"/><w:t>b</w:t></w:r></w:hyperlink></w:p>`)
	f.Add(`<w:p><w:r><w:drawing><w:txbxContent><w:p><w:r><w:t>a</w:t></w:r></w:p></w:txbxContent></w:drawing><w:br/><w:t>b</w:t></w:r></w:p>`)
	f.Fuzz(func(t *testing.T, body string) { fuzzed(t, "", docx(body, "word/styles.xml", styles)) })
}

func FuzzODT(f *testing.F) {
	f.Add(`<text:h text:outline-level="99">a</text:h><text:list><text:list-item><text:p>b<text:a xlink:href="c">d</text:a></text:p></text:list-item></text:list>`)
	f.Add(`<table:table><table:table-row><table:table-cell table:number-columns-spanned="9"><text:p>a</text:p></table:table-cell><table:table-cell><text:list><text:list-item><text:p>b</text:p></text:list-item></text:list></table:table-cell></table:table-row></table:table>`)
	f.Fuzz(func(t *testing.T, body string) {
		fuzzed(t, "", archiveOf("mimetype", "application/vnd.oasis.opendocument.text", "content.xml", fmt.Sprintf("<document-content><body><text>%s</text></body></document-content>", body)))
	})
}
