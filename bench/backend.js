// A real `fnd serve` in an empty home, on a port that the system chooses, and what it uses of the machine.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ALLOCATOR } from '../dist/detector/allocator.js'
import { packageRoot } from '../dist/package.js'
import { MODEL } from './bare.js'

/** Resolves once it is ready. Its log goes to a file, as under `fnd up`. */
export async function startBackend({ workers, deadline }) {
  const home = mkdtempSync(join(tmpdir(), 'fnd-bench-'))
  const log = join(home, 'log')
  const child = spawn(process.execPath, [join(packageRoot, 'bin/fnd.js'), 'serve'], {
    cwd: home,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      // As the supervisor and the image start it.
      ...ALLOCATOR,
      FND_MODEL: MODEL,
      FND_PORTS_BACKEND: '0',
      FND_BACKEND_WORKERS: String(workers),
      FND_BACKEND_DEADLINE: String(deadline),
    },
    stdio: ['ignore', openSync(log, 'w'), 'inherit'],
  })
  const ended = once(child, 'exit')
  while (!readFileSync(log, 'utf8').includes('"ready"')) {
    if (child.exitCode !== null) throw new Error(`the backend ended:\n${readFileSync(log, 'utf8')}`)
    await sleep(50)
  }
  const status = (field) =>
    Number(
      new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1],
    )
  return {
    origin: /http:\/\/[\d.]+:\d+/.exec(readFileSync(log, 'utf8'))?.[0],
    residentBytes: () => 1024 * status('VmRSS'),
    /** CPU seconds so far: the event loop, the threads that run the model (the busiest, one a worker), all others. */
    cpuSeconds() {
      const threads = readdirSync(`/proc/${child.pid}/task`).map((id) => ({
        id: Number(id),
        seconds: Number(readFileSync(`/proc/${child.pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]) / 1e9,
      }))
      const sum = (some) => some.reduce((total, { seconds }) => total + seconds, 0)
      const rest = threads.filter(({ id }) => id !== child.pid).sort((a, b) => b.seconds - a.seconds)
      return {
        loop: sum(threads.filter(({ id }) => id === child.pid)),
        inference: sum(rest.slice(0, workers)),
        other: sum(rest.slice(workers)),
      }
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
      rmSync(home, { recursive: true, force: true })
    },
  }
}
