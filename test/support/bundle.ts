// Small bundles for the registry's tests: files of any content, and a manifest that is true of them.

import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundledFolder } from '../../src/detector/bundled.ts'
import type { Normalization } from '../../src/detector/clean.ts'

/** Where the model that ships as the default lies. */
export const baseModel = bundledFolder('base') ?? ''

export interface TestBundle extends Disposable {
  folder: string
  /** SHA-256 of the manifest. */
  sha256: string
}

/** A bundle that no detector could run, but every registry can keep; `model` is the content of model.onnx. */
export function storedBundle(version: string, model: string | Buffer = `model ${version}`): TestBundle {
  const folder = mkdtempSync(join(tmpdir(), 'fnd-bundle-'))
  const contents = {
    'model.onnx': model,
    'tokenizer.json': '{}',
    'config.json': readFileSync(join(baseModel, 'config.json')),
  }
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(folder, name), content)
  const manifest = {
    schema: 1,
    name: 'toy',
    version,
    files: Object.keys(contents).map((path) => facts(folder, path)),
  }
  return finish(folder, manifest)
}

/** The bundle that ships, under another version; `expect` shifts what its self-test expects. */
export function workingBundle(version: string, expect = 0): TestBundle {
  const folder = mkdtempSync(join(tmpdir(), 'fnd-bundle-'))
  cpSync(baseModel, folder, { recursive: true })
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
    selfTest: { inputs: { fake: number }[] }
  }
  for (const input of manifest.selfTest.inputs) input.fake = Math.max(0, Math.min(1, input.fake + expect))
  return finish(folder, { ...manifest, version })
}

/** The bundle that ships, as if it had been trained on texts cleaned otherwise. */
export function normalizingBundle(normalization: Normalization): TestBundle {
  const folder = mkdtempSync(join(tmpdir(), 'fnd-bundle-'))
  cpSync(baseModel, folder, { recursive: true })
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as object
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, normalization }))
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
    files: { path: string }[]
  }
  return finish(folder, { ...manifest, files: manifest.files.map(({ path }) => facts(folder, path)) })
}

/** The bundle that ships, made to be sure of almost nothing: it says Uncertain where the other has a verdict. */
export function doubtfulBundle(version: string): TestBundle {
  using whole = workingBundle(version)
  const folder = mkdtempSync(join(tmpdir(), 'fnd-bundle-'))
  cpSync(whole.folder, folder, { recursive: true })
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'))
  const config = read('config.json') as { thresholds: Record<string, number> }
  for (const name of ['accept', 'fake', 'headline']) config.thresholds[name] = 1
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  const manifest = read('manifest.json') as { files: { path: string }[] }
  return finish(folder, { ...manifest, files: manifest.files.map(({ path }) => facts(folder, path)) })
}

function finish(folder: string, manifest: unknown): TestBundle {
  mkdirSync(folder, { recursive: true })
  const text = JSON.stringify(manifest)
  writeFileSync(join(folder, 'manifest.json'), text)
  return {
    folder,
    sha256: createHash('sha256').update(text).digest('hex'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function facts(folder: string, path: string): { path: string; size: number; sha256: string } {
  const bytes = readFileSync(join(folder, path))
  return { path, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}
