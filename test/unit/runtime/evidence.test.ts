// How much evidence is kept, and of which stack.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { resolvePaths } from '../../../src/config/paths.ts'
import { keepEvidence } from '../../../src/runtime/evidence.ts'

let cache: string
const before = (name: string, day: number) =>
  mkdirSync(join(cache, 'evidence', `${name}-2020-01-0${day}T120000.000Z`), { recursive: true })

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'fnd-evidence-'))
})
afterEach(() => rmSync(cache, { recursive: true }))

it('the oldest of the same stack give way, and those of no other', async () => {
  for (let day = 1; day <= 5; day++) for (const name of ['a', 'a-b', 'z']) before(name, day)
  const folder = await keepEvidence(resolvePaths({ FND_CACHE_DIR: cache }, '/'), 'a', async () => {})
  expect(existsSync(folder)).toBe(true)
  const kept = readdirSync(join(cache, 'evidence'))
  expect(kept).toHaveLength(15)
  expect(kept).not.toContain('a-2020-01-01T120000.000Z')
})
