// Drives client.js: many clients on one address, with as little cost as can be.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/**
 * A process that plays clients. `send` posts each body once, or round and round for `seconds`, and resolves to the
 * answers (status, retryAfter, ms), the seconds it took and the CPU seconds that the clients used.
 */
export function startClients() {
  const child = fork(fileURLToPath(new URL('client.js', import.meta.url)))
  return {
    async send(load) {
      child.send(load)
      const [result] = await once(child, 'message')
      return result
    },
    stop: () => child.disconnect(),
  }
}
