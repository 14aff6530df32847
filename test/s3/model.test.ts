// `fnd model` against a real S3 server, as a person uses it.

import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { storedBundle, workingBundle } from '../support/bundle.ts'
import { emptyHome, type Finished, type Home } from '../support/program.ts'
import { type S3Server, s3Program, startS3 } from '../support/s3-server.ts'

const program = s3Program()

describe.skipIf(!program)('fnd model', () => {
  let server: S3Server
  let home: Home
  beforeAll(async () => {
    server = await startS3(program ?? '')
    home = emptyHome()
  })
  afterAll(async () => {
    home?.[Symbol.dispose]()
    await server?.[Symbol.asyncDispose]()
  })

  const model = (...args: string[]): Promise<Finished> => home.fnd(['model', ...args], { env: server.env })
  /** Runs with --json and gives the data, or the error. */
  const ask = async (...args: string[]) => {
    const { stdout, code } = await model(...args, '--json')
    const { data, error } = JSON.parse(stdout)
    return { ...(data ?? error), exit: code }
  }
  /** What verify says of each file. */
  const problems = async (source: string): Promise<(string | undefined)[]> =>
    (await ask('verify', source)).files.map(({ problem }: { problem?: string }) => problem)
  const at = (name: string) => `s3://${server.bucket}/some/where/${name}`

  it('push, list, promote, info, roll back: the life of a model', async () => {
    using v1 = storedBundle('1')
    using v2 = storedBundle('2')
    const toy = at('toy')
    expect(await ask('push', v1.folder, toy)).toMatchObject({ exit: 0, created: true, sha256: v1.sha256 })
    expect(await ask('push', v2.folder, toy)).toMatchObject({ created: true, address: `${toy}@2` })
    expect(await ask('promote', `${toy}@1`, '--why', 'the first')).toMatchObject({ to: '1', changed: true })
    expect(await ask('promote', `${toy}@2`)).toMatchObject({ from: '1', to: '2', sha256: v2.sha256 })
    expect(await ask('promote', `${toy}@2`)).toMatchObject({ changed: false })
    expect(await ask('list', toy)).toMatchObject({
      versions: [
        { version: '2', aliases: ['production'] },
        { version: '1', aliases: [] },
      ],
      aliases: [{ alias: 'production', version: '2' }],
    })
    expect(await ask('rollback', toy, '--why', 'it was worse')).toMatchObject({ from: '2', to: '1' })
    expect(await ask('info', `${toy}#production`)).toMatchObject({
      version: '1',
      sha256: v1.sha256,
      history: [
        { from: '2', to: '1', kind: 'rollback', why: 'it was worse' },
        { from: '1', to: '2', kind: 'promote' },
        { to: '1', kind: 'promote', why: 'the first' },
      ],
    })
    expect(await ask('rollback', toy)).toMatchObject({
      exit: 1,
      message: expect.stringContaining('nothing before'),
    })
    expect(await ask('rollback', toy, '--to', '2')).toMatchObject({ exit: 0, to: '2' })
  })

  it('a version never changes: the same bundle again is fine, another one is refused', async () => {
    using first = storedBundle('7', 'one')
    using other = storedBundle('7', 'another')
    await model('push', first.folder, at('toy'))
    expect(await ask('push', first.folder, at('toy'))).toMatchObject({ exit: 0, created: false })
    expect(await ask('push', other.folder, at('toy'))).toMatchObject({
      exit: 1,
      hint: expect.stringContaining('own'),
    })
    expect(await ask('info', `${at('toy')}@7`)).toMatchObject({ sha256: first.sha256 })
  })

  it('of two different pushes of one version at the same time one wins, and what it pushed is whole', async () => {
    using a = storedBundle('8', Buffer.alloc(3_000_000, 'a'))
    using b = storedBundle('8', Buffer.alloc(3_000_000, 'b'))
    const both = await Promise.all([a, b].map(({ folder }) => ask('push', folder, at('toy'))))
    expect(both.map(({ exit }) => exit).sort()).toEqual([0, 1])
    const [won] = both.filter(({ exit }) => exit === 0)
    expect(await ask('pull', `${at('toy')}@8`)).toMatchObject({ exit: 0, sha256: won?.sha256 })
  })

  it('--dry-run uploads nothing', async () => {
    using bundle = storedBundle('9')
    expect(await ask('push', bundle.folder, at('toy'), '--dry-run')).toMatchObject({
      created: false,
      files: [{ uploaded: true }, { uploaded: true }, { uploaded: true }],
    })
    expect(await ask('info', `${at('toy')}@9`)).toMatchObject({ exit: 4 })
  })

  it('a push that was killed shows nothing, and the same push finishes it', async () => {
    using bundle = storedBundle('10', Buffer.alloc(48 << 20, 'x'))
    await home.fnd(['model', 'push', bundle.folder, at('toy')], {
      env: server.env,
      started: (child) => {
        const wait = setInterval(() => {
          if (!existsSync(join(server.folder, '.sgwtmp'))) return
          clearInterval(wait)
          child.kill('SIGKILL')
        }, 5)
        child.once('exit', () => clearInterval(wait))
      },
    })
    expect(await ask('info', `${at('toy')}@10`)).toMatchObject({ exit: 4 })
    expect(await ask('push', bundle.folder, at('toy'))).toMatchObject({ exit: 0, created: true })
    expect(await problems(`${at('toy')}@10`)).toEqual([undefined, undefined, undefined])
  })

  it('a pull that was killed goes on where it ended', async () => {
    using bundle = storedBundle('11', Buffer.alloc(96 << 20, 'y'))
    await model('push', bundle.folder, at('toy'))
    const marks = join(home.folder, '.cache/fnd/models', `${bundle.sha256}.partial`, 'model.onnx.parts')
    await home.fnd(['model', 'pull', `${at('toy')}@11`], {
      env: server.env,
      started: (child) => {
        const wait = setInterval(() => {
          if (!existsSync(marks) || !readFileSync(marks).includes(1)) return
          clearInterval(wait)
          child.kill('SIGKILL')
        }, 2)
        child.once('exit', () => clearInterval(wait))
      },
    })
    expect([...readFileSync(marks)].filter(Boolean).length).toBeGreaterThan(0)
    const pulled = await ask('pull', `${at('toy')}@11`)
    expect(pulled).toMatchObject({ exit: 0, sha256: bundle.sha256 })
    expect(readdirSync(pulled.folder).sort()).toEqual([
      'config.json',
      'manifest.json',
      'model.onnx',
      'tokenizer.json',
    ])
    expect(readdirSync(join(home.folder, '.cache/fnd/models'))).not.toContain(`${bundle.sha256}.partial`)
  })

  it('verify finds an object that was changed behind the registry’s back', async () => {
    using bundle = storedBundle('12', 'sound')
    await model('push', bundle.folder, at('toy'))
    const files = join(server.folder, 'some/where/toy/versions/12/files')
    const [changed] = readdirSync(files)
      .map((hash) => join(files, hash, 'model.onnx'))
      .filter((path) => existsSync(path))
    // The model of this bundle never runs: only what is said of the file counts.
    const problem = async () => (await problems(`${at('toy')}@12`))[0]
    writeFileSync(changed ?? '', 'rotten')
    expect(await problem()).toContain('6 bytes, not 5')
    writeFileSync(changed ?? '', 'rotte')
    expect(await problem()).toContain('SHA-256 is')
    expect(await ask('pull', `${at('toy')}@12`)).toMatchObject({
      exit: 1,
      message: expect.stringContaining('does not match'),
    })
    rmSync(changed ?? '')
    expect(await ask('verify', `${at('toy')}@12`)).toMatchObject({ exit: 3, passed: false })
    expect(await problem()).toBe('it is not there')
  })

  it('verify shows which file of a local bundle is damaged', async () => {
    using bundle = storedBundle('13', 'sound')
    writeFileSync(join(bundle.folder, 'model.onnx'), 'sounD')
    expect(await ask('verify', bundle.folder)).toMatchObject({ exit: 3, passed: false, version: '13' })
    expect((await problems(bundle.folder)).map(Boolean)).toEqual([true, false, false])
  })

  it('list shows what is sound beside what is damaged', async () => {
    using bundle = storedBundle('1')
    const folder = bundle.folder
    const address = `s3://${server.bucket}/damaged/toy`
    await model('push', folder, address)
    await model('promote', `${address}@1`)
    const toy = join(server.folder, 'damaged/toy')
    cpSync(join(toy, 'versions/1'), join(toy, 'versions/2'), { recursive: true })
    writeFileSync(join(toy, 'versions/2/manifest.json'), '{')
    writeFileSync(join(toy, 'aliases/staging.json'), '{')
    expect(await ask('list', address)).toMatchObject({
      exit: 0,
      versions: [{ version: '1', aliases: ['production'] }],
      damaged: [{ what: '@2' }, { what: '#staging' }],
    })
    expect((await model('list', address)).stdout).toContain('#staging')
  })

  it('verify has the model answer its own texts', async () => {
    using sound = workingBundle('20')
    using unsound = workingBundle('21', 0.1)
    for (const { folder } of [sound, unsound]) await model('push', folder, at('fnd-base'))
    expect(await ask('verify', `${at('fnd-base')}@20`)).toMatchObject({
      exit: 0,
      passed: true,
      selfTest: { texts: expect.any(Number) },
    })
    expect(await ask('verify', `${at('fnd-base')}@21`)).toMatchObject({
      exit: 3,
      selfTest: { problem: expect.stringContaining('fails its self-test') },
    })
    expect(await ask('diff', 'base', `${at('fnd-base')}@20`)).toMatchObject({
      changes: [{ what: 'manifest.version', to: '20' }],
    })
  })

  it.each([
    ['an unknown version', ['info', '@404'], 'FND_VERSION_UNKNOWN', 4],
    ['an unknown alias', ['pull', '#nobody'], 'FND_ALIAS_UNKNOWN', 4],
    ['no version to promote', ['promote', ''], 'FND_REGISTRY_ADDRESS', 2],
    ['a version to roll back', ['rollback', '@1'], 'FND_USAGE', 2],
    ['an alias to list', ['list', '#production'], 'FND_REGISTRY_ADDRESS', 2],
  ])('%s is told', async (_what, [command = '', which], error, code) => {
    expect(await ask(command, `${at('toy')}${which}`)).toMatchObject({ code: error })
    expect((await model(command, `${at('toy')}${which}`)).code).toBe(code)
  })
})
