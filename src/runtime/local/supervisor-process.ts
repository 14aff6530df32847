// The process that `up` leaves behind: the supervisor of the stack whose folder is its one argument.

import { isFndError } from '../../errors/error.ts'
import { identify } from '../identity.ts'
import { acquireLock } from '../lock.ts'
import { layoutOf } from './layout.ts'
import { supervise } from './supervisor.ts'

const stop = new AbortController()
const reload = new EventTarget()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort())
process.on('SIGHUP', () => reload.dispatchEvent(new Event('reload')))

const layout = layoutOf(process.argv[2] ?? '.')
const self = identify(process.pid)
if (!self) throw new Error('this process cannot be identified')
try {
  await using _ = await acquireLock(layout.supervisorLock, {
    seconds: 0,
    signal: stop.signal,
    progress: { update: () => {} },
  })
  await supervise({ layout, self, env: process.env, reload, stop: stop.signal })
} catch (error) {
  // Another supervisor keeps this stack already: two runs of `up` met.
  if (!isFndError(error, 'FND_BUSY') && !stop.signal.aborted) throw error
}
