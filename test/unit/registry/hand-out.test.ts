// Where `fnd model pull --to` may put a bundle.

import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { handOut } from '../../../src/registry/hand-out.ts'

let folder: string
let bundle: string
let to: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fnd-hand-out-'))
  bundle = await bundleOf('cached', 'new.onnx')
  to = join(folder, 'mine')
})
afterEach(() => rm(folder, { recursive: true }))

/** A folder with one file and the manifest that lists it. */
async function bundleOf(name: string, file: string): Promise<string> {
  await mkdir(join(folder, name))
  const files = [{ path: file, size: 0, sha256: '0'.repeat(64) }]
  const manifest = { schema: 1, name, version: '1', files }
  await writeFile(join(folder, name, 'manifest.json'), JSON.stringify(manifest))
  await writeFile(join(folder, name, file), '')
  return join(folder, name)
}

const inside = async (path: string) => (await readdir(path)).sort()

it('makes a new folder, with those above it', async () => {
  await handOut(bundle, join(folder, 'a/b'))
  expect(await inside(join(folder, 'a/b'))).toEqual(['manifest.json', 'new.onnx'])
})

it('replaces another bundle as a whole, and leaves nothing beside it', async () => {
  await bundleOf('mine', 'old.onnx')
  await handOut(bundle, to)
  expect(await inside(to)).toEqual(['manifest.json', 'new.onnx'])
  expect(await inside(folder)).toEqual(['cached', 'mine'])
})

it('keeps the folder itself: a link to one stays a link', async () => {
  await bundleOf('elsewhere', 'old.onnx')
  await symlink('elsewhere', to)
  await handOut(bundle, to)
  expect(await inside(join(folder, 'elsewhere'))).toEqual(['manifest.json', 'new.onnx'])
})

it('what an earlier copy left when it was killed goes too', async () => {
  await mkdir(join(to, '.fnd-12345678-new'), { recursive: true })
  await handOut(bundle, to)
  expect(await inside(to)).toEqual(['manifest.json', 'new.onnx'])
})

it.each([
  ['any other file', async () => writeFile(join(to, 'thesis.txt'), '')],
  [
    'the manifest of something else',
    async () => writeFile(join(to, 'manifest.json'), '{"manifest_version":3}'),
  ],
  [
    'a file more than the bundle has',
    async () => {
      await rm(to, { recursive: true })
      await bundleOf('mine', 'old.onnx')
      await writeFile(join(to, 'thesis.txt'), '')
    },
  ],
])('leaves a folder with %s as it is', async (_, fill) => {
  await mkdir(to)
  await fill()
  const before = await inside(to)
  await expect(handOut(bundle, to)).rejects.toMatchObject({ code: 'FND_FOLDER_FOREIGN' })
  expect(await inside(to)).toEqual(before)
})

it('leaves what was there when the copy fails, and no folder that it made', async () => {
  await bundleOf('mine', 'old.onnx')
  for (const path of [to, join(folder, 'a/b')])
    await expect(handOut(join(folder, 'none'), path)).rejects.toMatchObject({ code: 'FND_FILE_UNWRITABLE' })
  expect(await inside(to)).toEqual(['manifest.json', 'old.onnx'])
  expect(await inside(folder)).toEqual(['cached', 'mine'])
})
