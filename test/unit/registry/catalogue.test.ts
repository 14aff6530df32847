// What a registry lists of a model, and in which order.

import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { keys } from '../../../src/registry/address.ts'
import { listVersions } from '../../../src/registry/catalogue.ts'
import { memoryStore } from '../../support/memory-store.ts'

const address = { bucket: 'models', root: 'toy', name: 'toy' }
const file = (path: string) => ({ path, size: 1, sha256: '0'.repeat(64) })
const FILES = ['config.json', 'model.onnx', 'tokenizer.json'].map(file)

/** A version's manifest as it was pushed at a second of the epoch. */
function pushed(version: string, second: number) {
  const text = JSON.stringify({ schema: 1, name: 'toy', version, files: FILES })
  const sha256 = createHash('sha256').update(text).digest('hex')
  return [
    keys.manifest(address, version),
    { text, at: new Date(second * 1000), metadata: { sha256 } },
  ] as const
}

test('the newest version comes first; those of one second go by their number', async () => {
  const store = memoryStore(
    Object.fromEntries([pushed('9', 5), pushed('10', 5), pushed('3', 6), pushed('11', 4)]),
  )
  const { versions, damaged } = await listVersions(store, address)
  expect(versions.map(({ version }) => version)).toEqual(['3', '10', '9', '11'])
  expect(damaged.size).toBe(0)
})

test('a version whose manifest is not what was pushed is set apart', async () => {
  const [key, object] = pushed('2', 5)
  const store = memoryStore(
    Object.fromEntries([pushed('1', 5), [key, { ...object, text: `${object.text} ` }]]),
  )
  const { versions, damaged } = await listVersions(store, address)
  expect(versions.map(({ version }) => version)).toEqual(['1'])
  expect([...damaged.keys()]).toEqual(['2'])
})
