// The models that ship with fnd, by their names, wherever a command takes a model.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptyHome, type Home } from '../support/program.ts'

const TEXT = 'The harbour council voted on Tuesday to widen the northern quay, a project of eighteen months.'

let home: Home
beforeAll(() => {
  home = emptyHome()
})
afterAll(() => home[Symbol.dispose]())

async function data(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { code, stdout } = await home.fnd([...args, '--json'], { env })
  expect(code, stdout).toBe(0)
  return JSON.parse(stdout).data
}

describe.each([
  ['base', 'fnd-base'],
  ['fast', 'fnd-fast'],
])('%s', (name, expected) => {
  it(`is ${expected} for predict, info and verify`, async () => {
    const [judged, info, verified] = await Promise.all([
      data(['predict', '--model', name, TEXT]),
      data(['model', 'info', name]),
      data(['model', 'verify', name]),
    ])
    expect([judged.model.name, info.name, verified.name]).toEqual([expected, expected, expected])
    expect(verified.passed).toBe(true)
  })
})

it('the setting takes the same names; without any it is base', async () => {
  const [set, unset] = await Promise.all([
    data(['model', 'info'], { FND_MODEL: 'fast' }),
    data(['model', 'info']),
  ])
  expect([set.name, unset.name]).toEqual(['fnd-fast', 'fnd-base'])
})

it('beside a ready-made image, which has a model of its own, a name is refused', async () => {
  const image = ['--runtime', 'cluster', '--context', 'nowhere', '--image', 'example.org/fnd:1']
  const { code, stderr } = await home.fnd(['up', ...image, '--model', 'fast'])
  expect(code).toBe(2)
  expect(stderr).toContain('fast would not be used')
})

it('a folder called fast is meant by its path', async () => {
  mkdirSync(join(home.folder, 'fast'))
  expect((await data(['model', 'info', 'fast'])).name).toBe('fnd-fast')
  const { code, stderr } = await home.fnd(['model', 'info', './fast'])
  expect(code).toBe(4)
  expect(stderr).toContain('[FND_MODEL_MISSING]')
})

it('a name that means nothing says which do', async () => {
  const { code, stderr } = await home.fnd(['predict', '--model', 'fsat', TEXT])
  expect(code).toBe(4)
  expect(stderr).toContain('base, fast')
})
