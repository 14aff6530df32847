// What the reference (Python) gave for self-written texts: cleaned text, token ids, probability of fake.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

interface Fixture {
  raw: string
  normalized: string
  ids: number[]
  logits: [number, number]
  fake: number
}

const path = fileURLToPath(new URL('../../fixtures/detector/fixtures.jsonl', import.meta.url))

export const fixtures = readFileSync(path, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line) as Fixture)
