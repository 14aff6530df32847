// Models on this machine: what counts as a copy, and what is left alone.

import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseReference } from '../../../src/registry/address.ts'
import { bundleFolder, cachedBundle, lastCopy, type Proof, remember } from '../../../src/registry/cache.ts'
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
