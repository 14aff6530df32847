// Packages are laid out so that each finds the version that it finds where fnd is installed, however that was done.

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { placePackages } from '../../../src/image/packages.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fnd-packages-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const install = async (place: string, json: object = {}) => {
  await mkdir(join(root, place), { recursive: true })
  await writeFile(join(root, place, 'package.json'), JSON.stringify(json))
}
const needs = (...names: string[]) => ({
  dependencies: Object.fromEntries(names.map((name) => [name, '*'])),
})
const places = async (...names: string[]) =>
  (await placePackages(join(root, 'app'), names)).map(({ place, folder }) => [
    place,
    folder.slice(root.length + 1),
  ])

describe('the packages of an image', () => {
  it('keep a nested version beneath whoever asks for it', async () => {
    await install('app/node_modules/a', needs('c'))
    await install('app/node_modules/a/node_modules/c')
    await install('app/node_modules/b', needs('c'))
    await install('app/node_modules/c')
    expect(await places('a', 'b', 'c')).toEqual([
      ['node_modules/a', 'app/node_modules/a'],
      ['node_modules/a/node_modules/c', 'app/node_modules/a/node_modules/c'],
      ['node_modules/b', 'app/node_modules/b'],
      ['node_modules/c', 'app/node_modules/c'],
    ])
  })

  it('are found beside this package, where npm installs flat', async () => {
    await install('node_modules/a')
    await install('app')
    expect(await places('a')).toEqual([['node_modules/a', 'node_modules/a']])
  })

  it('are found through the links of a linked installation', async () => {
    await install('store/a@1/node_modules/a', needs('b'))
    await install('store/b@2/node_modules/b')
    await symlink(join(root, 'store/b@2/node_modules/b'), join(root, 'store/a@1/node_modules/b'))
    await mkdir(join(root, 'app/node_modules'), { recursive: true })
    await symlink(join(root, 'store/a@1/node_modules/a'), join(root, 'app/node_modules/a'))
    expect(await places('a')).toEqual([
      ['node_modules/a', 'store/a@1/node_modules/a'],
      ['node_modules/b', 'store/b@2/node_modules/b'],
    ])
  })

  it('may miss an optional one, but no other', async () => {
    await install('app/node_modules/a', { optionalDependencies: { gone: '*' } })
    expect(await places('a')).toHaveLength(1)
    await install('app/node_modules/a', needs('gone'))
    await expect(places('a')).rejects.toMatchObject({
      code: 'FND_INSTALLATION_INCOMPLETE',
      params: { missing: 'gone' },
    })
  })

  it('may need each other', async () => {
    await install('app/node_modules/a', needs('b'))
    await install('app/node_modules/b', needs('a'))
    expect(await places('a')).toHaveLength(2)
  })
})
