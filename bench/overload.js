// A real `fnd serve` under steady load, then under twice as many clients as its queue takes: nobody may be lost or left hanging.

import { availableCores } from '../dist/detector/cores.js'
import { startBackend } from './backend.js'
import { startClients } from './clients.js'
import { quantile } from './figures.js'
import { startProbes } from './probes.js'
import { benchTexts } from './texts.js'

const CLIENTS = 8
const SECONDS = Number(process.env.FND_BENCH_SECONDS ?? 60)
const OVERLOAD_SECONDS = 20
/** Seconds that an answer may take: the queue takes what fits in there. */
const DEADLINE = 3

export async function run() {
  const bodies = benchTexts(800).map((text) => JSON.stringify({ text }))
  const backend = await startBackend({ workers: availableCores(), deadline: DEADLINE })
  const clients = startClients()
  const phase = async (title, count, seconds) => {
    const probes = startProbes(backend.origin)
    const { answers } = await clients.send({
      origin: backend.origin,
      clients: count,
      path: '/predict',
      bodies,
      seconds,
    })
    report(title, answers, await probes.stop())
    return answers
  }
  try {
    const steady = await phase(`${CLIENTS} clients, ${SECONDS} s`, CLIENTS, SECONDS)
    const capacity = await capacityOf(backend.origin)
    const crowd = 2 * capacity
    const pressed = await phase(
      `${crowd} clients, queue for ${capacity}, ${OVERLOAD_SECONDS} s`,
      crowd,
      OVERLOAD_SECONDS,
    )
    const good =
      steady.every(({ status }) => status === 200) &&
      pressed.every(({ status, retryAfter }) => status === 200 || (status === 503 && Number(retryAfter) >= 1))
    console.log(good ? 'good: only 200, and under overload 503 with Retry-After' : 'NOT GOOD: see above')
    if (!good) process.exitCode = 1
  } finally {
    clients.stop()
    await backend.stop()
  }
}

function report(title, answers, { times, errors }) {
  const ms = (series, q) => `${quantile(series, q).toFixed(0)} ms`
  const count = (of) => answers.filter(of).length
  const latencies = answers.filter(({ status }) => status === 200).map(({ ms: took }) => took)
  const refused = count(({ status }) => status === 503)
  const other = count(({ status }) => ![200, 503, 0, -1].includes(status))
  console.log(title)
  console.log(
    `  answered  ${latencies.length} with 200: p50 ${ms(latencies, 0.5)}, p99 ${ms(latencies, 0.99)}`,
  )
  console.log(
    `  refused   ${refused} with 503, ${count(({ status, retryAfter }) => status === 503 && Number(retryAfter) >= 1)} of them with Retry-After`,
  )
  console.log(
    `  else      ${other} other statuses, ${count(({ status }) => status === 0)} lost, ${count(({ status }) => status === -1)} hung`,
  )
  console.log(
    `  /health   p50 ${ms(times['/health'], 0.5)}, p99 ${ms(times['/health'], 0.99)} meanwhile (${times['/health'].length} probes, ${errors} errors); /metrics p50 ${ms(times['/metrics'], 0.5)}`,
  )
}

/** Texts that may wait for a worker at the pace just learned. */
async function capacityOf(origin) {
  const text = await (await fetch(`${origin}/metrics`)).text()
  return Number(/^prediction_queue_capacity (\d+)/m.exec(text)?.[1])
}
