// The build context is written where nothing is lost: a new or empty folder, or one that fnd wrote itself.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type ImageContext, writeContext } from '../../../src/image/context.ts'

let folder: string
let context: ImageContext

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fnd-context-'))
  const source = join(folder, 'source')
  await writeFile(source, 'FROM scratch')
  const files = [{ path: 'Dockerfile', source, bytes: 12, sha256: '' }]
  context = { reference: 'localhost/fnd-backend:1', base: 'scratch', files, bytes: 12 }
})
afterEach(() => rm(folder, { recursive: true }))

it('leaves a folder alone that holds something else', async () => {
  await expect(writeContext(context, folder)).rejects.toMatchObject({ code: 'FND_FOLDER_FOREIGN' })
  expect(await readdir(folder)).toEqual(['source'])
})

it('replaces the whole of an earlier context', async () => {
  const target = join(folder, 'context')
  await writeContext(context, target)
  await writeFile(join(target, 'old'), '')
  await writeContext(context, target)
  expect(await readdir(target)).toEqual(['.fnd-image-context', 'Dockerfile'])
  expect(await readFile(join(target, 'Dockerfile'), 'utf8')).toBe('FROM scratch')
})
