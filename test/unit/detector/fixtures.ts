// What the reference (Python) gave for self-written texts: cleaned text, token ids; and cleaned texts by normaliser.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Normalization } from '../../../src/detector/clean.ts'

interface Fixture {
  raw: string
  normalized: string
  /** In the word-piece vocabulary of BERT, uncased. */
  ids: number[]
}

/** Cleaned as `news-v1` does. */
export const fixtures = rowsOf<Fixture>('fixtures.jsonl')

/** Texts with disguised words, as each normaliser cleans them. */
export const disguised = rowsOf<{ raw: string } & Record<Normalization, string>>('disguised.jsonl')

function rowsOf<T>(name: string): T[] {
  const path = fileURLToPath(new URL(`../../fixtures/detector/${name}`, import.meta.url))
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T)
}
