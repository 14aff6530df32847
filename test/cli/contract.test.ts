import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CommandSpec } from '../../src/commands/command.ts'
import { COMMANDS } from '../../src/commands/table.ts'
import { packageVersion } from '../../src/package.ts'
import { emptyHome, type Home } from '../support/program.ts'

let home: Home
beforeAll(() => {
  home = emptyHome()
})
afterAll(() => home[Symbol.dispose]())

/** Every command and subcommand as its words: ['model', 'push']. */
function paths(specs: readonly CommandSpec[], before: string[] = []): string[][] {
  return specs.flatMap((spec) => [
    [...before, spec.name],
    ...paths(spec.subcommands ?? [], [...before, spec.name]),
  ])
}

/** The files of this package that a command line makes Node.js load. */
async function loadedBy(args: readonly string[]): Promise<string[]> {
  const coverage = mkdtempSync(join(tmpdir(), 'fnd-loaded-'))
  try {
    await home.fnd(args, { env: { NODE_V8_COVERAGE: coverage } })
    return readdirSync(coverage)
      .flatMap((file) => {
        const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8')) as {
          result: { url: string }[]
        }
        return result.map((script) => script.url).filter((url) => url.startsWith('file:'))
      })
      .map((url) => url.split('/').slice(-2).join('/'))
      .sort()
  } finally {
    rmSync(coverage, { recursive: true })
  }
}

describe('help', () => {
  it('is what fnd alone prints, on stdout, with exit code 0', async () => {
    const [alone, asked] = await Promise.all([home.fnd([]), home.fnd(['--help'])])
    expect(alone).toEqual(asked)
    expect(asked).toMatchObject({ code: 0, stderr: '' })
    for (const spec of COMMANDS) if (!spec.hidden) expect(asked.stdout).toContain(`  ${spec.name}`)
  })

  it.each(paths(COMMANDS).map((words) => [words.join(' ')]))(
    'of %s fits 80 columns and ends with its exit codes',
    async (words) => {
      const { code, stdout, stderr } = await home.fnd([...words.split(' '), '--help'])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toContain('Exit codes:\n  0 good, 1 failed, 2 used wrongly')
      expect(stdout).toMatch(/ -h, --help +show help$/m)
      for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
    },
  )

  it.each([
    ['help', '--help'],
    ['help up', 'up --help'],
    ['help model push', 'model push --help'],
    ['--no-color help model ls', 'model list --help'],
  ])('fnd %s says what fnd %s says', async (words, flag) => {
    const [asked, same] = await Promise.all([home.fnd(words.split(' ')), home.fnd(flag.split(' '))])
    expect(asked).toEqual(same)
  })

  it.each(['--help', '--version', 'health --help'])(
    'loads nothing but the program itself: fnd %s',
    async (args) => {
      expect(await loadedBy(args.split(' '))).toEqual(['bin/fnd.js', 'dist/main.cjs'])
    },
  )
})

describe('a command line that is wrong', () => {
  it.each([
    [['helth'], /Unknown command 'helth'.*Did you mean health/s],
    [['help', 'helth'], /Unknown command 'helth'.*Did you mean health/s],
    [['help', 'model', 'psuh'], /Unknown command 'psuh'.*Did you mean push/s],
    [['help', 'up', 'helth'], /Unknown command 'helth'/],
    [['help', '--', '--json'], /Unknown command '--json'/],
    [['health', '--bogus'], /Unknown option '--bogus'/],
    [['--bogus'], /Unknown option '--bogus'/],
    [['up', '--runtime', 'mainframe'], /'mainframe' is invalid.*Allowed choices are/s],
  ])('%j: exit code 2, told on stderr, nothing on stdout', async (args, message) => {
    const { code, stdout, stderr } = await home.fnd(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).toContain('[FND_USAGE]')
    expect(stderr).not.toContain('    at ')
  })

  it('is told as JSON on stdout with --json, with the same exit code', async () => {
    const { code, stdout, stderr } = await home.fnd(['health', '--bogus', '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      error: {
        code: 'FND_USAGE',
        message: "Unknown option '--bogus'",
        hint: 'Run `fnd health --help` to see what is accepted.',
      },
    })
    expect(stderr).toBe('')
  })

  it('has no colour when piped, and some when forced', async () => {
    const told = async (env: NodeJS.ProcessEnv) => (await home.fnd(['helth'], { env })).stderr
    expect(await told({})).not.toContain('\x1b[')
    expect(await told({ FORCE_COLOR: '1' })).toContain('\x1b[')
    expect(await told({ FORCE_COLOR: '1', NO_COLOR: '1' })).not.toContain('\x1b[')
  })

  it.each([
    [{ FND_PORTS_BACKEND: 'abc' }, "environment: FND_PORTS_BACKEND: must be a whole number, not 'abc'"],
    [{ FND_PORTS_BACKEND: '99999' }, "environment: FND_PORTS_BACKEND: must be at most 65535, not '99999'"],
  ])('names a setting and its value: %j', async (env, message) => {
    expect(await home.fnd(['status'], { env })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    })
  })
})

describe('a stack that is not up', () => {
  const env = { FND_RUNTIME: 'local' }

  it.each(['health', 'slo', 'logs', 'open', 'load', 'predict --where stack hello'])(
    'fnd %s says so with exit code 4',
    async (words) => {
      const { code, stderr } = await home.fnd(words.split(' '), { env })
      expect(stderr).toContain("The stack 'fnd' is not up")
      expect(code).toBe(4)
    },
  )

  it('is taken down without complaint', async () => {
    expect(await home.fnd(['down', '--quiet'], { env })).toMatchObject({ code: 0 })
  })
})

it('--version prints the version alone', async () => {
  expect(await home.fnd(['--version'])).toEqual({ code: 0, stdout: `${packageVersion()}\n`, stderr: '' })
})
