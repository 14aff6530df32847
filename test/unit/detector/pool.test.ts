import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { loadBundle } from '../../../src/detector/bundle.ts'
import { createPool, Leave, WorkerDied } from '../../../src/detector/pool.ts'

const entry = fileURLToPath(new URL('../../fixtures/detector/dying-worker.js', import.meta.url))

test('a worker that dies of a text fails that text, is replaced, and the next text is read', async () => {
  const source = await loadBundle('bundled')
  const restarts: string[] = []
  let idle = (): void => {}
  const pool = createPool({
    entry,
    source,
    size: 1,
    onIdle: () => idle(),
    onRestart: (why) => restarts.push(why),
  })
  await pool.ready
  await expect(pool.read('die', 'none', new Leave())).rejects.toBeInstanceOf(WorkerDied)
  expect(restarts).toEqual(['the thread ended with code 7'])
  expect(pool.count()).toEqual({ ready: 0, busy: 0, starting: 1 })
  await new Promise<void>((resolve) => {
    idle = resolve
  })
  expect(await pool.read('four', 'none', new Leave())).toEqual({ kind: 'too_short', characters: 4 })
  await expect(pool.read('fail', 'none', new Leave())).rejects.toThrow('no')
  expect(pool.idle).toBe(1)
  await pool.close()
})

test('a worker that does not stop when told to is taken to hang, and replaced', async () => {
  const source = await loadBundle('bundled')
  const restarts: string[] = []
  let idle = (): void => {}
  const pool = createPool({
    entry,
    source,
    size: 1,
    onIdle: () => idle(),
    onRestart: (why) => restarts.push(why),
    patience: 20,
  })
  await pool.ready
  const leave = new Leave()
  const hung = pool.read('hang', 'none', leave)
  leave.go()
  await expect(hung).rejects.toBeInstanceOf(WorkerDied)
  expect(restarts).toHaveLength(1)
  await new Promise<void>((resolve) => {
    idle = resolve
  })
  expect(await pool.read('four', 'none', new Leave())).toEqual({ kind: 'too_short', characters: 4 })
  await pool.close()
})

test('a worker that cannot start is reported, not retried', async () => {
  const source = await loadBundle('bundled')
  const pool = createPool({
    entry: `${entry}.absent`,
    source,
    size: 1,
    onIdle: () => {},
    onRestart: () => {},
  })
  await expect(pool.ready).rejects.toThrow('absent')
  await pool.close()
})
