// One external program from its start to its end, with real processes.

import { expect, it } from 'vitest'
import { identify } from '../../../src/runtime/identity.ts'
import { runProgram } from '../../../src/runtime/run-program.ts'

const never = new AbortController().signal
const sh = (script: string, more: Partial<Parameters<typeof runProgram>[2]> = {}) =>
  runProgram('/bin/sh', ['-c', script], { env: process.env, signal: never, patience: 20_000, ...more })

it('what it prints on stdout comes back, every line is told', async () => {
  const lines: string[] = []
  const said = await sh('echo out; echo err >&2; cat', { input: 'in\n', onLine: (line) => lines.push(line) })
  expect(said).toBe('out\nin')
  expect(lines.sort()).toEqual(['err', 'in', 'out'])
})

it('a failure keeps its last lines, or says how it ended', async () => {
  await expect(sh('seq 20; echo no room >&2; exit 3')).rejects.toMatchObject({
    code: 'FND_COMMAND_FAILED',
    message: expect.stringMatching(/failed: .*20.*no room|failed: .*no room.*20/),
  })
  await expect(sh('exit 3')).rejects.toThrow('exit code 3')
  await expect(sh('kill -9 $$')).rejects.toThrow('killed by SIGKILL')
  await expect(
    runProgram('/no/such/program', [], { env: {}, signal: never, patience: 1000 }),
  ).rejects.toMatchObject({ code: 'FND_COMMAND_FAILED' })
})

it('one that is cancelled takes along what it has started', async () => {
  const cancel = new AbortController()
  const started = new Promise<number>((resolve) => {
    // The grandchild does not listen to SIGTERM and has no part in the pipes.
    const script = 'sh -c \'trap "" TERM; sleep 60\' >/dev/null 2>&1 & echo $!; wait'
    sh(script, { signal: cancel.signal, onLine: (line) => resolve(Number(line)) }).catch((error) => {
      ended = error
    })
  })
  let ended: Error | undefined
  const grandchild = await started
  expect(identify(grandchild)).toBeDefined()
  cancel.abort()
  await expect.poll(() => ended?.name).toBe('AbortError')
  await expect.poll(() => identify(grandchild)).toBeUndefined()
})

it('one that takes too long is ended, with its last words', async () => {
  const error = await sh('echo at it; sleep 60', { patience: 300 }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'FND_TIMEOUT', message: expect.stringContaining('at it') })
})

it('one that never stops printing is ended', async () => {
  await expect(sh('yes "$(seq 10000)" | tr "\\n" " "')).rejects.toThrow('it printed more than')
})
