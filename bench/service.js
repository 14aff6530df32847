// Texts a second of a real `fnd serve` under 32 keep-alive clients, beside a bare onnxruntime loop on the same cores.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { availableCores } from '../dist/detector/cores.js'
import { packageRoot } from '../dist/package.js'
import { bareSeconds, runsOf } from './bare.js'
import { quantile } from './figures.js'
import { benchTexts } from './texts.js'

const CLIENTS = 32
const ROUNDS = 3
const TEXTS = 800
/** Milliseconds between two looks: at /health often, at /metrics fifteen times as often as Prometheus would. */
const EVERY = { '/health': 50, '/metrics': 1000 }

export async function run() {
  const cores = availableCores()
  const texts = benchTexts(TEXTS)
  const runs = await runsOf(texts)
  const mean = runs.reduce((sum, ids) => sum + ids.length, 0) / texts.length
  console.log(
    `${texts.length} texts, ${mean.toFixed(0)} tokens on average, ${cores} cores, ${cores} workers, ${CLIENTS} clients`,
  )
  const backend = await startBackend(cores)
  try {
    // The first round warms connections, code and caches, and is not counted.
    await load(backend, texts.slice(0, 200))
    const rounds = []
    for (let round = 0; round < ROUNDS; round++) {
      // In turns: a busy neighbour then hurts both alike.
      const bare = texts.length / (await bareSeconds(runs, cores))
      const served = await load(backend, texts)
      rounds.push({ bare, ...served })
      console.log(
        `round ${round + 1}     bare ${bare.toFixed(1)}/s, served ${served.rate.toFixed(1)}/s, ratio ${(served.rate / bare).toFixed(3)}`,
      )
    }
    report(rounds, backend)
  } finally {
    await backend.stop()
  }
}

function report(rounds, backend) {
  const all = (name) => rounds.flatMap((round) => round[name])
  const best = (name) => Math.max(...all(name))
  const ms = (series, q) => `${quantile(series, q).toFixed(1)} ms`
  const errors = all('errors').reduce((sum, count) => sum + count, 0)
  console.log(`bare loop   ${best('bare').toFixed(1)} texts/s (best round)`)
  console.log(`fnd serve   ${best('rate').toFixed(1)} texts/s (best round)`)
  console.log(`ratio       ${(best('rate') / best('bare')).toFixed(3)}`)
  console.log(`errors      ${errors}`)
  console.log(`/predict    p50 ${ms(all('latencies'), 0.5)}, p95 ${ms(all('latencies'), 0.95)}`)
  console.log(`/health     p99 ${ms(all('health'), 0.99)} meanwhile (${all('health').length} probes)`)
  console.log(`/metrics    p50 ${ms(all('metrics'), 0.5)}, p99 ${ms(all('metrics'), 0.99)} meanwhile`)
  console.log(`memory      ${(backend.residentBytes() / 2 ** 20).toFixed(0)} MiB resident in the backend`)
  console.log(
    `client      ${quantile(all('clientCpu'), 0.5).toFixed(2)} ms of CPU a request, ${(100 * quantile(all('clientShare'), 0.5)).toFixed(0)} % of one core: the loop has it, the service has not`,
  )
}

/** Every text once, each client one at a time; probes and scrapes run beside. */
async function load({ origin }, texts) {
  const pool = new Pool(origin, { connections: CLIENTS, pipelining: 1 })
  const beside = new Pool(origin, { connections: 2 })
  const latencies = []
  let errors = 0
  let next = 0
  const cpu = process.cpuUsage()
  const began = performance.now()
  let working = true
  const probe = async (path) => {
    const times = []
    while (working) {
      const before = performance.now()
      const { statusCode, body } = await beside.request({ path, method: 'GET' })
      await body.dump()
      if (statusCode !== 200) errors++
      times.push(performance.now() - before)
      await sleep(EVERY[path])
    }
    return times
  }
  const client = async () => {
    for (let text = texts[next++]; text !== undefined; text = texts[next++]) {
      const before = performance.now()
      const { statusCode, body } = await pool.request({
        path: '/predict',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text }),
      })
      await body.dump()
      if (statusCode !== 200) errors++
      latencies.push(performance.now() - before)
    }
  }
  const probes = Promise.all([probe('/health'), probe('/metrics')])
  await Promise.all(Array.from({ length: CLIENTS }, client))
  const seconds = (performance.now() - began) / 1000
  const used = process.cpuUsage(cpu)
  const cpuSeconds = (used.user + used.system) / 1e6
  working = false
  const [health, metrics] = await probes
  await Promise.all([pool.close(), beside.close()])
  return {
    rate: texts.length / seconds,
    latencies,
    errors,
    health,
    metrics,
    clientCpu: (1000 * cpuSeconds) / texts.length,
    clientShare: cpuSeconds / seconds,
  }
}

/** A real `fnd serve` in an empty home, on a port that the system chooses, once it is ready. */
async function startBackend(workers) {
  const home = mkdtempSync(join(tmpdir(), 'fnd-bench-'))
  const child = spawn(process.execPath, [join(packageRoot, 'bin/fnd.js'), 'serve'], {
    cwd: home,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      FND_PORTS_BACKEND: '0',
      FND_BACKEND_WORKERS: String(workers),
      FND_BACKEND_DEADLINE: '60',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let log = ''
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (piece) => {
      if (log.includes('"ready"')) return
      log += piece
      if (log.includes('"ready"')) resolve()
    })
    child.once('exit', () => reject(new Error(`the backend ended:\n${log}`)))
  })
  return {
    origin: /http:\/\/[\d.]+:\d+/.exec(log)?.[0],
    residentBytes: () =>
      1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]),
    async stop() {
      child.kill('SIGTERM')
      await ended
      rmSync(home, { recursive: true, force: true })
    },
  }
}
