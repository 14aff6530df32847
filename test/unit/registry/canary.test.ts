// What an alias says while a canary stands beside its version, and what each move makes of it.

import { beforeEach, expect, test } from 'vitest'
import { keys } from '../../../src/registry/address.ts'
import { promote, readAlias, rollback, setCanary } from '../../../src/registry/alias.ts'
import type { ObjectStore } from '../../../src/registry/store.ts'
import { memoryStore } from '../../support/memory-store.ts'

const address = { bucket: 'models', root: 'toy', name: 'toy' }
const request = {
  address,
  alias: 'production',
  by: 'a@b',
  trusted: [],
  now: () => Date.parse('2026-01-01T00:00:00Z'),
  signal: new AbortController().signal,
}
const tenth = { mode: 'canary', share: 0.1 } as const
let store: ObjectStore
const state = async () => (await readAlias(store, address, 'production'))?.state
const kinds = async () => (await state())?.history.map(({ kind, from, to }) => `${kind} ${from}→${to}`)

beforeEach(async () => {
  store = memoryStore(
    Object.fromEntries(
      ['1', '2', '3'].map((version) => [
        keys.manifest(address, version),
        { text: '{}', metadata: { sha256: version.repeat(64) } },
      ]),
    ),
  )
  await promote(store, '1', request)
})

test('a canary leaves the alias where it is', async () => {
  expect(await setCanary(store, '2', tenth, request)).toMatchObject({ from: '1', to: '1', changed: true })
  expect(await state()).toMatchObject({
    version: '1',
    canary: { version: '2', sha256: '2'.repeat(64), mode: 'canary', share: 0.1 },
    history: [{ kind: 'canary', from: '1', to: '2', share: 0.1 }, { kind: 'promote' }],
  })
  expect(await setCanary(store, '2', tenth, request)).toMatchObject({ changed: false })
})

test('another share, or a shadow, takes the place of the one before', async () => {
  await setCanary(store, '2', tenth, request)
  expect(await setCanary(store, '2', { ...tenth, share: 0.5 }, request)).not.toHaveProperty('withdrawn')
  expect(await setCanary(store, '3', { mode: 'shadow', share: 0 }, request)).toMatchObject({ withdrawn: '2' })
  expect((await state())?.canary).toMatchObject({ version: '3', mode: 'shadow' })
})

test('a promotion ends it: of itself, of another, of the version that serves', async () => {
  for (const [to, withdrawn] of [
    ['2', undefined],
    ['3', '1'],
  ] as const) {
    await setCanary(store, withdrawn ?? '2', tenth, request)
    expect((await promote(store, to, request)).withdrawn).toBe(withdrawn)
    expect(await state()).toMatchObject({ version: to })
    expect((await state())?.canary).toBeUndefined()
  }
  await setCanary(store, '1', tenth, request)
  expect(await promote(store, '3', request)).toMatchObject({ changed: true, withdrawn: '1' })
  expect((await kinds())?.[0]).toBe('withdraw 1→3')
})

test('a roll-back takes it away first, and then goes back as if it had never been', async () => {
  await promote(store, '2', request)
  await setCanary(store, '3', tenth, request)
  expect(await rollback(store, undefined, request)).toMatchObject({ from: '2', to: '2', withdrawn: '3' })
  expect(await rollback(store, undefined, request)).toMatchObject({ from: '2', to: '1' })
  expect(await kinds()).toEqual([
    'rollback 2→1',
    'withdraw 3→2',
    'canary 2→3',
    'promote 1→2',
    'promote undefined→1',
  ])
})

test('what comes and goes beside it leaves the alias at the content that was promoted', async () => {
  const manifest = keys.manifest(address, '1')
  const { etag = '' } = (await store.text(manifest)) ?? {}
  // Somebody writes over the version that serves.
  await store.replace(manifest, '{"other": true}', etag)
  await setCanary(store, '2', tenth, request)
  expect(await state()).toMatchObject({ version: '1', sha256: '1'.repeat(64) })
  await rollback(store, undefined, request)
  expect(await state()).toMatchObject({ version: '1', sha256: '1'.repeat(64) })
})

test('no version is its own canary, and none stands beside nothing', async () => {
  await expect(setCanary(store, '1', tenth, request)).rejects.toMatchObject({ code: 'FND_CANARY_SERVES' })
  await expect(setCanary(store, '2', tenth, { ...request, alias: 'new' })).rejects.toMatchObject({
    code: 'FND_ALIAS_UNKNOWN',
  })
})

test('what was judged is moved only while it stands as it was judged', async () => {
  await setCanary(store, '2', tenth, request)
  const judged = (await state())?.canary
  const later = { ...request, now: () => request.now() + 1000 }
  await setCanary(store, '2', { ...tenth, share: 0.5 }, later)
  await expect(promote(store, '2', { ...request, canary: judged })).rejects.toMatchObject({
    code: 'FND_CANARY_MOVED',
  })
  expect(await promote(store, '2', { ...request, canary: (await state())?.canary })).toMatchObject({
    to: '2',
  })
})
