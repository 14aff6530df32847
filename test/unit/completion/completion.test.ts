// The completion scripts, tried in a real bash; the tree behind them.

import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { CommandSpec } from '../../../src/commands/command.ts'
import { bashScript, fishScript, zshScript } from '../../../src/commands/completion/scripts.ts'
import { nodesOf } from '../../../src/commands/completion/tree.ts'
import { COMMANDS, GLOBAL_OPTIONS } from '../../../src/commands/table.ts'

const spec = (name: string, more: Partial<CommandSpec> = {}): CommandSpec => ({
  name,
  group: 'More',
  summary: `the ${name} of it`,
  description: '',
  options: [],
  examples: [],
  ...more,
})
const nodes = nodesOf(
  [
    spec('logs', {
      arguments: [{ name: '[component]', description: '', choices: ['backend', 'grafana'] }],
      options: [
        { flags: '-f, --follow', description: "don't stop" },
        { flags: '--where <place>', description: 'place', choices: ['auto', 'local'] },
        { flags: '--file <path>', description: 'a file' },
      ],
    }),
    spec('model', { aliases: ['m'], subcommands: [spec('push'), spec('pull')] }),
    spec('secret', { hidden: true }),
  ],
  [{ flags: '--json', description: 'as JSON' }],
)

/** What bash offers after these words, the last of which is being typed. */
function bash(script: string, words: readonly string[]): string[] {
  const list = words.map((word) => `'${word}'`).join(' ')
  const program = `${script}\nCOMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _fnd; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['--norc', '-c', program], { encoding: 'utf8', cwd: '/' })
    .split('\n')
    .filter(Boolean)
}

describe('completion in bash', () => {
  const offers = (...words: string[]) => bash(bashScript(nodes), ['fnd', ...words])

  it('offers the commands, and never a hidden one', () => {
    expect(offers('')).toEqual(['logs', 'model', 'help'])
    expect(offers('mo')).toEqual(['model'])
  })

  it('offers the options of the command and those of every command', () => {
    expect(offers('logs', '--')).toEqual(['--follow', '--where', '--file', '--json', '--help'])
  })

  it('offers the choices of an argument and of an option, with a space or with =', () => {
    expect(offers('logs', '')).toEqual(['backend', 'grafana'])
    expect(offers('logs', '--where', '')).toEqual(['auto', 'local'])
    expect(offers('logs', '--where', '=', 'l')).toEqual(['local'])
    expect(offers('logs', '--where', '=')).toEqual(['auto', 'local'])
  })

  it('offers files where an option takes any value', () => {
    expect(offers('logs', '--file', 'et')).toEqual(['etc'])
  })

  it('follows subcommands and aliases', () => {
    expect(offers('model', 'pu')).toEqual(['push', 'pull'])
    expect(offers('m', 'push', '--j')).toEqual(['--json'])
  })

  it('knows every command of the real table', () => {
    const script = bashScript(nodesOf(COMMANDS, GLOBAL_OPTIONS))
    const shown = COMMANDS.filter(({ hidden }) => !hidden).map(({ name }) => name)
    expect(bash(script, ['fnd', ''])).toEqual([...shown, 'help'])
    expect(bash(script, ['fnd', 'completion', ''])).toEqual(['bash', 'zsh', 'fish'])
  })
})

describe('completion in zsh and fish', () => {
  it('names every command, option and choice', () => {
    for (const script of [zshScript(nodes), fishScript(nodes)])
      for (const word of ['logs', 'model', 'push', 'follow', 'auto', 'backend', 'don’t stop'])
        expect(script).toContain(word)
    expect(fishScript(nodes)).toContain("-l where -x -a 'auto local' -d 'place'")
  })
})
