// The command table as a shell sees it: at each point, which words may come next.

import type { CommandSpec, OptionSpec } from '../command.ts'

export interface FlagNode {
  /** `--follow`, and `-f` where there is one. */
  names: string[]
  /** A value follows. One that may be left out is written behind a `=` and is not waited for. */
  takesValue: boolean
  choices: readonly string[]
  description: string
}

/** One command, or fnd itself. */
export interface CommandNode {
  /** The command's words: `[]` is fnd itself, `['model', 'push']` a subcommand. */
  path: string[]
  flags: FlagNode[]
  /** What may stand here: subcommands, or the choices of an argument. */
  words: { name: string; description: string }[]
  /** Other names of the last word. */
  aliases: readonly string[]
}

/** Every command that is not hidden, fnd itself first. */
export function nodesOf(commands: readonly CommandSpec[], everywhere: readonly OptionSpec[]): CommandNode[] {
  const general = [...everywhere, { flags: '-h, --help', description: 'show help' }]
  const shown = shownOf(commands)
  return [
    {
      path: [],
      flags: [...general, { flags: '-V, --version', description: 'show the version' }].map(flagNode),
      words: [...shown.map(wordOf), { name: 'help', description: 'show help of a command' }],
      aliases: [],
    },
    { path: ['help'], flags: [], words: shown.map(wordOf), aliases: [] },
    ...shown.flatMap((spec) => helpNodes(spec, ['help'])),
    ...shown.flatMap((spec) => commandNodes(spec, [], general)),
  ]
}

function commandNodes(
  spec: CommandSpec,
  parents: readonly string[],
  general: readonly OptionSpec[],
): CommandNode[] {
  const path = [...parents, spec.name]
  const choices = (spec.arguments ?? []).flatMap((argument) => argument.choices ?? [])
  const below = shownOf(spec.subcommands)
  return [
    {
      path,
      flags: [...spec.options, ...general].map(flagNode),
      words: [...below.map(wordOf), ...choices.map((name) => ({ name, description: '' }))],
      aliases: spec.aliases ?? [],
    },
    ...below.flatMap((sub) => commandNodes(sub, path, general)),
  ]
}

/** Behind `help`, the words of commands and nothing else. */
function helpNodes(spec: CommandSpec, parents: readonly string[]): CommandNode[] {
  const path = [...parents, spec.name]
  const below = shownOf(spec.subcommands)
  return [
    { path, flags: [], words: below.map(wordOf), aliases: spec.aliases ?? [] },
    ...below.flatMap((sub) => helpNodes(sub, path)),
  ]
}

const shownOf = (specs: readonly CommandSpec[] = []) => specs.filter(({ hidden }) => !hidden)
const wordOf = ({ name, summary }: CommandSpec) => ({ name, description: summary })

function flagNode({ flags, choices = [], description }: OptionSpec): FlagNode {
  return {
    names: flags.match(/(?<=^|[\s,])--?[\w-]+/g) ?? [],
    takesValue: flags.includes('<'),
    choices,
    description,
  }
}
