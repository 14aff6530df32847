// Looks at /health often, and at /metrics fifteen times as often as Prometheus would, while something else goes on.

import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'

/** Milliseconds between two looks. */
const EVERY = { '/health': 50, '/metrics': 1000 }

/** Probes until `stop`, which resolves to the milliseconds of each answer and how many were not 200. */
export function startProbes(origin) {
  const pool = new Pool(origin, { connections: 2 })
  let working = true
  let errors = 0
  const probe = async (path) => {
    const times = []
    while (working) {
      const before = performance.now()
      const { statusCode, body } = await pool.request({ path, method: 'GET' })
      await body.dump()
      if (statusCode !== 200) errors++
      times.push(performance.now() - before)
      await sleep(EVERY[path])
    }
    return [path, times]
  }
  const probes = Promise.all(Object.keys(EVERY).map(probe))
  return {
    async stop() {
      working = false
      const times = Object.fromEntries(await probes)
      await pool.close()
      return { times, errors }
    },
  }
}
