import { createHash } from 'node:crypto'
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { inspectBundle, loadBundle } from '../../../src/detector/bundle.ts'
import { baseModel } from '../../support/bundle.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fnd-bundle-'))
  cpSync(baseModel, folder, { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const at = (name: string): string => join(folder, name)

/** Changes a file's text and, for config.json, its entry in the manifest: whole, but not what it was. */
function edit(name: string, change: (text: string) => string): void {
  const changed = change(readFileSync(at(name), 'utf8'))
  writeFileSync(at(name), changed)
  if (name === 'manifest.json') return
  const sha256 = createHash('sha256').update(changed).digest('hex')
  const manifest = JSON.parse(readFileSync(at('manifest.json'), 'utf8')) as {
    files: { path: string; size: number; sha256: string }[]
  }
  for (const file of manifest.files)
    if (file.path === name) Object.assign(file, { size: Buffer.byteLength(changed), sha256 })
  writeFileSync(at('manifest.json'), JSON.stringify(manifest))
}

test.each([
  ['bundled', 'fnd-base'],
  ['base', 'fnd-base'],
  ['fast', 'fnd-fast'],
])('%s is %s, which ships and is whole; its identity is the hash of its manifest', async (name, expected) => {
  const { identity, manifest, folder: place } = await loadBundle(name)
  const sha256 = createHash('sha256')
    .update(readFileSync(join(place, 'manifest.json')))
    .digest('hex')
  expect(identity).toEqual({ name: expected, version: manifest.version, sha256 })
})

test('any other name is a folder', async () => {
  await expect(loadBundle('./fast')).rejects.toMatchObject({ code: 'FND_MODEL_MISSING' })
})

test('a bundle names the normaliser that it was trained with', async () => {
  edit('config.json', (text) => text.replace(/news-v\d/, 'news-v2'))
  expect((await loadBundle(folder)).config.normalization).toBe('news-v2')
  edit('config.json', (text) => text.replace('news-v2', 'news-v3'))
  await expect(loadBundle(folder)).rejects.toMatchObject({
    code: 'FND_MODEL_UNUSABLE',
    message: expect.stringContaining('cleans texts as news-v1 or news-v2, not as "news-v3"'),
  })
})

test('which files of a damaged bundle are not what they should be is told of each', async () => {
  writeFileSync(at('config.json'), '{}')
  rmSync(at('tokenizer.json'))
  const { files } = await inspectBundle(folder)
  expect(files.find(({ path }) => path === 'model.onnx')).not.toHaveProperty('problem')
  expect(files.find(({ path }) => path === 'config.json')?.problem).toContain('2 bytes')
  expect(files.find(({ path }) => path === 'tokenizer.json')?.problem).toBe('it is not there')
})

test('a reference of more texts than the service can count is refused', async () => {
  const counts = (count: number) => ({ edges: [0.5], counts: [count, 0] })
  const reference = { texts: 1, from: 'texts', labels: {}, confidence: counts(1e9), tokens: counts(1) }
  edit('manifest.json', (text) => JSON.stringify({ ...JSON.parse(text), referenceDistribution: reference }))
  await expect(loadBundle(folder)).rejects.toMatchObject({
    code: 'FND_MODEL_UNUSABLE',
    message: expect.stringContaining('referenceDistribution.confidence'),
  })
})

test('a changed byte is refused with the file and both hashes', async () => {
  const bytes = readFileSync(at('model.onnx'))
  bytes[1000] = (bytes[1000] ?? 0) ^ 1
  writeFileSync(at('model.onnx'), bytes)
  const expected = /"model.onnx",\s+"size": \d+,\s+"sha256": "(\w+)"/.exec(
    readFileSync(at('manifest.json'), 'utf8'),
  )?.[1]
  const found = createHash('sha256').update(bytes).digest('hex')
  await expect(loadBundle(folder)).rejects.toMatchObject({
    code: 'FND_MODEL_CORRUPT',
    params: {
      file: at('model.onnx'),
      expected: expect.stringContaining(expected ?? '?'),
      found: expect.stringContaining(found),
    },
  })
})

test('a file cut short or grown is refused', async () => {
  writeFileSync(at('tokenizer.json'), readFileSync(at('tokenizer.json')).subarray(0, 1000))
  await expect(loadBundle(folder)).rejects.toMatchObject({ code: 'FND_MODEL_CORRUPT' })
  cpSync(join(baseModel, 'tokenizer.json'), at('tokenizer.json'))
  appendFileSync(at('MODEL_CARD.md'), 'more')
  await expect(loadBundle(folder)).rejects.toMatchObject({ code: 'FND_MODEL_CORRUPT' })
})

test.each(['manifest.json', 'config.json', 'model.onnx', 'tokenizer.json'])('%s missing', async (name) => {
  rmSync(at(name))
  await expect(loadBundle(folder)).rejects.toMatchObject({
    code: 'FND_MODEL_MISSING',
    params: { place: folder, missing: name },
  })
})

test('a folder that is not there, and a manifest that leaves out the model', async () => {
  await expect(loadBundle(at('nowhere'))).rejects.toMatchObject({ code: 'FND_MODEL_MISSING' })
  edit('manifest.json', (text) => text.replaceAll('model.onnx', 'other.onnx'))
  await expect(loadBundle(folder)).rejects.toMatchObject({ code: 'FND_MODEL_MISSING' })
})

test.each([
  ['no JSON', 'manifest.json', (text: string) => text.slice(1)],
  [
    'a path that leaves the folder',
    'manifest.json',
    (text: string) => text.replace('model.onnx', '../model.onnx'),
  ],
  [
    'a temperature of 0',
    'config.json',
    (text: string) => JSON.stringify({ ...JSON.parse(text), temperature: 0 }),
  ],
  [
    'windows with gaps',
    'config.json',
    (text: string) => JSON.stringify({ ...JSON.parse(text), windowStride: 300 }),
  ],
])('%s: unusable, with the file named', async (_, name, change) => {
  edit(name, change)
  await expect(loadBundle(folder)).rejects.toMatchObject({
    code: 'FND_MODEL_UNUSABLE',
    params: { place: at(name) },
  })
})
