// A bundle answers its own reference texts before it is served.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDetector } from '../../../src/detector/create.ts'
import { baseModel } from '../../support/bundle.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fnd-self-test-'))
  cpSync(baseModel, folder, { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Has the manifest expect another probability for its third text. */
function expectOtherwise(by: number): void {
  const path = join(folder, 'manifest.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { selfTest: { inputs: { fake: number }[] } }
  const third = manifest.selfTest.inputs[2]
  if (third) third.fake += by
  writeFileSync(path, JSON.stringify(manifest))
}

test('a bundle that answers otherwise than its manifest says is refused, with the text and both answers', async () => {
  expectOtherwise(-0.05)
  await expect(createDetector({ model: folder, workers: 1, deadline: 10 })).rejects.toMatchObject({
    code: 'FND_MODEL_SELF_TEST',
    params: { place: folder, text: 3 },
  })
})

test('a difference within the tolerance is rounding', async () => {
  expectOtherwise(-0.01)
  await using detector = await createDetector({ model: folder, workers: 1, deadline: 10 })
  expect(detector.load().workers).toMatchObject({ ready: 1 })
})
