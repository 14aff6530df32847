// One file out of a store: the parts in any order, taken up again, and its SHA-256.

import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { downloadFile } from '../../../src/registry/download.ts'
import type { ObjectStore } from '../../../src/registry/store.ts'
import { memoryStore } from '../../support/memory-store.ts'

const MIB = 1 << 20
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fnd-download-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** A store of one object; what is asked of it goes through `meanwhile` first. */
const storeOf = (
  bytes: Buffer,
  meanwhile: (from: number) => Promise<void> = async () => {},
): ObjectStore => ({
  ...memoryStore(),
  async range(_key, from, to) {
    await meanwhile(from)
    return (async function* () {
      yield bytes.subarray(from, to + 1)
    })()
  },
})

const request = (size: number, signal = new AbortController().signal) => ({
  key: 'model.onnx',
  size,
  to: join(folder, 'model.onnx'),
  signal,
  onProgress() {},
})

test.each([0, 1, 8 * MIB, 8 * MIB + 1, 30 * MIB])('a file of %d bytes', async (size) => {
  const bytes = randomBytes(size)
  expect(await downloadFile(storeOf(bytes), request(size))).toBe(hex(bytes))
  expect(readFileSync(join(folder, 'model.onnx')).equals(bytes)).toBe(true)
})

test('parts that come in the wrong order are hashed in the right one', async () => {
  const bytes = randomBytes(30 * MIB)
  const lastFirst = storeOf(bytes, async (from) => {
    await sleep(60 - (60 * from) / bytes.length)
  })
  expect(await downloadFile(lastFirst, request(bytes.length))).toBe(hex(bytes))
})

test('what an interrupted download brought is not fetched again, and hashed all the same', async () => {
  const bytes = randomBytes(30 * MIB)
  const stop = new AbortController()
  const breaksOff = storeOf(bytes, async (from) => {
    if (from !== 8 * MIB) return
    await sleep(100)
    stop.abort()
    stop.signal.throwIfAborted()
  })
  await expect(downloadFile(breaksOff, request(bytes.length, stop.signal))).rejects.toThrow('aborted')
  const asked: number[] = []
  const whole = storeOf(bytes, async (from) => void asked.push(from))
  expect(await downloadFile(whole, request(bytes.length))).toBe(hex(bytes))
  expect(asked).toEqual([8 * MIB])
})

test('what the store says is wrong is thrown, and nothing goes on', async () => {
  const bytes = randomBytes(30 * MIB)
  const refused = storeOf(bytes, async (from) => {
    if (from === 8 * MIB) throw new Error('refused')
  })
  await expect(downloadFile(refused, request(bytes.length))).rejects.toThrow('refused')
})
