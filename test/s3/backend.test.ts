// A backend that follows an alias of a real registry: starts from it, swaps without a failed request, refuses what is unsound.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestBundle, workingBundle } from '../support/bundle.ts'
import { emptyHome, type Home } from '../support/program.ts'
import { type S3Server, s3Program, startS3 } from '../support/s3-server.ts'
import { type ServeProcess, startServe } from '../support/serve-process.ts'

const program = s3Program()
const TEXT = 'The city council approved a budget for road repairs after a four-hour meeting on Tuesday night.'

describe.skipIf(!program)('a backend that follows an alias', () => {
  let server: S3Server
  let home: Home
  let cache: string
  const bundles: TestBundle[] = []
  let address: string

  const model = (...args: string[]) => home.fnd(['model', ...args], { env: server.env })
  const promote = (version: string) => model('promote', `${address}@${version}`)
  const serve = (env: NodeJS.ProcessEnv = {}): ServeProcess =>
    startServe({
      ...server.env,
      FND_MODEL: `${address}#production`,
      FND_REGISTRY_POLL: '0.5',
      FND_CACHE_DIR: cache,
      FND_BACKEND_WORKERS: '1',
      ...env,
    })
  const version = async (backend: ServeProcess): Promise<string> => {
    const response = await fetch(backend.url('/predict'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: TEXT }),
    })
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`)
    return ((await response.json()) as { model: { version: string } }).model.version
  }
  const metric = async (backend: ServeProcess, line: string): Promise<boolean> =>
    (await (await fetch(backend.url('/metrics'))).text()).includes(line)

  beforeAll(async () => {
    server = await startS3(program ?? '')
    home = emptyHome()
    cache = `${home.folder}/cache`
    address = `s3://${server.bucket}/fnd-base`
    bundles.push(workingBundle('1'), workingBundle('2'), workingBundle('3', 0.1))
    for (const { folder } of bundles) expect((await model('push', folder, address)).code).toBe(0)
    await promote('1')
  })
  afterAll(async () => {
    for (const bundle of bundles) bundle[Symbol.dispose]()
    home?.[Symbol.dispose]()
    await server?.[Symbol.asyncDispose]()
  })

  it('promotes and rolls back under 8 clients without a failed request; each answer names its version', async () => {
    await using backend = serve()
    await backend.logged('ready')
    const answers: string[] = []
    let going = true
    const clients = Array.from({ length: 8 }, async () => {
      while (going) answers.push(await version(backend))
    })
    const seen = async (wanted: string) => {
      for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50))
        if (answers.slice(-8).every((name) => name === wanted) && answers.length > 8) return
      throw new Error(`version ${wanted} never took over`)
    }
    try {
      await seen('1')
      await promote('2')
      await seen('2')
      await model('rollback', address)
      await seen('1')
    } finally {
      going = false
    }
    await Promise.all(clients)
    expect(new Set(answers)).toEqual(new Set(['1', '2']))
    // The version before was still loaded: going back to it loads nothing.
    expect(backend.log().filter(({ msg }) => msg === 'model replaced')).toMatchObject([
      { version: '2', before: '1' },
      { version: '1', before: '2' },
    ])
    backend.child.kill('SIGTERM')
    expect(await backend.ended).toBe(0)
  })

  it('refuses a version that fails its self-test and goes on with the one it has', async () => {
    await using backend = serve()
    await backend.logged('ready')
    await promote('3')
    expect(await backend.logged('model refused')).toMatchObject({
      serving: '1',
      error: { code: 'FND_MODEL_SELF_TEST' },
    })
    expect(await version(backend)).toBe('1')
    expect(await metric(backend, 'model_load_failures_total{reason="self_test"} 1')).toBe(true)
    // Started anew, it falls back on what was served last.
    await using again = serve()
    await again.logged('model refused: falling back')
    await again.logged('ready')
    expect(await version(again)).toBe('1')
    await promote('1')
  })

  it('refuses a version whose file is damaged in the bucket, also when started anew', async () => {
    using damaged = workingBundle('4')
    await model('push', damaged.folder, address)
    const files = join(server.folder, 'fnd-base/versions/4/files')
    for (const hash of readdirSync(files)) {
      const path = join(files, hash, 'tokenizer.json')
      if (existsSync(path)) writeFileSync(path, readFileSync(path, 'utf8').replace('{', '['))
    }
    await using backend = serve()
    await backend.logged('ready')
    await promote('4')
    expect(await backend.logged('model refused')).toMatchObject({ error: { code: 'FND_MODEL_CORRUPT' } })
    await using again = serve()
    await again.logged('model refused: falling back')
    await again.logged('ready')
    expect(await version(again)).toBe('1')
    await promote('1')
  })

  it('starts from the last verified copy when the registry is away, and says so; takes up again when it is back', async () => {
    await server.stop()
    try {
      await using backend = serve()
      expect(await backend.logged('The model registry')).toMatchObject({
        level: 'warn',
        msg: expect.stringContaining('Using the last verified copy'),
      })
      await backend.logged('ready')
      expect(await version(backend)).toBe('1')
      await server.start()
      await promote('2')
      expect(await backend.logged('model replaced')).toMatchObject({ version: '2' })
      await promote('1')
    } finally {
      await server.stop()
      await server.start()
    }
  })

  it('without a copy it waits, unready, and starts when the registry is back', async () => {
    await server.stop()
    await using backend = serve({ FND_CACHE_DIR: `${home.folder}/empty` })
    expect(await backend.logged('no model yet')).toMatchObject({
      error: { code: 'FND_REGISTRY_UNREACHABLE' },
    })
    expect((await fetch(backend.url('/ready'))).status).toBe(503)
    await server.start()
    await backend.logged('ready')
    expect((await fetch(backend.url('/ready'))).status).toBe(200)
    expect(await metric(backend, 'model_load_failures_total{reason="registry"}')).toBe(true)
  })

  it('an address that is wrong ends it at once', async () => {
    await using backend = serve({ FND_MODEL: `${address}#nobody` })
    expect(await backend.ended).toBe(4)
    expect(backend.stderr()).toContain('FND_ALIAS_UNKNOWN')
  })
})
