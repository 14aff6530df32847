// A supervisor on a disk that takes nothing: what it started is kept once, and nothing is left of it.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { identify, isAlive } from '../../../src/runtime/identity.ts'
import { layoutOf } from '../../../src/runtime/local/layout.ts'
import { observedState } from '../../../src/runtime/local/state.ts'
import { supervise } from '../../../src/runtime/local/supervisor.ts'
import { readState, writeState } from '../../../src/runtime/state-file.ts'

it('goes on while its record cannot be written, and writes it when it can', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fnd-supervisor-'))
  mkdirSync(join(folder, 'logs'))
  const layout = { ...layoutOf(folder), observed: join(folder, 'full', 'observed.json') }
  const starts = join(folder, 'starts')
  writeState(layout.desired, {
    name: 'fnd',
    missing: [],
    components: [
      {
        component: 'backend',
        command: '/bin/sh',
        args: ['-c', `echo started >> ${starts}; exec sleep 600`],
        env: {},
        files: {},
        url: 'http://127.0.0.1:1',
        probe: '/',
        grace: 5,
        hash: 'one',
      },
    ],
  })
  const self = identify(process.pid)
  if (!self) throw new Error('this process cannot be identified')
  const stop = new AbortController()
  const ended = supervise({ layout, self, env: process.env, reload: new EventTarget(), stop: stop.signal })
  try {
    await expect.poll(() => existsSync(starts)).toBe(true)
    mkdirSync(join(folder, 'full'))
    const known = () => readState(layout.observed, observedState)?.components[0]?.process
    await expect.poll(known, { timeout: 10_000 }).toBeDefined()
    const process = known()
    expect(process && isAlive(process)).toBe(true)
    stop.abort()
    await ended
    expect(process && isAlive(process)).toBe(false)
    expect(readFileSync(starts, 'utf8')).toBe('started\n')
  } finally {
    stop.abort()
    await ended
    rmSync(folder, { recursive: true })
  }
})
