// A registry that misbehaves: each fault is survived or told, with what mends it. A real S3 server behind a breaking proxy.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { storedBundle, type TestBundle, workingBundle } from '../support/bundle.ts'
import { type FaultyProxy, startFaultyProxy } from '../support/faulty-proxy.ts'
import { emptyHome, type Home } from '../support/program.ts'
import { type S3Server, s3Program, startS3 } from '../support/s3-server.ts'
import { startServe } from '../support/serve-process.ts'

const program = s3Program()

describe.skipIf(!program)('a registry that misbehaves', () => {
  let server: S3Server
  let proxy: FaultyProxy
  let home: Home
  let bundle: TestBundle
  let toy: string
  beforeAll(async () => {
    server = await startS3(program ?? '')
    proxy = await startFaultyProxy(server.port)
    home = emptyHome()
    bundle = storedBundle('1', Buffer.alloc(12 << 20, 'z'))
    toy = `s3://${server.bucket}/toy`
    expect((await home.fnd(['model', 'push', bundle.folder, toy], { env: server.env })).code).toBe(0)
  })
  afterAll(async () => {
    bundle?.[Symbol.dispose]()
    home?.[Symbol.dispose]()
    await proxy?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
  })
  beforeEach(() => {
    proxy.fault = { kind: 'none' }
    rmSync(join(home.folder, '.cache'), { recursive: true, force: true })
  })

  const cached = () => existsSync(join(home.folder, '.cache/fnd/models', bundle.sha256))
  const pull = async (env: NodeJS.ProcessEnv = {}, { address = `${toy}@1` } = {}) => {
    const { stdout, stderr, code } = await home.fnd(['model', 'pull', address, '--json'], {
      env: { ...server.env, FND_REGISTRY_ENDPOINT: proxy.endpoint, ...env },
    })
    const { data, error } = JSON.parse(stdout)
    return { ...(data ?? error), exit: code, stderr }
  }

  /** An environment whose clock is two hours ahead. */
  const clockAhead = (): NodeJS.ProcessEnv => {
    const shift = join(home.folder, 'shift.cjs')
    writeFileSync(
      shift,
      'const Real = Date; const by = 7200e3; globalThis.Date = class extends Real { constructor(...a) { if (a.length) super(...a); else super(Real.now() + by) } static now() { return Real.now() + by } }',
    )
    return { NODE_OPTIONS: `--require ${shift}` }
  }

  it('away at the start, without a copy: told; with one: used, and said loudly', async () => {
    expect((await home.fnd(['model', 'promote', `${toy}@1`], { env: server.env })).code).toBe(0)
    proxy.fault = { kind: 'down' }
    const production = { address: `${toy}#production` }
    expect(await pull({}, production)).toMatchObject({ exit: 1, code: 'FND_REGISTRY_UNREACHABLE' })
    proxy.fault = { kind: 'none' }
    expect(await pull({}, production)).toMatchObject({ exit: 0, stale: false })
    proxy.fault = { kind: 'down' }
    expect(await pull({}, production)).toMatchObject({
      exit: 0,
      stale: true,
      sha256: bundle.sha256,
      stderr: expect.stringContaining('Using the last verified copy'),
    })
  })

  it('away in the middle of a pull: told, and the next pull goes on', async () => {
    proxy.fault = { kind: 'slow', bytesPerSecond: 1_500_000 }
    const partial = join(home.folder, '.cache/fnd/models', `${bundle.sha256}.partial/model.onnx`)
    const told = pull()
    while (!existsSync(partial)) await sleep(20)
    proxy.fault = { kind: 'down' }
    const { exit, code } = await told
    expect(exit).toBe(1)
    expect(['FND_REGISTRY_CUT_OFF', 'FND_REGISTRY_UNREACHABLE']).toContain(code)
    expect(cached()).toBe(false)
    proxy.fault = { kind: 'none' }
    expect(await pull()).toMatchObject({ exit: 0, sha256: bundle.sha256 })
  })

  it('away while a backend follows it: the backend answers as before, warns, and takes up again', async () => {
    using one = workingBundle('1')
    using two = workingBundle('2')
    const address = `s3://${server.bucket}/fnd-base`
    const model = async (...args: string[]) =>
      expect((await home.fnd(['model', ...args], { env: server.env })).code).toBe(0)
    for (const { folder } of [one, two]) await model('push', folder, address)
    await model('promote', `${address}@1`)
    await using backend = startServe({
      ...server.env,
      FND_REGISTRY_ENDPOINT: proxy.endpoint,
      FND_MODEL: `${address}#production`,
      FND_REGISTRY_POLL: '0.5',
      FND_BACKEND_WORKERS: '1',
    })
    await backend.logged('ready')
    proxy.fault = { kind: 'down' }
    await backend.logged('the source of the model is away')
    expect((await fetch(backend.url('/ready'))).status).toBe(200)
    await model('promote', `${address}@2`)
    proxy.fault = { kind: 'none' }
    expect(await backend.logged('model replaced')).toMatchObject({ version: '2' })
    // Away is not refused: nobody is woken for it.
    expect(backend.log().filter(({ msg }) => msg === 'model refused')).toEqual([])
  })

  it('connections that break off in the middle are taken up again', async () => {
    proxy.fault = { kind: 'stumble', after: 3_000_000, times: 3 }
    expect(await pull()).toMatchObject({ exit: 0, sha256: bundle.sha256 })
  })

  it('one that always breaks off is told with how far it came, and the next pull goes on from there', async () => {
    proxy.fault = { kind: 'truncate', after: 20_000 }
    const told = await pull()
    expect(told).toMatchObject({ exit: 1 })
    expect(['FND_REGISTRY_CUT_OFF', 'FND_REGISTRY_UNREACHABLE']).toContain(told.code)
    proxy.fault = { kind: 'none' }
    expect(await pull()).toMatchObject({ exit: 0, sha256: bundle.sha256 })
  })

  it('a slow one is only slow: a part may take longer than connecting may', async () => {
    proxy.fault = { kind: 'slow', bytesPerSecond: 1_500_000 }
    expect(await pull()).toMatchObject({ exit: 0, sha256: bundle.sha256 })
  })

  it('verify says that reading broke off, not that the model is damaged', async () => {
    proxy.fault = { kind: 'truncate', after: 20_000 }
    const { stdout, code } = await home.fnd(['model', 'verify', `${toy}@1`, '--json'], {
      env: { ...server.env, FND_REGISTRY_ENDPOINT: proxy.endpoint },
    })
    expect(code).toBe(1)
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'FND_REGISTRY_CUT_OFF' })
  })

  it('bytes that were changed on the way never reach the cache', async () => {
    proxy.fault = { kind: 'corrupt' }
    expect((await pull()).exit).toBe(1)
    expect(cached()).toBe(false)
    proxy.fault = { kind: 'none' }
    expect(await pull()).toMatchObject({ exit: 0, sha256: bundle.sha256 })
  })

  it('one that lies about lengths never reaches the cache', async () => {
    proxy.fault = { kind: 'lie', by: -10 }
    expect((await pull()).exit).toBe(1)
    expect(cached()).toBe(false)
    proxy.fault = { kind: 'none' }
    expect(await pull()).toMatchObject({ exit: 0, sha256: bundle.sha256 })
    expect(cached()).toBe(true)
  })

  it.each<[string, () => NodeJS.ProcessEnv, string, string]>([
    [
      'nobody listens',
      () => ({ FND_REGISTRY_ENDPOINT: 'http://127.0.0.1:9' }),
      'FND_REGISTRY_UNREACHABLE',
      'curl -I',
    ],
    [
      'credentials are wrong',
      () => ({ AWS_SECRET_ACCESS_KEY: 'wrong' }),
      'FND_REGISTRY_FORBIDDEN',
      'get-caller-identity',
    ],
    [
      'the region is wrong',
      () => ({ AWS_REGION: 'eu-west-9' }),
      'FND_REGISTRY_REGION',
      '--s3-region us-east-1',
    ],
    [
      'there are no credentials',
      () => ({ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_EC2_METADATA_DISABLED: 'true' }),
      'FND_REGISTRY_CREDENTIALS',
      'aws sso login',
    ],
  ])('%s: told, with what mends it', async (_what, env, code, hint) => {
    expect(await pull(env())).toMatchObject({ code, hint: expect.stringContaining(hint) })
  })

  it('no such bucket: told', async () => {
    const { stdout, code } = await home.fnd(['model', 'list', 's3://nowhere-at-all/toy', '--json'], {
      env: server.env,
    })
    expect(code).toBe(4)
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'FND_REGISTRY_BUCKET' })
  })

  it('a clock that is two hours off is corrected by what the server says', async () => {
    expect(await pull(clockAhead())).toMatchObject({ exit: 0 })
  })

  it('a full disk is told with the room that is needed', async (context) => {
    const small = join(home.folder, 'small')
    mkdirSync(small)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', small], { stdio: 'ignore' })
    } catch {
      context.skip('only root may make a small disk')
    }
    try {
      expect(await pull({ FND_CACHE_DIR: small })).toMatchObject({
        exit: 1,
        code: 'FND_DISK_FULL',
        hint: expect.stringContaining('FND_CACHE_DIR'),
      })
    } finally {
      execFileSync('umount', [small])
    }
  })
})
