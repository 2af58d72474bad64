package config

// This file reads the settings: the file, then what the environment and flags say otherwise, then what must fit together.

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// An Override is a value from outside the file.
type Override struct {
	Key, Value string
	Origin     string // "DRITTLAND_TIME_ZONE", "--jobs"
}

// Origins say where each setting with a single value comes from: "settings.yaml:3", "DRITTLAND_TIME_ZONE", "--jobs". Those that nobody
// set are not among them.
type Origins map[string]string

// A settingsReader reads one file of settings.
type settingsReader struct {
	*reader
	s       *Settings
	nodes   map[string]*yaml.Node // where a key stands in the file
	origins Origins
}

// ReadSettings reads a file of settings; file is "" if there is none. Overrides hold over the file, later ones over earlier ones.
// The error is of type Problems.
func ReadSettings(file string, source []byte, over ...Override) (*Settings, Origins, error) {
	r := &settingsReader{reader: newReader(file, source), s: Default(), nodes: map[string]*yaml.Node{}, origins: Origins{}}
	if holdsSecrets(string(source)) {
		r.lines = nil
	}
	if file != "" {
		if root := r.parse(source); root != nil {
			r.settings(root)
		}
	}
	table := Table()
	for _, o := range over {
		i := slices.IndexFunc(table, func(x Setting) bool { return x.Key == o.Key })
		if i < 0 {
			r.problem(&Problem{File: o.Origin, Message: fmt.Sprintf("there is no setting %q", o.Key)})
			continue
		}
		if err := table[i].set(r.s, o.Value); err != nil {
			r.problem(&Problem{File: o.Origin, Message: err.Error()})
		}
		r.origins[o.Key] = o.Origin
	}
	r.together()
	if err := r.err(); err != nil {
		return nil, nil, err
	}
	return r.s, r.origins, nil
}

// cutKey splits "capture.jobs" into section and name; the section is "" for a name without.
func cutKey(key string) (section, name string) {
	if section, name, ok := strings.Cut(key, "."); ok {
		return section, name
	}
	return "", key
}

// settings reads the whole file.
func (r *settingsReader) settings(root *yaml.Node) {
	sections := map[string]map[string]func(*yaml.Node){"": {}, "capture": {}, "mail": {}, "llm": {}}
	for _, x := range Table() {
		section, name := cutKey(x.Key)
		sections[section][name] = func(n *yaml.Node) { r.scalar(&x, n) }
	}
	r.refuseSecrets(sections["mail"], "set "+PasswordEnv+" in the environment, or name a file with it in password_file", "password", "passwd", "pass", "secret", "token")
	r.refuseSecrets(sections["llm"], "set "+KeyEnv+" in the environment, or name a file with it in key_file", "key", "api_key", "apikey", "secret", "token", "password")
	top := sections[""]
	for _, name := range []string{"capture", "mail", "llm"} {
		top[name] = given(func(n *yaml.Node) { r.fields(n, "the settings of "+name, sections[name]) })
	}
	top["lists"] = given(func(n *yaml.Node) { r.each(n, "lists", r.readList) })
	top["alerts"] = given(func(n *yaml.Node) { r.each(n, "alerts", r.readAlert) })
	r.fields(root, "the settings", top)
}

// given leaves out a key below which everything is commented out.
func given(f func(*yaml.Node)) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Tag != "!!null" {
			f(n)
		}
	}
}

// scalar reads a setting with a single value.
func (r *settingsReader) scalar(x *Setting, n *yaml.Node) {
	v := r.text(n)
	if v == "" {
		return
	}
	if x.number && n.Tag != "!!int" {
		r.wrong(n, "%s: expected a number without quotes", x.Key)
		return
	}
	if err := x.set(r.s, v); err != nil {
		r.wrong(n, "%s: %v", x.Key, err)
		return
	}
	if x.inFile != nil && x.inFile(v) != nil {
		r.wrongSecret(n, x.Key+": "+x.inFile(v).Error())
		return
	}
	if x.Path && !filepath.IsAbs(v) && !onServer(v) {
		_ = x.set(r.s, r.beside(v)) // was checked
	}
	r.nodes[x.Key], r.origins[x.Key] = n, fmt.Sprintf("%s:%d", r.file, n.Line)
}

// beside is a path that is found from where the file is.
func (r *settingsReader) beside(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(filepath.Dir(r.file), p)
}

// refuseSecrets has keys refused under which people write secrets; instead says where they belong.
func (r *settingsReader) refuseSecrets(fields map[string]func(*yaml.Node), instead string, names ...string) {
	for _, name := range names {
		fields[name] = func(n *yaml.Node) {
			r.wrongSecret(n, fmt.Sprintf("%s: no secret stands in this file: %s", name, instead))
		}
	}
}

// wrongSecret notes a mistake about what may be a secret, and has nothing of the file shown.
func (r *settingsReader) wrongSecret(n *yaml.Node, message string) {
	r.lines = nil
	for _, p := range r.problems {
		p.Excerpt = ""
	}
	r.problem(&Problem{File: r.file, Line: n.Line, Column: n.Column, Message: message})
}

var (
	keyInFile = regexp.MustCompile(`([A-Za-z_-]+)["']?[ \t]*:`)
	secretish = regexp.MustCompile(`(?i)pas+[sw]|secret|token|credential|api_?key|^key$|^chat$`)
	userInfo  = regexp.MustCompile(`://[^/\s]*@|[?&](ssl)?password=`)
)

// holdsSecrets reports whether a file seems to hold a secret, though it must not.
func holdsSecrets(source string) bool {
	for _, m := range keyInFile.FindAllStringSubmatch(source, -1) {
		if secretish.MatchString(m[1]) && !slices.Contains([]string{"password_file", "secret_env", "secret_file"}, m[1]) {
			return true
		}
	}
	return userInfo.MatchString(source)
}

// problem notes a mistake.
func (r *settingsReader) problem(p *Problem) {
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, p)
	}
}

// together checks what several settings must agree on, whoever set them.
func (r *settingsReader) together() {
	m := r.s.Mail
	if m.TLS == TLSNone && m.Host != "" && !Loopback(m.Host) {
		r.at(errors.New("mail would be sent in the clear: none is for servers on this machine; write tls or starttls"), "mail.tls", "mail.host")
	}
	if m.Host != "" && m.From == "" {
		r.at(errors.New("a mail server, but no sender: say from, such as \"drittland <watch@example.org>\""), "mail.host")
	}
	if m.PasswordFile != "" && m.User == "" {
		r.at(errors.New("a password, but no user"), "mail.password_file")
	}
	if err := r.s.LLM.Clear(r.s.LLM.URL); err != nil {
		r.at(err, "llm.url")
	}
	if err := r.s.LLM.Afford(); err != nil {
		r.at(err, "llm.budget")
	}
}

// at notes a mistake where the first of some settings stands that anybody set, in the file if it stands there.
func (r *settingsReader) at(err error, keys ...string) {
	for _, key := range keys {
		section, name := cutKey(key)
		message := strings.TrimPrefix(section+"."+name, ".") + ": " + err.Error()
		origin, set := r.origins[key]
		n := r.nodes[key]
		switch {
		case !set:
			continue
		case n != nil && origin == fmt.Sprintf("%s:%d", r.file, n.Line):
			r.wrong(n, "%s", message)
		default:
			r.problem(&Problem{File: origin, Message: message})
		}
		return
	}
}
