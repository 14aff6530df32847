// Models on this machine: what counts as a copy, and what is left alone.

import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseReference } from '../../../src/registry/address.ts'
import {
  bundleFolder,
  cachedBundle,
  forgetOld,
  lastCopy,
  type Proof,
  partialFolder,
  remember,
  touch,
} from '../../../src/registry/cache.ts'
import { bringModel, type SourceRequest } from '../../../src/registry/source.ts'
import { storedBundle, type TestBundle } from '../../support/bundle.ts'

const production = parseReference('s3://models/toy#production')
let paths: { cache: string }
beforeEach(() => {
  paths = { cache: mkdtempSync(join(tmpdir(), 'fnd-cache-')) }
})
afterEach(() => rmSync(paths.cache, { recursive: true, force: true }))

/** Puts a bundle into the cache, as a pull does. */
async function keep(bundle: TestBundle, version: string, proof: Proof): Promise<string> {
  const folder = bundleFolder(paths, bundle.sha256)
  cpSync(bundle.folder, folder, { recursive: true })
  await remember(paths, production, { version, sha256: bundle.sha256, now: Date.now() }, proof)
  return folder
}

describe('a cached bundle', () => {
  it('that is not there yet is left alone: another process may be renaming its own into place', async () => {
    const folder = bundleFolder(paths, 'ab'.repeat(32))
    mkdirSync(folder, { recursive: true })
    expect(await cachedBundle(paths, 'ab'.repeat(32))).toBeUndefined()
    expect(existsSync(folder)).toBe(true)
  })

  it.each(['model.onnx', 'manifest.json'])('whose %s was damaged is none', async (file) => {
    using bundle = storedBundle('1')
    const folder = await keep(bundle, '1', 'pulled')
    expect(await cachedBundle(paths, bundle.sha256)).toMatchObject({ folder })
    writeFileSync(join(folder, file), '{')
    expect(await cachedBundle(paths, bundle.sha256)).toBeUndefined()
  })
})

describe('a cache that keeps the newest', () => {
  it('forgets what was not wanted for longest, but never what is served, meant, or being fetched', async () => {
    const hashes = ['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(64))
    for (const [at, sha256] of hashes.entries()) {
      mkdirSync(bundleFolder(paths, sha256), { recursive: true })
      await touch(paths, sha256, 1_000_000 + at * 1000)
    }
    const [served = '', forgotten = '', wanted = ''] = hashes
    await remember(paths, production, { version: '1', sha256: served, now: 0 }, 'served')
    // A roll-back brought it to the front again.
    await touch(paths, wanted, 9_000_000)
    mkdirSync(partialFolder(paths, 'f'.repeat(64)), { recursive: true })
    await forgetOld(paths, 3)
    const left = hashes.filter((sha256) => existsSync(bundleFolder(paths, sha256)))
    expect(left).toEqual(hashes.filter((sha256) => sha256 !== forgotten))
    expect(existsSync(partialFolder(paths, 'f'.repeat(64)))).toBe(true)
  })
})

describe('the last copy of an alias', () => {
  it('is what the registry said last; for a backend what it served last', async () => {
    using served = storedBundle('1')
    using pulled = storedBundle('2')
    await keep(served, '1', 'served')
    const damaged = await keep(pulled, '2', 'pulled')
    expect((await lastCopy(paths, production, { trusted: [] }))?.meaning.version).toBe('2')
    expect((await lastCopy(paths, production, { trusted: [], prefer: 'served' }))?.meaning.version).toBe('1')
    rmSync(damaged, { recursive: true })
    expect((await lastCopy(paths, production, { trusted: [] }))?.meaning.version).toBe('1')
  })
})

describe('offline', () => {
  const request = (): SourceRequest => ({
    // Nobody may be asked: port 9 answers nothing.
    settings: { endpoint: 'http://127.0.0.1:9', poll: 1, keep: 1, trustedKeys: [] },
    env: {},
    signal: AbortSignal.timeout(5000),
    paths,
    now: Date.now,
    offline: true,
    trusted: [],
    talk: { fetching: () => ({ advance() {}, end() {} }), waiting() {}, fallback() {} },
  })

  it('the copy of an alias is used, and said to be what it meant last', async () => {
    using bundle = storedBundle('1')
    const place = await keep(bundle, '1', 'pulled')
    expect(await bringModel('s3://models/toy#production', request())).toMatchObject({ place, stale: true })
  })

  it('a model that is not on this machine is told', async () => {
    await expect(bringModel('s3://models/toy@1', request())).rejects.toMatchObject({
      code: 'FND_MODEL_OFFLINE',
      hint: expect.stringContaining('fnd model pull'),
    })
  })
})
