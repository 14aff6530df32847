// The completion scripts, each tried in its real shell where that is installed.

import { execFileSync, spawnSync } from 'node:child_process'
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
  [
    { flags: '--json', description: 'as JSON' },
    { flags: '--name <stack>', description: 'the stack' },
  ],
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
    expect(offers('logs', '--')).toEqual(['--follow', '--where', '--file', '--json', '--name', '--help'])
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
    expect(offers('help', 'm', 'pu')).toEqual(['push', 'pull'])
    expect(offers('help', 'logs', '')).toEqual([])
  })

  it('takes no value of an option for a command', () => {
    for (const words of [
      ['--name', 'model'],
      ['--name', '=', 'model'],
    ])
      expect(offers(...words, 'logs', '')).toEqual(['backend', 'grafana'])
  })

  it('knows every command of the real table', () => {
    const script = bashScript(nodesOf(COMMANDS, GLOBAL_OPTIONS))
    const shown = COMMANDS.filter(({ hidden }) => !hidden).map(({ name }) => name)
    expect(bash(script, ['fnd', ''])).toEqual([...shown, 'help'])
    expect(bash(script, ['fnd', 'completion', ''])).toEqual(['bash', 'zsh', 'fish'])
  })
})

const isHere = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0

describe.skipIf(!isHere('fish'))('completion in fish', () => {
  const offers = (line: string, script = fishScript(nodes)) =>
    execFileSync('fish', ['--no-config', '-c', `${script}\ncomplete -C '${line}'`], {
      encoding: 'utf8',
      cwd: '/',
    })
      .split('\n')
      .filter(Boolean)

  it('offers commands, options and choices, with what they do', () => {
    expect(offers('fnd mo')).toEqual(['model\tthe model of it'])
    expect(offers('fnd logs --fo')).toEqual(['--follow\tdon’t stop'])
    expect(offers('fnd logs --where a')).toEqual(['auto\tplace'])
    expect(offers('fnd logs b')).toEqual(['backend'])
    expect(offers('fnd model pus')).toEqual(['push\tthe push of it'])
    expect(offers('fnd --name model logs b')).toEqual(['backend'])
    expect(offers('fnd --name=model logs b')).toEqual(['backend'])
  })

  it('takes the script of the real table', () => {
    const script = fishScript(nodesOf(COMMANDS, GLOBAL_OPTIONS))
    expect(offers('fnd completion z', script)).toEqual(['zsh'])
    // Not the one of `fnd diff`.
    expect(offers('fnd model diff --stor', script)).toEqual([])
    expect(offers('fnd diff --storage-', script)).toHaveLength(1)
  })
})

describe.skipIf(!isHere('zsh'))('completion in zsh', () => {
  // Only the editor of an interactive shell can call compadd and _describe: stand-ins print what they are given.
  const stand =
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is zsh
    '_describe() { print -l -- ${(P)2} }; compadd() { shift; print -l -- $@ }; _files() { print files }'
  const offers = (words: readonly string[], script = zshScript(nodes)) => {
    const list = words.map((word) => `'${word}'`).join(' ')
    const program = `autoload -U compinit; compinit -D -u\n${script}\n[[ $_comps[fnd] == _fnd ]] || exit 9\n${stand}\nwords=(${list}); CURRENT=${words.length}; _fnd`
    return execFileSync('zsh', ['-f', '-c', program], { encoding: 'utf8', cwd: '/' })
      .split('\n')
      .filter(Boolean)
  }

  it('offers commands, options and choices, with what they do', () => {
    expect(offers(['fnd', ''])).toEqual([
      'logs:the logs of it',
      'model:the model of it',
      'help:show help of a command',
    ])
    expect(offers(['fnd', 'logs', '--fo'])).toContain('--follow:don’t stop')
    expect(offers(['fnd', 'logs', '--where', ''])).toEqual(['auto', 'local'])
    expect(offers(['fnd', 'logs', '--file', ''])).toEqual(['files'])
    expect(offers(['fnd', 'logs', ''])).toEqual(['backend', 'grafana'])
    expect(offers(['fnd', '--name', 'model', 'logs', ''])).toEqual(['backend', 'grafana'])
    expect(offers(['fnd', 'm', ''])).toEqual(['push:the push of it', 'pull:the pull of it'])
  })

  it('takes the script of the real table', () => {
    const script = zshScript(nodesOf(COMMANDS, GLOBAL_OPTIONS))
    expect(offers(['fnd', 'completion', ''], script)).toEqual(['bash', 'zsh', 'fish'])
  })
})
