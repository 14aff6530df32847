// The normaliser that a bundle names is used for all that is read of a text, its language too.

import { expect, test } from 'vitest'
import { createInlineDetector } from '../../../src/detector/inline.ts'
import { normalizingBundle } from '../../support/bundle.ts'

const PLAIN =
  'The council approved a road repair scheme on Tuesday, and the mayor said that the work would cost each home less than it had last year.'
const CYRILLIC: Readonly<Record<string, string>> = {
  a: '\u0430',
  c: '\u0441',
  e: '\u0435',
  h: '\u04bb',
  i: '\u0456',
  o: '\u043e',
  p: '\u0440',
  s: '\u0455',
  y: '\u0443',
}
/** Most of its letters are Cyrillic, but each word keeps a Latin one. */
const DISGUISED = PLAIN.replace(/[aceihopsy](?=\w)/g, (letter) => CYRILLIC[letter] ?? letter)

async function judged(normalization: 'news-v1' | 'news-v2', text: string) {
  using bundle = normalizingBundle(normalization)
  await using detector = await createInlineDetector({ model: bundle.folder })
  const { latencyMs: _, model: __, ...verdict } = await detector.predict(text)
  return verdict
}

test('under news-v2 a disguised text is read as the plain one, and is English', async () => {
  const plain = await judged('news-v2', PLAIN)
  expect(plain.reason).not.toBe('not_english')
  expect(await judged('news-v2', DISGUISED)).toEqual(plain)
})

test('under news-v1 it is read as it stands', async () => {
  expect((await judged('news-v1', DISGUISED)).reason).toBe('not_english')
})
