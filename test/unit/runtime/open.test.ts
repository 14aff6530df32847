// Which runtime a command gets, with a stand-in for the docker client that leaves a trace when it is asked.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadSettings } from '../../../src/config/load.ts'
import { resolvePaths } from '../../../src/config/paths.ts'
import {
  openForRemoval,
  openRuntime,
  openStack,
  openWhereItStands,
  refuseElsewhere,
} from '../../../src/runtime/open.ts'
import { writeRecord } from '../../../src/runtime/record.ts'
import type { StackSetup } from '../../../src/runtime/runtime.ts'

const never = new AbortController().signal
let folder: string
const asked = () => existsSync(join(folder, 'asked'))

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fnd-open-'))
  writeFileSync(join(folder, 'docker'), `#!/bin/sh\ntouch ${folder}/asked\necho 27.0.0\n`, { mode: 0o755 })
})
afterEach(() => rmSync(folder, { recursive: true }))

async function setup(flags: Record<string, string> = {}): Promise<StackSetup> {
  const env = { PATH: process.env.PATH, FND_STATE_DIR: folder, FND_CACHE_DIR: folder }
  const docker = { 'programs.docker': join(folder, 'docker') }
  const settings = await loadSettings({ flags: { ...docker, ...flags }, env, cwd: folder })
  return { settings, paths: resolvePaths(env, folder), env }
}

it('to bring a stack up, Docker is asked', async () => {
  expect(await openRuntime(await setup(), never)).toMatchObject({
    name: 'kind',
    why: 'a Docker engine answers (27.0.0)',
  })
  expect(asked()).toBe(true)
})

it.each([{}, { runtime: 'kind' }, { runtime: 'local' }])(
  'a stack that nobody brought up is absent without asking anybody: %j',
  async (flags) => {
    await expect(openStack(await setup(flags), never)).rejects.toMatchObject({ code: 'FND_STACK_ABSENT' })
    expect(asked()).toBe(false)
  },
)

it('a stack is found where its record says, which may be of an `up` that was interrupted', async () => {
  const given = await setup()
  writeRecord(given.paths, { name: 'fnd', runtime: 'local' })
  const why = 'an earlier `fnd up` chose it'
  expect(await openStack(given, never)).toMatchObject({ name: 'local', why })
  expect(asked()).toBe(false)
})

it('a stack that is looked at is looked for where its record says, else where it would be brought up', async () => {
  const given = await setup({ runtime: 'kind' })
  expect(await openWhereItStands(given, never)).toMatchObject({ name: 'kind' })
  writeRecord(given.paths, { name: 'fnd', runtime: 'local' })
  expect(await openWhereItStands(given, never)).toMatchObject({ name: 'local' })
})

it('a context that was named needs no record', async () => {
  expect(await openStack(await setup({ context: 'elsewhere' }), never)).toMatchObject({ name: 'cluster' })
  expect(asked()).toBe(false)
})

it.each([
  [{ runtime: 'local' } as const, { runtime: 'kind' }, 'kind'],
  [{ runtime: 'local' } as const, { context: 'b' }, 'cluster, context b'],
  [{ runtime: 'cluster', context: 'a' } as const, { context: 'b' }, 'cluster, context b'],
])('a stack that is up at %j is not brought up once more with %j', async (record, flags, asked) => {
  const given = await setup(flags)
  writeRecord(given.paths, { name: 'fnd', ...record })
  const { name } = await openRuntime(given, never)
  const refused = await refuseElsewhere(name, given).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'FND_STACK_ELSEWHERE', message: expect.stringContaining(asked) })
})

it.each([
  [{ runtime: 'local' } as const, {}],
  [{ runtime: 'local' } as const, { runtime: 'local', context: 'b' }],
  [{ runtime: 'cluster', context: 'a' } as const, { context: 'a' }],
  [{ runtime: 'cluster', context: 'a' } as const, {}],
])('a stack that is up at %j is gone on with by %j', async (record, flags) => {
  const given = await setup(flags)
  writeRecord(given.paths, { name: 'fnd', ...record })
  const { name } = await openRuntime(given, never)
  await expect(refuseElsewhere(name, given)).resolves.toBeUndefined()
})

it('a stack is used and removed where it stands, whatever the settings would take for a new one', async () => {
  const given = await setup({ runtime: 'local' })
  await writeRecord(given.paths, { name: 'fnd', runtime: 'kind' })
  expect((await openStack(given, never)).name).toBe('kind')
  expect((await openForRemoval(given, never)).name).toBe('kind')
})

it('a stack is not removed when another context is named than its own', async () => {
  const given = await setup({ context: 'b' })
  await writeRecord(given.paths, { name: 'fnd', runtime: 'cluster', context: 'a' })
  await expect(openForRemoval(given, never)).rejects.toMatchObject({
    code: 'FND_STACK_ELSEWHERE',
    hint: expect.stringContaining('`FND_CONTEXT=a fnd down`'),
  })
})
