// Texts a second of the detector's pool, cleaning and tokens included, beside a bare onnxruntime loop on the same cores.

import { availableCores } from '../dist/detector/cores.js'
import { createDetector } from '../dist/detector/create.js'
import { bareSeconds, MODEL, runsOf } from './bare.js'
import { benchTexts } from './texts.js'

const CLIENTS = 32
const ROUNDS = 3

export async function run() {
  const cores = availableCores()
  const texts = benchTexts(400)
  const runs = await runsOf(texts)
  const mean = runs.reduce((sum, ids) => sum + ids.length, 0) / texts.length
  console.log(
    `${texts.length} texts, ${mean.toFixed(0)} tokens on average, ${cores} cores, best of ${ROUNDS} rounds`,
  )
  const best = { bare: 0, pool: 0 }
  // Side by side, in turns: a busy neighbour then hurts both alike.
  for (let round = 0; round < ROUNDS; round++) {
    best.bare = Math.max(best.bare, texts.length / (await bareSeconds(runs, cores)).seconds)
    best.pool = Math.max(best.pool, texts.length / (await pool(texts, cores)))
  }
  console.log(`bare loop   ${best.bare.toFixed(1)} texts/s`)
  console.log(`detector    ${best.pool.toFixed(1)} texts/s`)
  console.log(`ratio       ${(best.pool / best.bare).toFixed(2)}`)
}

async function pool(texts, workers) {
  const detector = await createDetector({ model: MODEL, workers, deadline: 600 })
  const began = performance.now()
  let next = 0
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      for (let text = texts[next++]; text !== undefined; text = texts[next++])
        await detector.predict(text, { client: `${client}` })
    }),
  )
  const seconds = (performance.now() - began) / 1000
  await detector[Symbol.asyncDispose]()
  return seconds
}
