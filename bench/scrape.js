// What one scrape costs a real `fnd serve` in CPU, beside one look at /health: absolute times say more about the neighbours.

import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import { startBackend } from './backend.js'
import { median } from './figures.js'

const ROUNDS = Number(process.env.FND_BENCH_ROUNDS ?? 5)
const LOOKS = 40
/** Scrapes are apart: code and caches are as cold as Prometheus finds them. */
const APART_MS = 200

export async function run() {
  const backend = await startBackend({ workers: 1, deadline: 60 })
  try {
    const idle = await cpuOf(backend)
    const rounds = []
    for (let round = 0; round < ROUNDS; round++) {
      const [health, metrics] = [await cpuOf(backend, '/health'), await cpuOf(backend, '/metrics')]
      rounds.push({ health: health - idle, metrics: metrics - idle })
    }
    const page = await (await request(`${backend.origin}/metrics`)).body.text()
    const series = page.split('\n').filter((line) => line && !line.startsWith('#')).length
    const ms = (path) => median(rounds.map((round) => round[path])).toFixed(2)
    console.log(`${series} series, ${page.length} bytes`)
    console.log(`CPU of the event loop a request: /health ${ms('health')} ms, /metrics ${ms('metrics')} ms`)
  } finally {
    await backend.stop()
  }
}

/** Milliseconds of the event loop for each look at a path; without one, for each pause. */
async function cpuOf(backend, path) {
  const before = backend.cpuSeconds().loop
  for (let look = 0; look < LOOKS; look++) {
    if (path) await (await request(`${backend.origin}${path}`)).body.dump()
    await sleep(APART_MS)
  }
  return (1000 * (backend.cpuSeconds().loop - before)) / LOOKS
}
