package main

// The commands completion and schema: what shells and programs need to know of drittland.

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/schema"
)

func (t *tool) schemaCommand() *cli.Command {
	return &cli.Command{
		Name:      "schema",
		Usage:     "print the JSON Schema of the output of a command",
		ArgsUsage: strings.Join(schema.Names(), "|"),
		Description: `The schemas are of draft 2020-12. A field may be added without notice; a field that
is there keeps its meaning as long as "schema" in the output keeps its value.

   drittland schema report > report.schema.json`,
		OnUsageError: usageError,
		Action: func(c *cli.Context) error {
			b, err := schema.Get(c.Args().First())
			if c.NArg() != 1 || err != nil {
				return usage(fmt.Errorf("name one schema: %s", strings.Join(schema.Names(), ", ")), commandName(c))
			}
			_, err = t.env.Stdout.Write(b)
			return err
		},
	}
}

func (t *tool) completionCommand() *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print the completion script for a shell",
		ArgsUsage: "bash|zsh|fish",
		Description: `   source <(drittland completion bash)                                    # bash
   source <(drittland completion zsh)                                     # zsh
   drittland completion fish > ~/.config/fish/completions/drittland.fish  # fish`,
		OnUsageError: usageError,
		Action: func(c *cli.Context) error {
			var script string
			switch c.Args().First() {
			case "bash":
				script = bashCompletion
			case "zsh":
				script = zshCompletion
			case "fish":
				var err error
				if script, err = c.App.ToFishCompletion(); err != nil {
					return err
				}
			default:
				return usage(errors.New("name one shell: bash, zsh or fish"), commandName(c))
			}
			_, err := fmt.Fprint(t.env.Stdout, script)
			return err
		},
		BashComplete: func(*cli.Context) { fmt.Fprintln(t.env.Stdout, "bash\nzsh\nfish") },
	}
}

// bashCompletion asks the program itself what may follow; files are offered where it knows nothing.
const bashCompletion = `# bash completion for drittland
_drittland() {
  local cur="${COMP_WORDS[COMP_CWORD]}" words
  words=("${COMP_WORDS[@]:0:COMP_CWORD}")
  if [[ "$cur" == -* ]]; then
    words+=("$cur")
  fi
  COMPREPLY=($(compgen -W "$("${words[@]}" --generate-bash-completion 2>/dev/null | sed 's/:.*//')" -- "$cur"))
}
complete -o bashdefault -o default -F _drittland drittland
`

const zshCompletion = `#compdef drittland
# zsh completion for drittland
_drittland() {
  local -a opts
  local cur="${words[-1]}"
  if [[ "$cur" == -* ]]; then
    opts=("${(@f)$("${words[@]:0:#words[@]-1}" "$cur" --generate-bash-completion 2>/dev/null)}")
  else
    opts=("${(@f)$("${words[@]:0:#words[@]-1}" --generate-bash-completion 2>/dev/null)}")
  fi
  if [[ -n "${opts[1]}" ]]; then
    _describe 'values' opts
  else
    _files
  fi
}
if [[ -n "${functions[compdef]}" ]]; then
  compdef _drittland drittland
fi
`
