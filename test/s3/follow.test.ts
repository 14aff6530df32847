// What following an alias leaves in the cache folder: a pod's is small, and each canary brings a model more.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { loadBundle } from '../../src/detector/bundle.ts'
import { parseModel } from '../../src/registry/address.ts'
import { promote, setCanary } from '../../src/registry/alias.ts'
import { modelsFolder } from '../../src/registry/cache.ts'
import { followAlias } from '../../src/registry/follow.ts'
import { push } from '../../src/registry/push.ts'
import { openS3 } from '../../src/registry/s3.ts'
import { storedBundle } from '../support/bundle.ts'
import { s3Program, startS3 } from '../support/s3-server.ts'

const program = s3Program()

it.skipIf(!program)('canaries that are gone leave the cache in their turn', async () => {
  await using server = await startS3(program ?? '')
  Object.assign(process.env, server.env)
  const cache = mkdtempSync(join(tmpdir(), 'fnd-follow-'))
  onTestFinished(() => rmSync(cache, { recursive: true }))
  const stop = new AbortController()
  const { signal } = stop
  using store = openS3({ bucket: server.bucket, endpoint: server.endpoint, signal })
  const address = parseModel(`s3://${server.bucket}/toy`)
  const versions = ['1', '2', '3', '4', '5']
  const hashes: string[] = []
  for (const version of versions) {
    using bundle = storedBundle(version)
    const loaded = await loadBundle(bundle.folder)
    await push(store, { bundle: loaded, address, by: 'me', dryRun: false, signal, onProgress: () => {} })
    hashes.push(bundle.sha256)
  }
  const move = { address, alias: 'production', by: 'me', trusted: [], now: Date.now, signal }
  const canary = (version: string) => setCanary(store, version, { mode: 'canary', share: 0.1 }, move)
  await promote(store, '1', move)
  await canary('2')

  const [serving] = hashes
  const asked: string[] = []
  const following = followAlias({ ...address, alias: 'production' }, '', {
    settings: { endpoint: server.endpoint, poll: 1, keep: 1, retain: 2, trustedKeys: [] },
    env: {},
    signal,
    paths: { cache },
    now: Date.now,
    talk: { fetching: () => ({ advance() {}, end() {} }), waiting() {}, fallback() {} },
    offline: false,
    trusted: [],
    poll: 0.05,
    failed: (error) => expect.fail(String(error)),
  })
  for await (const meant of following) {
    if (!meant.canary) continue
    asked.push(meant.canary.version)
    const next = versions[asked.length + 1]
    if (next === undefined) break
    await canary(next)
  }
  expect(asked).toEqual(['2', '3', '4', '5'])
  const kept = readdirSync(modelsFolder({ cache })).filter((name) => hashes.includes(name))
  expect(kept.sort()).toEqual([serving, ...hashes.slice(-2)].sort())
  stop.abort()
})
