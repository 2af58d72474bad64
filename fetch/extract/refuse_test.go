package extract

import (
	"errors"
	"strings"
	"testing"
)

func TestRefused(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"challenge by redirection", `<html><head><meta http-equiv="refresh" content="0;/captcha/?r=x"></head></html>`, "a bot wall"},
		{"challenge in words", `<title>Just a moment...</title><body><p>Checking your browser before accessing clipzy.example.</p></body>`, "a bot wall"},
		{"human", `<h1>One more step</h1><p>Please verify you are human to go on.</p>`, "a bot wall"},
		{"error served with 200", `<title>Clipzy</title><h1>Page not found</h1><p>Go back to the start page.</p>`, "an error page"},
		{"error in German", `<title>404 – Seite nicht gefunden</title><p>Diese Seite gibt es nicht mehr.</p>`, "an error page"},
		{"access", `<h1>Access denied</h1><p>Reference 12.</p>`, "an access refusal"},
		{"shell", `<body><noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div><script src=/a.js></script></body>`, "a shell that waits for JavaScript"},
		{"shell without words", `<body><div id="app"><p>Loading…</p></div><script src=/a.js></script></body>`, "a shell that waits for JavaScript"},
		{"consent wall", `<title>Before you continue</title><p>We use cookies to measure audience.</p><a href=/a>Accept all</a> <a href=/r>Reject all</a>`, "a consent wall"},
		{"login", `<form><h1>Sign in</h1><input type=text><input type=password></form><p>Welcome back</p>`, "a login form"},
	} {
		_, err := Read(Input{Body: []byte(c.body), MediaType: "text/html"}, Options{})
		var not ErrNotPolicy
		if !errors.As(err, &not) || !strings.HasPrefix(not.Reason, c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func TestNotRefused(t *testing.T) {
	for _, c := range []struct{ name, mediaType, body string }{
		{"annex of one table", "text/html", `<title>Countries</title><main><table><tr><th>Recipient<th>Country<tr><td>Clipzy Ltd<td>India</table></main><script src=/captcha.js></script>`},
		{"annex of one list", "text/html", `<h1>Where our group companies are</h1><ul><li>India<li>Japan<li>Peru</ul>`},
		{"a policy that speaks of captchas", "text/html", `<main><h1>Privacy</h1>` + prose(12) + `<p>We use a captcha to verify you are human.</p></main>`},
		{"an excerpt in Markdown", "text/markdown", "No transfers\n\nData stay in the EU."},
		{"a sentence of text", "text/plain", "Access denied requests are logged."},
		{"a policy for readers without JavaScript", "text/html", `<div id=root></div><noscript>` + prose(12) + `</noscript><script src=/a.js></script>`},
		{"a policy with a login form", "text/html", `<form><input type=password></form><main>` + prose(8) + `</main>`},
	} {
		if _, err := Read(Input{Body: []byte(c.body), MediaType: c.mediaType}, Options{}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
