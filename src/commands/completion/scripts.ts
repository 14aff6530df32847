// The completion scripts: the same tree in the words of bash, zsh and fish.

import type { CommandNode, FlagNode } from './tree.ts'

const key = (path: readonly string[]) => path.join('_')
const names = (flags: readonly FlagNode[]) => flags.flatMap((flag) => flag.names)
/** Quoted for any of the three shells: descriptions are ours, but may hold an apostrophe. */
const quoted = (text: string) => `'${text.replaceAll("'", '’')}'`

/** From command to command: the words, each behind where it is typed, and where they lead. */
function steps(nodes: readonly CommandNode[]): { words: string[]; to: string }[] {
  return nodes
    .filter(({ path }) => path.length)
    .map(({ path, aliases }) => {
      const from = key(path.slice(0, -1))
      return { words: [path.at(-1) ?? '', ...aliases].map((word) => `'${from}:${word}'`), to: key(path) }
    })
}

/** Flags that wait for a value, each behind where it is typed: the value is never a command. */
function awaiting(nodes: readonly CommandNode[]): { words: string[]; flag: FlagNode }[] {
  return nodes.flatMap(({ path, flags }) =>
    flags
      .filter(({ takesValue }) => takesValue)
      .map((flag) => ({ words: flag.names.map((name) => `'${key(path)}:${name}'`), flag })),
  )
}

/** The lines of a `case` that follows the words typed so far, and of what it does at a flag with a value; for bash and zsh. */
function walkLines(nodes: readonly CommandNode[], skip: string): string[] {
  const flags = awaiting(nodes).flatMap(({ words }) => words)
  return [
    ...steps(nodes).map(({ words, to }) => `      ${words.join('|')}) at='${to}' ;;`),
    ...(flags.length ? [`      ${flags.join('|')}) ${skip} ;;`] : []),
  ]
}

/** The lines of a `case` that offers values for the flag before the cursor. */
function valueLines(nodes: readonly CommandNode[], offer: (flag: FlagNode) => string): string[] {
  return awaiting(nodes).map(({ words, flag }) => `    ${words.join('|')}) ${offer(flag)} ;;`)
}

/** For bash 3.2 (macOS) and later. */
export function bashScript(nodes: readonly CommandNode[]): string {
  return `# fnd completion for bash
_fnd() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} at='' i
  # bash splits --flag=value into three words.
  if [[ $cur == '=' ]]; then cur=''; elif [[ $prev == '=' ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at:\${COMP_WORDS[i]}" in
${walkLines(nodes, `[[ \${COMP_WORDS[i+1]} == '=' ]] && i=$((i + 1)); i=$((i + 1))`).join('\n')}
    esac
  done
  COMPREPLY=()
  case "$at:$prev" in
${valueLines(nodes, ({ choices }) => `${choices.length ? `COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$cur"))` : 'COMPREPLY=($(compgen -f -- "$cur"))'}; return`).join('\n')}
  esac
  local words='' flags=''
  case "$at" in
${nodes.map(({ path, flags, words }) => `    '${key(path)}') words='${words.map(({ name }) => name).join(' ')}' flags='${names(flags).join(' ')}' ;;`).join('\n')}
  esac
  if [[ $cur == -* ]]; then words=$flags; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _fnd fnd
`
}

/** For zsh; needs compinit. */
export function zshScript(nodes: readonly CommandNode[]): string {
  const described = (items: readonly { name: string; description: string }[]) =>
    items
      .map(({ name, description }) =>
        quoted(description ? `${name}:${description.replaceAll(':', ' -')}` : name),
      )
      .join(' ')
  const flagItems = (flags: readonly FlagNode[]) =>
    flags.flatMap(({ names, description }) => names.map((name) => ({ name, description })))
  return `#compdef fnd
# fnd completion for zsh
_fnd() {
  local cur=\${words[CURRENT]} prev=\${words[CURRENT-1]} at='' i
  local -a items flags
  for ((i = 2; i < CURRENT; i++)); do
    case "$at:\${words[i]}" in
${walkLines(nodes, 'i=$((i + 1))').join('\n')}
    esac
  done
  if [[ $cur == --*=* ]]; then prev=\${cur%%=*}; compset -P '*='; fi
  case "$at:$prev" in
${valueLines(nodes, ({ choices }) => `${choices.length ? `compadd -- ${choices.join(' ')}` : '_files'}; return`).join('\n')}
  esac
  case "$at" in
${nodes.map(({ path, flags, words }) => `    '${key(path)}') items=(${described(words)}); flags=(${described(flagItems(flags))}) ;;`).join('\n')}
  esac
  if [[ $cur == -* ]]; then _describe option flags; elif (( \${#items} )); then _describe command items; else _files; fi
}
compdef _fnd fnd
`
}

/** For fish 3 and later. */
export function fishScript(nodes: readonly CommandNode[]): string {
  const walk = [
    ...steps(nodes).map(({ words, to }) => `      case ${words.join(' ')}\n        set at '${to}'`),
    ...awaiting(nodes).map(({ words }) => `      case ${words.join(' ')}\n        set value yes`),
  ]
  const lines = nodes.flatMap(({ path, flags, words }) => {
    const here = quoted(`__fnd_is_at ${key(path) || '""'}`)
    return [
      ...words.map(
        ({ name, description }) =>
          `complete -c fnd -f -n ${here} -a ${quoted(name)}${description ? ` -d ${quoted(description)}` : ''}`,
      ),
      ...flags.map((flag) => `complete -c fnd -n ${here} ${fishFlag(flag)} -d ${quoted(flag.description)}`),
    ]
  })
  return `# fnd completion for fish
function __fnd_is_at
  set -l at ''
  set -l value no
  for word in (commandline -opc)[2..-1]
    if test $value = yes
      set value no
      continue
    end
    switch "$at:$word"
${walk.join('\n')}
    end
  end
  test "$at" = "$argv[1]"
end
${lines.join('\n')}
`
}

function fishFlag({ names, takesValue, choices }: FlagNode): string {
  const named = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
  if (choices.length) named.push(`-x -a ${quoted(choices.join(' '))}`)
  else if (takesValue) named.push('-r')
  return named.join(' ')
}
