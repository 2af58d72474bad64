package main

// The command config: what the settings say, what is wrong with them, and an example.

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"go.yaml.in/yaml/v3"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/report"
)

func (t *tool) configCommand() *cli.Command {
	return &cli.Command{
		Name:  "config",
		Usage: "the settings of what runs unattended: check them, show them, an example",
		Description: `One YAML file says when pages are captured, who gets digests and alerts, and how mail
is sent. It is that of --config FILE, else that of DRITTLAND_CONFIG in the environment,
else ~/.config/drittland/config.yaml (or in $XDG_CONFIG_HOME). There need not be one.

   drittland config example > ~/.config/drittland/config.yaml
   drittland config check
   drittland config show

Every setting with a single value has a variable of the environment that holds over
the file; 'config example' names them. A flag of a command holds over both. Lists and
alerts stand in the file alone. Files that it names are found from where it is.

Passwords and other secrets never stand in the file: they are in variables of the
environment or in files of their own, which others must not be able to read.`,
		Subcommands: []*cli.Command{
			{Name: "check", Usage: "say what is wrong with the settings, and what follows from them", ArgsUsage: "[FILE]", OnUsageError: usageError, Action: t.configCheck,
				Description: "   drittland config check\n   drittland config check new.yaml"},
			{Name: "show", Usage: "print the settings that hold, with where each comes from; no secrets", ArgsUsage: " ", OnUsageError: usageError, Action: t.configShow,
				Description: "   drittland config show --format json | jq .settings.time_zone",
				Flags:       []cli.Flag{&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "yaml", Usage: "`FORM` of the output: yaml or json"}}},
			{Name: "example", Usage: "print an example with comments", ArgsUsage: " ", OnUsageError: usageError, Action: t.configExample,
				Description: "   drittland config example > config.yaml"},
		},
		OnUsageError: usageError,
	}
}

func (t *tool) configExample(c *cli.Context) error {
	if c.NArg() > 0 {
		return usage(errors.New("takes no arguments"), commandName(c))
	}
	_, err := fmt.Fprint(t.env.Stdout, t.settingsExample())
	return err
}

// A shownValue is a setting with where it comes from.
type shownValue struct {
	Value any    `json:"value"`
	From  string `json:"from"`
	Env   string `json:"env"`
}

// The lists and alerts as the file writes them.
type (
	shownList struct {
		Name        string   `yaml:"name" json:"name"`
		To          []string `yaml:"to" json:"to"`
		Services    []string `yaml:"services,omitempty" json:"services,omitempty"`
		Terms       []string `yaml:"terms,omitempty" json:"terms,omitempty"`
		Languages   []string `yaml:"languages,omitempty" json:"languages,omitempty"`
		Levels      []string `yaml:"levels,omitempty" json:"levels,omitempty"`
		Locale      string   `yaml:"locale,omitempty" json:"locale,omitempty"`
		Schedule    string   `yaml:"schedule" json:"schedule"`
		Quiet       string   `yaml:"quiet" json:"quiet"`
		Unsubscribe string   `yaml:"unsubscribe,omitempty" json:"unsubscribe,omitempty"`
	}
	shownAlert struct {
		Name       string   `yaml:"name" json:"name"`
		Levels     []string `yaml:"levels,omitempty" json:"levels,omitempty"`
		Checks     []string `yaml:"checks,omitempty" json:"checks,omitempty"`
		Countries  []string `yaml:"countries,omitempty" json:"countries,omitempty"`
		Services   []string `yaml:"services,omitempty" json:"services,omitempty"`
		Locale     string   `yaml:"locale,omitempty" json:"locale,omitempty"`
		To         []string `yaml:"to,omitempty" json:"to,omitempty"`
		Webhook    string   `yaml:"webhook,omitempty" json:"webhook,omitempty"` // without what may be a secret
		SecretEnv  string   `yaml:"secret_env,omitempty" json:"secret_env,omitempty"`
		SecretFile string   `yaml:"secret_file,omitempty" json:"secret_file,omitempty"`
		ChatEnv    string   `yaml:"chat_env,omitempty" json:"chat_env,omitempty"`
		ChatFile   string   `yaml:"chat_file,omitempty" json:"chat_file,omitempty"`
	}
)

