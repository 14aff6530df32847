// Taking a stack down while one of its processes takes its time.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { identify } from '../../../src/runtime/identity.ts'
import { layoutOf } from '../../../src/runtime/local/layout.ts'
import { takeDown } from '../../../src/runtime/local/take-down.ts'
import { writeState } from '../../../src/runtime/state-file.ts'

it('Ctrl-C ends the wait and leaves the folder, so that down can be run again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fnd-down-'))
  const layout = layoutOf(folder)
  const stubborn = spawn('/bin/sh', ['-c', 'trap "" TERM; echo up; while :; do sleep 0.1; done'])
  try {
    await once(stubborn.stdout, 'data')
    const known = identify(stubborn.pid ?? 0)
    if (!known) throw new Error('the process cannot be identified')
    const supervisor = { ...known, started: 'of another time' }
    const component = { component: 'backend', hash: 'one', process: known, state: 'running', restarts: 0 }
    writeState(layout.observed, { supervisor, components: [component] })
    const interrupt = new AbortController()
    const progress = { update: () => interrupt.abort() }
    await expect(takeDown(layout, progress, interrupt.signal)).rejects.toThrow('aborted')
    expect(existsSync(layout.observed)).toBe(true)
  } finally {
    stubborn.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
})
