// Texts a second of a real `fnd serve` under 32 keep-alive clients, beside a bare onnxruntime loop on the same cores.
//
// The bare loop is the obvious good one: onnxruntime's own settings but for one thread without spinning, glibc's own malloc.
// The service has the environment that the supervisor and the image give it (src/detector/allocator.ts): it saves memory.

import { availableCores } from '../dist/detector/cores.js'
import { startBackend } from './backend.js'
import { bareSeconds, runsOf } from './bare.js'
import { startClients } from './clients.js'
import { quantile } from './figures.js'
import { startProbes } from './probes.js'
import { benchTexts } from './texts.js'

const CLIENTS = 32
const WARMING = 3
const ROUNDS = Number(process.env.FND_BENCH_ROUNDS ?? 5)
const TEXTS = 800

export async function run() {
  const cores = availableCores()
  const texts = benchTexts(TEXTS)
  const runs = await runsOf(texts)
  const mean = runs.reduce((sum, ids) => sum + ids.length, 0) / texts.length
  console.log(
    `${texts.length} texts, ${mean.toFixed(0)} tokens on average, ${cores} cores, ${cores} workers, ${CLIENTS} clients`,
  )
  const backend = await startBackend({ workers: cores, deadline: 60 })
  const clients = startClients()
  try {
    // Not counted: connections and caches get warm, and V8 compiles what it has seen some thousand times.
    for (let round = 0; round < WARMING; round++) await load(backend, clients, texts)
    const rounds = []
    for (let round = 0; round < ROUNDS; round++) {
      // In turns: a busy neighbour then hurts both alike.
      const { seconds, cpuSeconds } = await bareSeconds(runs, cores)
      const bare = { rate: texts.length / seconds, cpu: (1000 * cpuSeconds) / texts.length }
      const served = await load(backend, clients, texts)
      rounds.push({ bare: bare.rate, bareCpu: bare.cpu, ...served })
      console.log(
        `round ${round + 1}     bare ${bare.rate.toFixed(1)}/s, served ${served.rate.toFixed(1)}/s, ratio ${(served.rate / bare.rate).toFixed(3)}`,
      )
    }
    // Not counted: looking at it costs what it looks at.
    const probes = startProbes(backend.origin)
    await load(backend, clients, texts)
    report(rounds, await probes.stop(), backend)
  } finally {
    clients.stop()
    await backend.stop()
  }
}

function report(rounds, probed, backend) {
  const all = (name) => rounds.flatMap((round) => round[name])
  const best = (name) => Math.max(...all(name))
  const ms = (series, q) => `${quantile(series, q).toFixed(1)} ms`
  const mean = (name) => all(name).reduce((sum, value) => sum + value, 0) / rounds.length
  const cpu = (part) => rounds.reduce((sum, round) => sum + round.cpu[part], 0) / rounds.length
  const parts = ['inference', 'loop', 'other', 'clients'].map((part) => `${part} ${cpu(part).toFixed(2)}`)
  const total = ['inference', 'loop', 'other', 'clients'].reduce((sum, part) => sum + cpu(part), 0)
  console.log(`bare loop   ${best('bare').toFixed(1)} texts/s (best round)`)
  console.log(`fnd serve   ${best('rate').toFixed(1)} texts/s (best round)`)
  console.log(
    `ratio       ${(best('rate') / best('bare')).toFixed(3)} (best), ${(mean('rate') / mean('bare')).toFixed(3)} (mean)`,
  )
  console.log(
    `CPU a text  bare ${mean('bareCpu').toFixed(2)} ms; served ${total.toFixed(2)} ms: ${parts.join(', ')}; ratio ${(mean('bareCpu') / total).toFixed(3)}`,
  )
  console.log(`errors      ${all('errors').reduce((sum, count) => sum + count, probed.errors)}`)
  console.log(`/predict    p50 ${ms(all('latencies'), 0.5)}, p95 ${ms(all('latencies'), 0.95)}`)
  const { '/health': health, '/metrics': metrics } = probed.times
  console.log(`/health     p99 ${ms(health, 0.99)} in one more round (${health.length} probes)`)
  console.log(`/metrics    p50 ${ms(metrics, 0.5)}, p99 ${ms(metrics, 0.99)} in that round`)
  console.log(`memory      ${(backend.residentBytes() / 2 ** 20).toFixed(0)} MiB resident in the backend`)
}

/** Every text once, each client one at a time. */
async function load(backend, clients, texts) {
  const before = backend.cpuSeconds()
  const { answers, seconds, cpuSeconds } = await clients.send({
    origin: backend.origin,
    clients: CLIENTS,
    path: '/predict',
    bodies: texts.map((text) => JSON.stringify({ text })),
  })
  const after = backend.cpuSeconds()
  const each = (s) => (1000 * s) / texts.length
  return {
    rate: texts.length / seconds,
    latencies: answers.map(({ ms }) => ms),
    errors: answers.filter(({ status }) => status !== 200).length,
    cpu: {
      inference: each(after.inference - before.inference),
      loop: each(after.loop - before.loop),
      other: each(after.other - before.other),
      clients: each(cpuSeconds),
    },
  }
}
