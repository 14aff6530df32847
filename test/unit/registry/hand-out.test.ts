// Where `fnd model pull --to` may put a bundle.

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { handOut } from '../../../src/registry/hand-out.ts'

let folder: string
let bundle: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fnd-hand-out-'))
  bundle = join(folder, 'cached')
  await mkdir(bundle)
  await writeFile(join(bundle, 'manifest.json'), 'new')
})
afterEach(() => rm(folder, { recursive: true }))

/** A folder with one file. */
async function holding(file: string): Promise<string> {
  const to = join(folder, 'mine')
  await mkdir(to)
  await writeFile(join(to, file), 'old')
  return to
}

it('makes a new folder, with those above it', async () => {
  const to = join(folder, 'a/b')
  await handOut(bundle, to)
  expect(await readFile(join(to, 'manifest.json'), 'utf8')).toBe('new')
})

it('replaces another bundle as a whole, and leaves nothing beside it', async () => {
  const to = await holding('manifest.json')
  await writeFile(join(to, 'surplus.bin'), '')
  await handOut(bundle, to)
  expect(await readdir(to)).toEqual(['manifest.json'])
  expect(await readFile(join(to, 'manifest.json'), 'utf8')).toBe('new')
  expect((await readdir(folder)).sort()).toEqual(['cached', 'mine'])
})

it('leaves a folder with anything else as it is', async () => {
  const to = await holding('thesis.txt')
  await expect(handOut(bundle, to)).rejects.toMatchObject({ code: 'FND_FOLDER_FOREIGN' })
  expect(await readdir(to)).toEqual(['thesis.txt'])
})

it('leaves what was there when the copy fails', async () => {
  const to = await holding('manifest.json')
  await expect(handOut(join(folder, 'none'), to)).rejects.toMatchObject({ code: 'FND_FILE_UNWRITABLE' })
  expect(await readFile(join(to, 'manifest.json'), 'utf8')).toBe('old')
  expect((await readdir(folder)).sort()).toEqual(['cached', 'mine'])
})
