// Where `fnd model pull --to` may put a bundle.

import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { handOut as handOutOf } from '../../../src/registry/hand-out.ts'

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

const handOut = (from: string, into: string) =>
  handOutOf(from, into, { signal: AbortSignal.timeout(10_000), progress: { update: () => {} } })
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

it('goes on from a copy that was killed between its moves', async () => {
  await bundleOf('mine', 'old.onnx')
  await mkdir(join(to, '.fnd-old'))
  await rename(join(to, 'manifest.json'), join(to, '.fnd-old/manifest.json'))
  await mkdir(join(to, '.fnd-new'))
  await handOut(bundle, to)
  expect(await inside(to)).toEqual(['manifest.json', 'new.onnx'])
})

it('two copies at once into one folder leave it whole', async () => {
  for (let i = 0; i < 10; i++) {
    const path = join(folder, `both-${i}`)
    await Promise.all([handOut(bundle, path), handOut(bundle, path)])
    expect(await inside(path)).toEqual(['manifest.json', 'new.onnx'])
  }
})

it('takes along the signatures of a bundle, as often as it is asked to', async () => {
  await mkdir(join(bundle, 'signatures'))
  await writeFile(join(bundle, 'signatures/key.sig'), '')
  for (let i = 0; i < 2; i++) await handOut(bundle, to)
  expect(await inside(to)).toEqual(['manifest.json', 'new.onnx', 'signatures'])
  expect(await inside(join(to, 'signatures'))).toEqual(['key.sig'])
})

it.each([
  ['any other file', async () => writeFile(join(to, '.fnd-notes'), '')],
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

it('says of a file that it is no folder, and leaves it', async () => {
  await writeFile(to, 'mine')
  for (const path of [to, join(to, 'below')])
    await expect(handOut(bundle, path)).rejects.toMatchObject({
      code: 'FND_FILE_UNWRITABLE',
      message: expect.not.stringContaining('.fnd-'),
    })
  expect(await readFile(to, 'utf8')).toBe('mine')
})

// PATH_MAX of Linux counts the byte at the end.
it.skipIf(platform() !== 'linux')('puts back what was there when a file cannot be moved', async () => {
  const long = 'x'.repeat(200)
  while (to.length + 150 < 3890) to = join(to, 'y'.repeat(Math.min(150, 3890 - to.length - 1)))
  to = join(to, 'z'.repeat(3890 - to.length - 1))
  await mkdir(to, { recursive: true })
  const files = [{ path: long, size: 0, sha256: '0'.repeat(64) }]
  await writeFile(join(to, 'manifest.json'), JSON.stringify({ schema: 1, name: 'm', version: '1', files }))
  await writeFile(join(to, long), '')
  await expect(handOut(bundle, to)).rejects.toMatchObject({ code: 'FND_FILE_UNWRITABLE' })
  expect(await inside(to)).toEqual(['manifest.json', long])
})
