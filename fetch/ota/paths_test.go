package ota

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParsePath(t *testing.T) {
	for _, c := range []struct {
		path   string
		want   file
		reason Reason
	}{
		{"Clipzy/Privacy Policy.md", file{"Clipzy", "Privacy Policy", "", "text/markdown"}, ""},
		{"Clipzy/Privacy Policy.MD", file{"Clipzy", "Privacy Policy", "", "text/markdown"}, ""},
		{"petit.panier!/Terms of Service.txt", file{"petit.panier!", "Terms of Service", "", "text/plain"}, ""},
		{"Übermail/Imprint.md", file{"Übermail", "Imprint", "", "text/markdown"}, ""},
		{"Clipzy/Community Guidelines #Live Chat.md", file{"Clipzy", "Community Guidelines", "Live Chat", "text/markdown"}, ""},
		{"Clipzy/C# Terms.md", file{"Clipzy", "C# Terms", "", "text/markdown"}, ""},
		{"README.md", file{}, NotTerms},
		{".github/CODEOWNERS.md", file{}, NotTerms},
		{"Clipzy/a/Privacy Policy.md", file{}, NotTerms},
		{"../Privacy Policy.md", file{}, BadPath},
		{"./Privacy Policy.md", file{}, BadPath},
		{"/Privacy Policy.md", file{}, BadPath},
		{"Clipzy/.md", file{}, BadPath},
		{"Clipzy/ #Live.md", file{}, BadPath},
		{"Clipzy/Privacy Policy\x00.md", file{}, BadPath},
		{"Clipzy/Privacy Policy.html", file{}, OtherMedia},
		{"Clipzy/Privacy Policy", file{}, OtherMedia},
		{"", file{}, NotTerms},
	} {
		got, reason := parsePath(c.path)
		if got != c.want || reason != c.reason {
			t.Errorf("parsePath(%q) = %+v, %q, want %+v, %q", c.path, got, reason, c.want, c.reason)
		}
	}
}

func TestParseMessage(t *testing.T) {
	for _, c := range []struct {
		msg       string
		subject   string
		technical bool
		refs      int
	}{
		{"Record new changes of Clipzy Privacy Policy\n\nbody", "Record new changes of Clipzy Privacy Policy", false, 0},
		{"Update Clipzy Privacy Policy", "Update Clipzy Privacy Policy", false, 0},
		{"Apply technical or declaration upgrade on Clipzy Terms", "Apply technical or declaration upgrade on Clipzy Terms", true, 0},
		{"\n\nRefilter Clipzy Terms of Service\r\n", "Refilter Clipzy Terms of Service", true, 0},
		{"Record new changes of Technical Refilter Terms", "Record new changes of Technical Refilter Terms", false, 0},
		{"Update a\x1b[31mb\u202e", "Update a [31mb", false, 0},
		{"x\n- http://h.example/c/commit/0123456.\n- ftp://h.example/commit/0123456\n- https://h.example/commit/xyz1234", "x", false, 1},
		{"", "", false, 0},
	} {
		m := parseMessage(c.msg)
		if m.subject != c.subject || m.technical != c.technical || len(m.refs) != c.refs {
			t.Errorf("parseMessage(%q) = %+v, want %q, %t, %d", c.msg, m, c.subject, c.technical, c.refs)
		}
	}
	if s := cleanLine(strings.Repeat("é", 1000)); len(s) > maxSubject || !utf8.ValidString(s) || !strings.HasSuffix(s, "é…") {
		t.Errorf("long subject: %q", s)
	}
}

func TestCollectionName(t *testing.T) {
	for _, c := range []struct{ url, dir, want string }{
		{"https://git.example/DemoArchive/demo-versions.git", "/x", "DemoArchive/demo-versions"},
		{"https://bot:ghp_secret@git.example/DemoArchive/demo-versions", "/x", "DemoArchive/demo-versions"},
		{"https://git.example/group/sub/demo-versions/?token=secret", "/x", "sub/demo-versions"},
		{"git@git.example:DemoArchive/demo-versions.git", "/x", "DemoArchive/demo-versions"},
		{"ssh://git@git.example:22/DemoArchive/demo-versions.git", "/x", "DemoArchive/demo-versions"},
		{"/srv/mirror/demo-versions.bundle", "/x", "demo-versions"},
		{"file:///srv/mirror/demo-versions.git", "/x", "demo-versions"},
		{`C:\mirror\demo-versions`, "/x", "demo-versions"},
		{"https://us er:secret@git.example/a/b", "/home/me/demo-versions", "demo-versions"},
		{"", "/home/me/demo-versions/.git", "demo-versions"},
		{"", "/home/me/demo-versions.git", "demo-versions"},
	} {
		if got := collectionName([]string{c.url}, c.dir); got != c.want {
			t.Errorf("collectionName(%q, %q) = %q, want %q", c.url, c.dir, got, c.want)
		}
	}
}

func TestOpenNamesAfterRemote(t *testing.T) {
	b := life(t)
	b.remote("https://bot:secret@git.example/DemoArchive/demo-versions.git")
	if r := b.open(); r.Name != "DemoArchive/demo-versions" {
		t.Errorf("name %q", r.Name)
	}
}

func FuzzImport(f *testing.F) {
	f.Add("Clipzy/Privacy Policy.md", "Record new changes of Clipzy Privacy Policy\n\nsnapshot https://git.example/a/b-snapshots/commit/0123456789abcdef", "https://git.example/a/b.git")
	f.Add("Clipzy/Community Guidelines #Live.txt", "Refilter Clipzy Terms", "git@git.example:a/b.git")
	f.Add("../\x00/\u202e.md", "\xff\r\n\x1b]0;x\a", "https://u:p@h/%zz")
	f.Add("a/b/c.html", "Apply technical or declaration upgrade on x\n- http://a@b/commit/0000000", "@:")
	f.Fuzz(func(t *testing.T, p, msg, remote string) {
		got, reason := parsePath(p)
		if again, r := parsePath(p); again != got || r != reason {
			t.Errorf("parsePath(%q) is not stable", p)
		}
		if reason == "" {
			name := got.termsType
			if got.document != "" {
				name += " #" + got.document
			}
			if !strings.HasPrefix(p, got.service+"/"+name) {
				t.Errorf("parsePath(%q) = %+v: not its parts", p, got)
			}
			for _, s := range []string{got.service, got.termsType, name} {
				if s == "" || s == ".." || len(s) > 2*maxName+2 || strings.ContainsAny(s, "/\\\x00\n") || !utf8.ValidString(s) {
					t.Errorf("parsePath(%q) lets %q through", p, s)
				}
			}
		} else if got != (file{}) {
			t.Errorf("parsePath(%q) = %+v with reason %q", p, got, reason)
		}
		m := parseMessage(msg)
		if len(m.subject) > maxSubject || !utf8.ValidString(m.subject) || strings.ContainsFunc(m.subject, unsafeRune) {
			t.Errorf("parseMessage(%q): subject %q", msg, m.subject)
		}
		for _, ref := range m.refs {
			if !strings.HasPrefix(ref, "http") || !strings.Contains(ref, "/commit/") {
				t.Errorf("parseMessage(%q): ref %q", msg, ref)
			}
		}
		if name := collectionName([]string{remote}, "/x/demo"); name == "" || strings.ContainsFunc(name, unsafeRune) || len(name) > maxSubject {
			t.Errorf("collectionName(%q) = %q", remote, name)
		}
	})
}
