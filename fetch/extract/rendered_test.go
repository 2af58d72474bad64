package extract

import "testing"

// What a browser made of a page waits for no scripts, however short it is; a page that stayed empty is still none.
func TestRendered(t *testing.T) {
	for body, reads := range map[string]bool{
		`<div id="root"><h1>Countries</h1><p>Brazil, Malaysia and Singapore.</p></div><script src="/app.js"></script>`: true,
		`<div id="root"><p>Loading …</p></div><script src="/app.js"></script>`:                                         false,
		`<title>Just a moment...</title><h1>Verify you are human</h1><script src="/x.js"></script>`:                    false,
	} {
		_, err := Read(Input{Body: []byte("<html><body>" + body + "</body></html>"), MediaType: "text/html", Rendered: true}, Options{})
		if (err == nil) != reads {
			t.Errorf("%s: %v", body, err)
		}
		if _, err := Read(Input{Body: []byte("<html><body>" + body + "</body></html>"), MediaType: "text/html"}, Options{}); err == nil {
			t.Errorf("%s: read, though it was not rendered", body)
		}
	}
}