// toShow are lists and alerts to show. A webhook keeps its host alone: what follows often lets whoever knows it post.
func toShow(s *config.Settings) (lists []shownList, alerts []shownAlert) {
	lists, alerts = []shownList{}, []shownAlert{}
	for _, l := range s.Lists {
		lists = append(lists, shownList(l))
	}
	for _, a := range s.Alerts {
		a.Webhook = hookHost(a.Webhook)
		alerts = append(alerts, shownAlert(a))
	}
	return lists, alerts
}

func hookHost(address string) string {
	u, err := url.Parse(address)
	if err != nil || address == "" {
		return ""
	}
	if strings.Trim(u.Path, "/") == "" && u.RawQuery == "" {
		return address
	}
	return u.Scheme + "://" + u.Host + "/…"
}

func (t *tool) configShow(c *cli.Context) error {
	if c.NArg() > 0 {
		return usage(errors.New("takes no arguments; --config FILE names another file"), commandName(c))
	}
	if err := knownFormat(c.String("format"), "yaml", "json"); err != nil {
		return usage(err, commandName(c))
	}
	s, err := t.settle(c, c.String("config"))
	if err != nil {
		return err
	}
	if c.String("format") == "json" {
		return t.showJSON(s)
	}
	return t.showYAML(s)
}

// from says where a setting comes from.
func (s *settled) from(x *config.Setting) string {
	if o := s.origins[x.Key]; o != "" {
		return o
	}
	return "default"
}

func (t *tool) showJSON(s *settled) error {
	values := map[string]shownValue{}
	for _, x := range config.Table() {
		var v any = x.Value(s.Settings)
		if x.Number() && v != "" {
			v = json.Number(x.Value(s.Settings))
		} else if v == "" {
			v = nil
		}
		values[x.Key] = shownValue{v, s.from(&x), x.Env}
	}
	lists, alerts := toShow(s.Settings)
	return report.JSON(t.env.Stdout, map[string]any{"file": s.file, "settings": values, "lists": lists, "alerts": alerts})
}

// showYAML writes what could stand in the file, with where each value comes from as a comment.
func (t *tool) showYAML(s *settled) error {
	root := &yaml.Node{Kind: yaml.MappingNode}
	sections := map[string]*yaml.Node{"": root}
	for _, x := range config.Table() {
		v := x.Value(s.Settings)
		if v == "" {
			continue
		}
		section, name, ok := strings.Cut(x.Key, ".")
		if !ok {
			section, name = "", x.Key
		}
		if sections[section] == nil {
			sections[section] = &yaml.Node{Kind: yaml.MappingNode}
			root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: section}, sections[section])
		}
		value := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v, LineComment: report.Line(s.from(&x))}
		if x.Number() {
			value.Tag = "!!int"
		}
		sections[section].Content = append(sections[section].Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, value)
	}
	lists, alerts := toShow(s.Settings)
	for _, part := range []struct {
		name  string
		n     int
		value any
	}{{"lists", len(lists), lists}, {"alerts", len(alerts), alerts}} {
		if part.n == 0 {
			continue
		}
		n := new(yaml.Node)
		if err := n.Encode(part.value); err != nil {
			return err
		}
		root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: part.name}, n)
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(root), enc.Close()); err != nil {
		return err
	}
	_, err := fmt.Fprint(t.env.Stdout, report.Printable(b.String()))
	return err
}

// secretsOf are the secrets that the settings need.
func secretsOf(s *config.Settings) (list []neededSecret) {
	if s.Mail.User != "" {
		list = append(list, neededSecret{"mail", config.PasswordEnv, s.Mail.PasswordFile})
	}
	for _, a := range s.Alerts {
		if a.Webhook != "" {
			list = append(list, neededSecret{a.Name, a.SecretEnv, a.SecretFile})
		}
		if a.ChatEnv+a.ChatFile != "" {
			list = append(list, neededSecret{a.Name, a.ChatEnv, a.ChatFile})
		}
	}
	return slices.Compact(list)
}

// A neededSecret is where a secret is expected.
type neededSecret struct{ what, env, file string }
