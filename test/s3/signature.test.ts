// Signed models against a real S3 server: who signs, who trusts, and what is refused wherever a model is taken.

import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { storedBundle, type TestBundle, workingBundle } from '../support/bundle.ts'
import { emptyHome, type Home } from '../support/program.ts'
import { type S3Server, s3Program, startS3 } from '../support/s3-server.ts'
import { startServe } from '../support/serve-process.ts'

const program = s3Program()
const TEXT = 'The city council approved a budget for road repairs after a four-hour meeting on Tuesday night.'

describe.skipIf(!program)('signed models', () => {
  let server: S3Server
  let home: Home
  let mine: { key: string; publicKey: string }
  let theirs: { key: string; publicKey: string }

  /** Runs with --json and gives the data, or the error. */
  const ask = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
    const { stdout, stderr, code } = await home.fnd([...args, '--json'], { env: { ...server.env, ...env } })
    const { data, error } = JSON.parse(stdout)
    return { ...(data ?? error), exit: code, stderr }
  }
  const model = (...args: string[]) => ask(['model', ...args])
  /** The same for somebody who trusts one key. */
  const trusting = (...args: string[]) => ask(args, { FND_REGISTRY_TRUSTED_KEYS: mine.publicKey })
  const cache = () => join(home.folder, '.cache')
  const forget = () => rmSync(cache(), { recursive: true, force: true })
  const at = (version: string) => `s3://${server.bucket}/toy@${version}`
  const signatures = (bundle: TestBundle, version: string) =>
    join(server.folder, 'toy/versions', version, 'signatures', bundle.sha256)
  const push = (bundle: TestBundle, ...more: string[]) =>
    model('push', bundle.folder, `s3://${server.bucket}/toy`, ...more)

  beforeAll(async () => {
    server = await startS3(program ?? '')
    home = emptyHome()
    mine = await model('keygen', 'mine.pem')
    theirs = await model('keygen', 'theirs.pem')
  })
  afterAll(async () => {
    home?.[Symbol.dispose]()
    await server?.[Symbol.asyncDispose]()
  })
  beforeEach(forget)

  it('keygen makes a private key for its owner alone, and never over another file', async () => {
    const path = join(home.folder, 'mine.pem')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, 'utf8')).toContain('BEGIN PRIVATE KEY')
    const before = readFileSync(path)
    expect(await model('keygen', 'mine.pem')).toMatchObject({
      exit: 1,
      message: expect.stringContaining('it is there already'),
    })
    expect(readFileSync(path)).toEqual(before)
  })

  it('what a trusted key signed is taken, and shown as such', async () => {
    using bundle = storedBundle('1')
    expect(await push(bundle, '--sign', 'mine.pem')).toMatchObject({
      created: true,
      signature: { key: mine.key, created: true },
    })
    expect(await trusting('model', 'pull', at('1'))).toMatchObject({ exit: 0, sha256: bundle.sha256 })
    expect(await trusting('model', 'promote', at('1'))).toMatchObject({ exit: 0, to: '1' })
    const valid = [{ key: mine.key, standing: 'valid' }]
    expect(await trusting('model', 'info', at('1'))).toMatchObject({ signatures: valid })
    expect((await trusting('model', 'list', `s3://${server.bucket}/toy`)).versions).toMatchObject([
      { version: '1', signatures: valid },
    ])
    // Without trusted keys the same is shown, not demanded.
    expect(await model('info', at('1'))).toMatchObject({
      signatures: [{ key: mine.key, standing: 'unchecked' }],
    })
  })

  it('a flag names a key as well as the environment and fnd.yaml do; a file that is none is told', async () => {
    using bundle = storedBundle('2')
    await push(bundle, '--sign', 'mine.pem')
    const theirFile = ['--trusted-key', 'theirs.pem.pub']
    expect(await model('pull', at('2'), ...theirFile)).toMatchObject({ code: 'FND_MODEL_UNTRUSTED' })
    expect(await model('pull', at('2'), ...theirFile, '--trusted-key', 'mine.pem.pub')).toMatchObject({
      exit: 0,
    })
    writeFileSync(join(home.folder, 'fnd.yaml'), 'registry: { trustedKeys: [theirs.pem.pub] }\n')
    try {
      expect(await model('pull', at('2'))).toMatchObject({ code: 'FND_MODEL_UNTRUSTED' })
    } finally {
      rmSync(join(home.folder, 'fnd.yaml'))
    }
    expect(await model('pull', at('2'), '--trusted-key', 'nobody.pem')).toMatchObject({
      exit: 2,
      message: expect.stringContaining('nobody.pem cannot be read'),
    })
    expect(await ask(['model', 'pull', at('2')], { FND_REGISTRY_TRUSTED_KEYS: ' , ' })).toMatchObject({
      exit: 2,
      message: expect.stringContaining('names no key'),
    })
  })

  it.each([
    ['an unsigned version', 'it is not signed', () => []],
    ['one that another signed', 'it is signed by key', () => ['--sign', 'theirs.pem']],
  ])(
    '%s is refused by everything that takes a model, and nothing of it is fetched',
    async (_what, why, sign) => {
      using bundle = storedBundle('3')
      await push(bundle, ...sign())
      const refused = { code: 'FND_MODEL_UNTRUSTED', message: expect.stringContaining(why) }
      for (const command of [
        ['model', 'pull', at('3')],
        ['model', 'promote', at('3'), '--alias', 'next'],
        ['model', 'diff', 'bundled', at('3')],
        ['predict', TEXT, '--model', at('3')],
        ['up', '--runtime', 'local', '--model', at('3')],
      ]) {
        const told = await trusting(...command)
        expect(told, command.join(' ')).toMatchObject({ ...refused, exit: 1 })
        expect(told.message).toContain(mine.key)
      }
      expect(existsSync(join(cache(), 'fnd/models', bundle.sha256))).toBe(false)
      expect(await trusting('model', 'verify', at('3'))).toMatchObject({
        exit: 3,
        passed: false,
        signature: { problem: expect.stringContaining(why) },
        selfTest: { problem: expect.stringContaining('not tried') },
      })
      expect(await model('info', `s3://${server.bucket}/toy#next`)).toMatchObject({ exit: 4 })
      rmSync(join(server.folder, 'toy/versions/3'), { recursive: true })
    },
  )

  it('rolling back to what is not trusted is refused too', async () => {
    using old = storedBundle('10')
    using young = storedBundle('11')
    await push(old)
    await push(young, '--sign', 'mine.pem')
    for (const version of ['10', '11']) await model('promote', at(version), '--alias', 'back')
    const back = ['rollback', `s3://${server.bucket}/toy`, '--alias', 'back']
    expect(await trusting('model', ...back)).toMatchObject({ exit: 1, code: 'FND_MODEL_UNTRUSTED' })
    expect(await model(...back)).toMatchObject({ exit: 0, to: '10' })
  })

  it('a manifest or a signature that was changed in the bucket is refused', async () => {
    using bundle = storedBundle('4')
    await push(bundle, '--sign', 'mine.pem')
    const signature = join(signatures(bundle, '4'), `${mine.key}.sig`)
    const good = readFileSync(signature, 'utf8')
    writeFileSync(signature, `${good.startsWith('A') ? 'B' : 'A'}${good.slice(1)}`)
    const broken = expect.stringContaining(`by key ${mine.key} does not match`)
    expect(await trusting('model', 'pull', at('4'))).toMatchObject({ message: broken })
    // Nor can it be written over by another push.
    expect(await push(bundle, '--sign', 'mine.pem')).toMatchObject({ code: 'FND_REGISTRY_DAMAGED' })
    writeFileSync(signature, good)
    expect(await trusting('model', 'pull', at('4'))).toMatchObject({ exit: 0 })
    forget()
    const manifest = join(server.folder, 'toy/versions/4/manifest.json')
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"schema":1', '"schema":1 '))
    expect(await trusting('model', 'pull', at('4'))).toMatchObject({ exit: 1 })
    expect(existsSync(join(cache(), 'fnd/models', bundle.sha256))).toBe(false)
  })

  it('a signed version put under another name is not taken for it', async () => {
    using bundle = storedBundle('5')
    await push(bundle, '--sign', 'mine.pem')
    const versions = join(server.folder, 'toy/versions')
    cpSync(join(versions, '5'), join(versions, '6'), { recursive: true })
    expect(await trusting('model', 'pull', at('6'))).toMatchObject({
      code: 'FND_REGISTRY_DAMAGED',
      message: expect.stringContaining('the manifest of toy 5'),
    })
  })

  it('a version that is there can be signed later, by several', async () => {
    using bundle = storedBundle('7')
    await push(bundle)
    expect(await trusting('model', 'pull', at('7'))).toMatchObject({ exit: 1 })
    const again = await ask(
      ['model', 'push', bundle.folder, `s3://${server.bucket}/toy`, '--sign', 'theirs.pem'],
      {
        FND_REGISTRY_TRUSTED_KEYS: mine.publicKey,
      },
    )
    expect(again).toMatchObject({ created: false, signature: { key: theirs.key, created: true } })
    expect(again.stderr).toContain(`a signature by ${theirs.key} is refused here`)
    expect(await push(bundle, '--sign', 'mine.pem')).toMatchObject({ signature: { created: true } })
    expect(await push(bundle, '--sign', 'mine.pem')).toMatchObject({ signature: { created: false } })
    expect(await trusting('model', 'pull', at('7'))).toMatchObject({ exit: 0 })
    expect(readdirSync(signatures(bundle, '7')).sort()).toEqual(
      [mine.key, theirs.key].map((key) => `${key}.sig`).sort(),
    )
  })

  it('--dry-run signs nothing; a key that is none is told before anything is uploaded', async () => {
    using bundle = storedBundle('8')
    expect(await push(bundle, '--sign', 'mine.pem', '--dry-run')).toMatchObject({
      signature: { key: mine.key, created: false },
    })
    expect(await push(bundle, '--sign', 'mine.pem.pub')).toMatchObject({ exit: 2, code: 'FND_KEY_UNUSABLE' })
    expect(existsSync(join(server.folder, 'toy/versions/8'))).toBe(false)
  })

  it('the copy on this machine keeps its signature: trust is demanded without the registry too', async () => {
    using signed = storedBundle('20')
    using unsigned = storedBundle('21')
    await push(signed, '--sign', 'mine.pem')
    await push(unsigned)
    // Pulled by somebody who trusts nobody in particular.
    for (const version of ['20', '21']) expect(await model('pull', at(version))).toMatchObject({ exit: 0 })
    const offline = (version: string) => trusting('model', 'pull', at(version))
    await server.stop()
    try {
      expect(await offline('20')).toMatchObject({ exit: 0, sha256: signed.sha256 })
      expect(await offline('21')).toMatchObject({ exit: 1, code: 'FND_REGISTRY_UNREACHABLE' })
      const told = await ask(['model', 'pull', at('21')], {
        FND_REGISTRY_TRUSTED_KEYS: mine.publicKey,
        FND_OFFLINE: 'true',
      })
      expect(told).toMatchObject({ exit: 1, code: 'FND_MODEL_UNTRUSTED' })
      const copy = join(cache(), 'fnd/models', signed.sha256, 'signatures')
      renameSync(copy, `${copy}.away`)
      expect((await offline('20')).exit).toBe(1)
    } finally {
      await server.start()
    }
    // The registry has the signature still: it comes back from there.
    expect(await offline('20')).toMatchObject({ exit: 0 })
  })

  it('a backend that follows an alias goes on with what it has, and takes up what was signed later', async () => {
    using one = workingBundle('1')
    using two = workingBundle('2')
    const address = `s3://${server.bucket}/fnd-base`
    await model('push', one.folder, address, '--sign', 'mine.pem')
    await model('push', two.folder, address)
    await model('promote', `${address}@1`)
    const serve = () =>
      startServe({
        ...server.env,
        FND_MODEL: `${address}#production`,
        FND_REGISTRY_POLL: '0.5',
        FND_REGISTRY_TRUSTED_KEYS: mine.publicKey,
        FND_CACHE_DIR: cache(),
        FND_BACKEND_WORKERS: '1',
      })
    await using backend = serve()
    await backend.logged('ready')
    await model('promote', `${address}@2`)
    expect(await backend.logged('model refused')).toMatchObject({
      serving: '1',
      error: { code: 'FND_MODEL_UNTRUSTED', message: expect.stringContaining('it is not signed') },
    })
    const text = async (path: string) => (await fetch(backend.url(path))).text()
    expect(await text('/metrics')).toContain('model_load_failures_total{reason="untrusted"} 1')
    expect((await fetch(backend.url('/ready'))).status).toBe(200)
    {
      // Started anew it has the same view of things.
      await using again = serve()
      await again.logged('model refused: falling back')
      expect(await again.logged('ready')).toMatchObject({ version: '1' })
    }
    await model('push', two.folder, address, '--sign', 'mine.pem')
    expect(await backend.logged('model replaced')).toMatchObject({ version: '2', before: '1' })
  })
})
